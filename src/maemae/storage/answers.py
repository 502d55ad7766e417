"""Answers given to requests that carry a key: the same request is answered alike, and once."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Executable, delete, select, update

from maemae.domain.errors import InvalidValueError
from maemae.storage.people.reading import rows
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import answers
from maemae.storage.upsert import insert_missing


class Given(NamedTuple):
    """
    The answer to a request.

    Attributes:
        status: Of HTTP.
        body: As it was sent.
    """

    status: int
    body: bytes


class Answers:
    """
    The table of answers.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where it is.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def begin(
        self, user_id: str, key: str, request_hash: bytes, now: int, patience: int
    ) -> bool | Given:
        """
        Return the answer given before; otherwise whether the request is the caller's to answer.

        It is not while another process answers it, until that has had its time.

        Args:
            user_id: Who asks.
            key: Of the request, chosen by who asks.
            request_hash: Of what is asked.
            now: Wall time [ns, UTC].
            patience: How long whoever began may take [ns].

        Raises:
            InvalidValueError: Another request has the key.
        """
        mine = (answers.c.user_id == user_id, answers.c.key == key)
        row = {"user_id": user_id, "key": key, "request_hash": request_hash, "asked_at": now}
        taking_over = update(answers).where(
            *mine, answers.c.status.is_(None), answers.c.asked_at <= now - patience
        )

        def begin(connection: Connection) -> bool | Given:
            missing = insert_missing(connection.dialect.name, answers).returning(answers.c.key)
            if connection.execute(missing, row).one_or_none() is not None:
                return True
            found = connection.execute(select(answers).where(*mine)).one()
            if found.request_hash != request_hash:
                raise InvalidValueError(
                    f"멱등 키 {key} 은(는) 다른 요청에 이미 쓰였습니다. 새 키로 보내세요.",
                    f"The Idempotency-Key {key} belongs to another request. Use a new one.",
                )
            if found.status is not None:
                return Given(found.status, found.body)
            return connection.execute(taking_over, {"asked_at": now}).rowcount == 1

        return self._store.writer.run(begin, is_aside=True)

    def find(self, user_id: str, key: str, request_hash: bytes) -> Given | None:
        """Return the answer given to this very request; None if there is none, or not yet."""
        query = select(answers.c.status, answers.c.body).where(
            answers.c.user_id == user_id,
            answers.c.key == key,
            answers.c.request_hash == request_hash,
            answers.c.status.is_not(None),
        )
        found = rows(self._store.reading, query)
        return Given(found[0]["status"], found[0]["body"]) if found else None

    def finish(self, user_id: str, key: str, given: Given) -> None:
        """Keep an answer."""
        statement = update(answers).where(answers.c.user_id == user_id, answers.c.key == key)
        values = {"status": given.status, "body": given.body}
        self._run(statement.values(values))

    def keep(self, user_id: str, key: str, request_hash: bytes, at: int, given: Given) -> None:
        """Keep an answer that nobody announced; one that is kept under the key already stays."""
        row = {
            "user_id": user_id,
            "key": key,
            "request_hash": request_hash,
            "asked_at": at,
            "status": given.status,
            "body": given.body,
        }
        self._run(insert_missing(self._store.reading.dialect.name, answers).values(row))

    def forget(self, user_id: str, key: str) -> None:
        """Let a request that came to nothing be asked again."""
        statement = delete(answers).where(
            answers.c.user_id == user_id, answers.c.key == key, answers.c.status.is_(None)
        )
        self._run(statement)

    def forget_old(self, before: int) -> None:
        """Drop what was asked before an instant [ns, UTC]."""
        statement = delete(answers).where(answers.c.asked_at < before)
        self._run(statement)

    def _run(self, statement: Executable) -> None:
        self._store.writer.run(lambda connection: connection.execute(statement), is_aside=True)
