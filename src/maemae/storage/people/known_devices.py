"""
Devices with which somebody got in before, each with its own count of failures.

Whoever does not carry the mark of such a device is counted by the name alone. A stranger who
guesses at a name so makes other strangers wait, and not its owner.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from maemae.storage.audit import AuditEntry, append
from maemae.storage.people.attempts import Pause
from maemae.storage.people.reading import rows
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import known_devices
from maemae.storage.upsert import upsert

_TABLE: Final = known_devices.c


class KnownDevice(msgspec.Struct, frozen=True):
    """
    A device of somebody.

    Attributes:
        mark_hash: Of the secret that its browser keeps.
        paused_until: Until when nobody gets in with it, after failures [ns, UTC].
    """

    mark_hash: bytes
    paused_until: int | None

    def is_paused(self, now: int) -> bool:
        """Whether it must wait after too many failures."""
        return self.paused_until is not None and now < self.paused_until


class KnownDevices:
    """
    The table of devices.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
        pause: How long somebody waits after failures.
    """

    def __init__(self, store: ServerStore, pause: Pause) -> None:
        self._store = store
        self._pause = pause

    def find(self, user_id: str, mark_hash: bytes) -> KnownDevice | None:
        """Return a device of somebody; None if they never got in with it."""
        query = select(_TABLE.mark_hash, _TABLE.paused_until).where(
            _TABLE.user_id == user_id, _TABLE.mark_hash == mark_hash
        )
        found = rows(self._store.reading, query)
        return KnownDevice(**found[0]) if found else None

    def is_known(self, mark_hash: bytes) -> bool:
        """Whether anybody got in with a device."""
        query = select(_TABLE.mark_hash).where(_TABLE.mark_hash == mark_hash).limit(1)
        return bool(rows(self._store.reading, query))

    def succeed(self, user_id: str, mark_hash: bytes, at: int) -> None:
        """Note that somebody got in with a device; its failures are forgotten."""
        row = {
            "mark_hash": mark_hash,
            "user_id": user_id,
            "seen_at": at,
            "failures": 0,
            "paused_until": None,
        }
        columns = ("seen_at", "failures", "paused_until")
        self._store.writer.run(
            lambda connection: connection.execute(
                upsert(connection.dialect.name, known_devices, columns).values(row)
            )
        )

    def fail(self, user_id: str, mark_hash: bytes, entry: AuditEntry) -> None:
        """Count a failure of a device, and record it; the entry has its time."""
        mine = update(known_devices).where(_TABLE.user_id == user_id, _TABLE.mark_hash == mark_hash)
        counted = mine.values(failures=_TABLE.failures + 1).returning(_TABLE.failures)

        def count(connection: Connection) -> None:
            pause = self._pause(connection.execute(counted).scalar() or 0)
            if pause:
                connection.execute(mine.values(paused_until=entry.at + pause))
            append(connection, entry)

        self._store.writer.run(count)

    def forgive(self, user_id: str) -> None:
        """Forget the failures of every device of somebody."""
        mine = update(known_devices).where(_TABLE.user_id == user_id)
        nothing = mine.values(failures=0, paused_until=None)
        self._store.writer.run(lambda connection: connection.execute(nothing))

    def forget_old(self, before: int) -> None:
        """Drop devices that nobody got in with since."""
        old = delete(known_devices).where(_TABLE.seen_at < before)
        self._store.writer.run(lambda connection: connection.execute(old))
