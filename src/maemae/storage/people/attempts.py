"""Wrong passwords and codes, counted by person and by address; a restart forgets none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, case, delete, func, select, update

from maemae.domain.instant import HOUR
from maemae.storage.audit import AuditEntry, append
from maemae.storage.people.reading import rows
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import failed_addresses, users
from maemae.storage.upsert import insert_missing

_REMEMBERED: Final = HOUR  # of an address

Pause = Callable[[int], int]
"""How long to wait after so many failures in a row [ns]; 0 for not at all."""


class Attempts:
    """
    Who failed how often.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where it is counted.
        person: How long somebody waits.
        address: How long an address waits.
    """

    def __init__(self, store: ServerStore, person: Pause, address: Pause) -> None:
        self._store = store
        self._person = person
        self._address = address

    def blocked_until(self, address: str) -> int:
        """Return until when nobody gets in from an address [ns, UTC]; 0 if it is not blocked."""
        query = select(failed_addresses.c.blocked_until).where(
            failed_addresses.c.address == address
        )
        found = rows(self._store.reading, query)
        return (found[0]["blocked_until"] or 0) if found else 0

    def fail(self, user_id: str, address: str, entry: AuditEntry) -> None:
        """
        Count a failure and record it; the same work is done for a person that there is not.

        Args:
            user_id: Whose name was given.
            address: Where it came from.
            entry: What is recorded, with its time.
        """

        def count(connection: Connection) -> None:
            self._count_person(connection, user_id, entry.at)
            self._count_address(connection, address, entry.at)
            append(connection, entry)

        self._store.writer.run(count)

    def succeed(self, user_id: str) -> None:
        """
        Forget the failures of a person who got in.

        Those of the address stay for their time: whoever has one account could otherwise guess
        at the others for ever.
        """
        nothing = {"failures": 0, "locked_until": None}
        forget = update(users).where(users.c.user_id == user_id).values(nothing)
        self._store.writer.run(lambda connection: connection.execute(forget))

    def forget_old(self, before: int) -> None:
        """Drop addresses that did not fail since."""
        old = delete(failed_addresses).where(failed_addresses.c.last_at < before)
        self._store.writer.run(lambda connection: connection.execute(old))

    def _count_person(self, connection: Connection, user_id: str, at: int) -> None:
        person = update(users).where(users.c.user_id == user_id)
        counted = person.values(failures=func.coalesce(users.c.failures, 0) + 1)
        failures = connection.execute(counted.returning(users.c.failures)).scalar()
        pause = self._person(failures or 0)
        if pause:
            connection.execute(person.values(locked_until=at + pause))

    def _count_address(self, connection: Connection, address: str, at: int) -> None:
        # The update locks the row, so that two processes do not count one failure for two.
        row = {"address": address, "failures": 0, "last_at": at}
        dialect = connection.dialect.name
        connection.execute(insert_missing(dialect, failed_addresses).values(row))
        kept = update(failed_addresses).where(failed_addresses.c.address == address)
        before = failed_addresses.c.failures
        is_recent = failed_addresses.c.last_at > at - _REMEMBERED
        counted = kept.values(failures=case((is_recent, before + 1), else_=1), last_at=at)
        failures = connection.execute(counted.returning(before)).scalar_one()
        pause = self._address(failures)
        if pause:
            connection.execute(kept.values(blocked_until=at + pause))
