"""Networks from which people may come at all; an empty table lets everybody."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select

from maemae.storage.people.reading import rows
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import allowed_addresses
from maemae.storage.upsert import upsert


class AllowedAddress(msgspec.Struct, frozen=True):
    """
    A network.

    Attributes:
        network: CIDR.
        note: Why, for people.
    """

    network: str
    note: str
    made_by: str
    made_at: int


class AllowedAddresses:
    """
    The table of networks.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def everything(self) -> list[AllowedAddress]:
        """Return them, by network."""
        query = select(allowed_addresses).order_by(allowed_addresses.c.network)
        return [AllowedAddress(**row) for row in rows(self._store.reading, query)]

    def put(self, allowed: AllowedAddress) -> None:
        """Allow a network; again changes its note."""
        row = msgspec.structs.asdict(allowed)
        columns = ("note", "made_by", "made_at")
        self._store.writer.run(
            lambda connection: connection.execute(
                upsert(connection.dialect.name, allowed_addresses, columns).values(row)
            )
        )

    def remove(self, network: str) -> bool:
        """Allow a network no longer; False if it was not allowed."""
        statement = delete(allowed_addresses).where(allowed_addresses.c.network == network)
        return self._store.writer.run(
            lambda connection: connection.execute(statement).rowcount == 1
        )
