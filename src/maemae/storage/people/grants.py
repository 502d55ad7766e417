"""Which accounts somebody was granted."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from maemae.domain.ids import AccountId
from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import account_grants
from maemae.storage.upsert import insert_missing


class Grants:
    """
    The table of grants.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def of(self, user_id: str) -> frozenset[AccountId]:
        """Return the accounts that somebody was granted."""
        with connected(self._store.reading) as connection:
            return accounts_of(connection, user_id)

    def grant(self, user_id: str, account_id: AccountId, by: str, at: int) -> None:
        """Grant an account; again is the same."""
        row = {
            "user_id": user_id,
            "account_id": account_id,
            "granted_by": by,
            "granted_at": at,
        }
        self._store.writer.run(
            lambda connection: connection.execute(
                insert_missing(connection.dialect.name, account_grants).values(row)
            )
        )

    def withdraw(self, user_id: str, account_id: AccountId) -> bool:
        """Take an account away; False if it was not granted."""
        statement = delete(account_grants).where(
            account_grants.c.user_id == user_id, account_grants.c.account_id == account_id
        )
        return self._store.writer.run(
            lambda connection: connection.execute(statement).rowcount == 1
        )


def accounts_of(connection: Connection, user_id: str) -> frozenset[AccountId]:
    """Return the accounts that somebody was granted."""
    query = select(account_grants.c.account_id).where(account_grants.c.user_id == user_id)
    return frozenset(AccountId(found) for found in connection.execute(query).scalars())
