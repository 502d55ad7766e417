"""Codes for whoever lost the second factor, each good once; only their hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from maemae.storage.people.reading import rows
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import recovery_codes


class RecoveryCodes:
    """
    The table of recovery codes.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def put(self, user_id: str, hashes: Sequence[bytes], at: int) -> None:
        """Give somebody new codes; the old ones are good no longer."""
        made = [{"user_id": user_id, "code_hash": each, "made_at": at} for each in hashes]

        def put(connection: Connection) -> None:
            connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
            connection.execute(insert(recovery_codes), made)

        self._store.writer.run(put)

    def use(self, user_id: str, code_hash: bytes, at: int) -> bool:
        """Use a code up; False if it is not theirs or was used before."""
        statement = (
            update(recovery_codes)
            .where(
                recovery_codes.c.user_id == user_id,
                recovery_codes.c.code_hash == code_hash,
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=at)
        )
        return self._store.writer.run(
            lambda connection: connection.execute(statement).rowcount == 1
        )

    def left(self, user_id: str) -> int:
        """Return how many codes are still good."""
        query = select(func.count().label("good")).where(
            recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None)
        )
        (found,) = rows(self._store.reading, query)
        return int(found["good"])
