"""Which accounts are armed for real orders, by whom and until when."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import ColumnElement, insert, select, update

from maemae.domain.ids import AccountId
from maemae.storage.people.reading import rows
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import armings


class Arming(msgspec.Struct, frozen=True):
    """
    An account that is armed.

    Attributes:
        armed_at, expires_at: From when until when [ns, UTC].
    """

    account_id: AccountId
    armed_by: str
    armed_at: int
    expires_at: int


_COLUMNS: Final = tuple(armings.c[name] for name in Arming.__struct_fields__)


class Armings:
    """
    The table of armings.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def arm(self, arming: Arming) -> None:
        """Arm an account."""
        row = msgspec.structs.asdict(arming)
        self._store.writer.run(lambda connection: connection.execute(insert(armings).values(row)))

    def find(self, account_id: AccountId, now: int) -> Arming | None:
        """Return the arming of an account that lasts longest; None if it is not armed."""
        query = (
            select(*_COLUMNS)
            .where(_is_live(account_id, now))
            .order_by(armings.c.expires_at.desc())
            .limit(1)
        )
        found = rows(self._store.reading, query)
        return Arming(**found[0]) if found else None

    def is_armed(self, account_id: AccountId, now: int) -> bool:
        """Whether real orders may be sent to an account."""
        return self.find(account_id, now) is not None

    def disarm(self, account_id: AccountId, by: str, at: int) -> bool:
        """Disarm an account; False if it was not armed."""
        statement = update(armings).where(_is_live(account_id, at))
        disarmed = statement.values(disarmed_at=at, disarmed_by=by)
        return self._store.writer.run(lambda connection: connection.execute(disarmed).rowcount > 0)


def _is_live(account_id: AccountId, now: int) -> ColumnElement[bool]:
    return (
        (armings.c.account_id == account_id)
        & armings.c.disarmed_at.is_(None)
        & (armings.c.expires_at > now)
    )
