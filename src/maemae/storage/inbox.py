"""Commands that wait for the executor, each taken once however often it is posted."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, select, update
from sqlalchemy import text as sql

from maemae.domain.errors import InvalidValueError
from maemae.storage.tables.journal import WAITING, inbox
from maemae.storage.tables.metadata import Progress
from maemae.storage.upsert import insert_missing
from maemae.storage.writer import Writer

_CONTENT: Final = (inbox.c.key, inbox.c.who, inbox.c.kind, inbox.c.body, inbox.c.posted_at)


class PostedCommand(NamedTuple):
    """
    One command as it was posted.

    Attributes:
        key: Chosen by whoever posts it; the same wish has the same key.
        who: The person it comes from.
        kind: What the body is.
        body: The command itself, in the poster's and the executor's own code.
        posted_at: Wall time [ns, UTC].
    """

    key: str
    who: str
    kind: str
    body: bytes
    posted_at: int


class TakenCommand(NamedTuple):
    """
    What became of a posted command.

    Attributes:
        seq: Record of the input that it became; None if it became none.
        answer: For who posted it, in the executor's own code; None before there is one.
    """

    status: Progress
    seq: int | None
    answer: str | None


class Inbox:
    """
    The queue of commands of one executor.

    Everything blocks, and raises StorageError if the store cannot be read or written.

    Args:
        writer: Its chores' lane is used.
        executor_id: Whose queue it is.
    """

    def __init__(self, writer: Writer, executor_id: int) -> None:
        self._writer = writer
        self._mine = inbox.c.executor_id == executor_id
        self._executor_id = executor_id

    def post(self, command: PostedCommand) -> bool:
        """
        Queue a command durably; False if it was queued before.

        Raises:
            InvalidValueError: Another command has its key.
        """

        def post(connection: Connection) -> bool:
            row: dict[str, Any] = command._asdict()
            row |= {"executor_id": self._executor_id, "status": Progress.PENDING.value}
            missing = insert_missing(connection.dialect.name, inbox).returning(inbox.c.key)
            if connection.execute(missing, row).one_or_none() is not None:
                return True
            found = connection.execute(
                select(*_CONTENT).where(self._mine, inbox.c.key == command.key)
            ).one()
            _require_same(PostedCommand(*found), command)
            return False

        return self._writer.run(post)

    def pending(self) -> tuple[PostedCommand, ...]:
        """Return the commands that nobody has taken, oldest first."""
        query = select(*_CONTENT).where(self._mine, sql(WAITING)).order_by(inbox.c.place)
        return self._writer.run(
            lambda connection: tuple(PostedCommand(*row) for row in connection.execute(query))
        )

    def take(self, key: str) -> bool:
        """Begin with a command, so that nobody withdraws it; False if it waits no more."""
        statement = update(inbox).where(self._mine, inbox.c.key == key, sql(WAITING))
        values = {"status": Progress.RUNNING.value}
        return self._writer.run(
            lambda connection: connection.execute(statement, values).rowcount == 1
        )

    def put_back(self) -> None:
        """Let everything wait again that was begun with and came to nothing that is durable."""
        statement = update(inbox).where(self._mine, inbox.c.status == Progress.RUNNING.value)
        values = {"status": Progress.PENDING.value}
        self._writer.run(lambda connection: connection.execute(statement, values))

    def refuse(self, key: str, answer: str) -> bool:
        """Tell a command refused, with the sentence for who posted it; False if it is taken."""
        statement = update(inbox).where(self._mine, inbox.c.key == key, sql(WAITING))
        values = {"status": Progress.REFUSED.value, "answer": answer}
        return self._writer.run(
            lambda connection: connection.execute(statement, values).rowcount == 1
        )

    def answer(self, key: str, answer: str) -> None:
        """Keep what a command came to, for who posted it; it waits no more."""
        statement = update(inbox).where(self._mine, inbox.c.key == key)
        values = {"status": Progress.DONE.value, "answer": answer}
        self._writer.run(lambda connection: connection.execute(statement, values))

    def forget(self, key: str) -> None:
        """Drop a question whose answer was read; nothing was done because of it."""
        statement = delete(inbox).where(self._mine, inbox.c.key == key, inbox.c.seq.is_(None))
        self._writer.run(lambda connection: connection.execute(statement))

    def find(self, key: str) -> TakenCommand | None:
        """Return what became of a command; None if it was never posted."""
        query = select(inbox.c.status, inbox.c.seq, inbox.c.answer).where(
            self._mine, inbox.c.key == key
        )
        row = self._writer.run(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else TakenCommand(Progress(row.status), row.seq, row.answer)


def _require_same(found: PostedCommand, told: PostedCommand) -> None:
    if (found.who, found.kind, found.body) != (told.who, told.kind, told.body):
        raise InvalidValueError(
            f"명령 번호 {told.key} 은(는) 다른 명령에 이미 쓰였습니다. 새 번호로 보내세요.",
            f"The key {told.key} belongs to another command. Use a new one.",
        )
