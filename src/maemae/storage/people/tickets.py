"""Tickets for sockets, each good once and for a moment, bound to the login that asked."""

from __future__ import annotations

from sqlalchemy import insert, update

from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import tickets


class Tickets:
    """
    The table of tickets.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def issue(self, secret_hash: bytes, login_hash: bytes, at: int, expires_at: int) -> None:
        """Keep a new ticket."""
        row = {
            "secret_hash": secret_hash,
            "login_hash": login_hash,
            "made_at": at,
            "expires_at": expires_at,
        }
        issued = insert(tickets).values(row)
        self._store.writer.run(lambda connection: connection.execute(issued), is_aside=True)

    def use(self, secret_hash: bytes, login_hash: bytes, now: int) -> bool:
        """Use a ticket of a login up; False if it is no good, or of another login."""
        unused = update(tickets).where(
            tickets.c.secret_hash == secret_hash,
            tickets.c.login_hash == login_hash,
            tickets.c.used_at.is_(None),
            tickets.c.expires_at > now,
        )
        used = unused.values(used_at=now)
        return self._store.writer.run(
            lambda connection: connection.execute(used).rowcount == 1, is_aside=True
        )
