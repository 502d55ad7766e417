"""Tickets for sockets, each good once and for a moment, bound to the login that asked."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

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
        self._store.writer.run(lambda connection: connection.execute(insert(tickets).values(row)))

    def use(self, secret_hash: bytes, now: int) -> bytes | None:
        """Use a ticket up; return the hash of its login, None if it is no good."""
        mine = tickets.c.secret_hash == secret_hash
        unused = update(tickets).where(
            mine, tickets.c.used_at.is_(None), tickets.c.expires_at > now
        )
        whose = select(tickets.c.login_hash).where(mine)

        def use(connection: Connection) -> bytes | None:
            if connection.execute(unused.values(used_at=now)).rowcount != 1:
                return None
            login_hash: bytes = connection.execute(whose).scalar_one()
            return login_hash

        return self._store.writer.run(use)
