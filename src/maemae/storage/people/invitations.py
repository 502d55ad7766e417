"""One-time links, by which people are made; only their hashes are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from maemae.storage.people.reading import rows
from maemae.storage.people.users import put_permissions
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import Permission, invitations, users
from maemae.storage.upsert import insert_missing


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """
    A link that can be used.

    Attributes:
        user_id: Who will be made of it.
        role: What they will be.
        made_by: Who invited; None for maemae itself, at the first start.
    """

    secret_hash: bytes
    user_id: str
    role: str
    made_by: str | None
    made_at: int
    expires_at: int


_COLUMNS: Final = tuple(invitations.c[name] for name in Invitation.__struct_fields__)


class Invitations:
    """
    The table of one-time links.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def make(self, invitation: Invitation) -> None:
        """Keep a new link; earlier ones for the same person are good no longer."""
        row = msgspec.structs.asdict(invitation)
        earlier = update(invitations).where(
            invitations.c.user_id == invitation.user_id, invitations.c.used_at.is_(None)
        )

        def make(connection: Connection) -> None:
            connection.execute(earlier.values(used_at=invitation.made_at))
            connection.execute(insert(invitations).values(row))

        self._store.writer.run(make)

    def find(self, secret_hash: bytes, now: int) -> Invitation | None:
        """Return the invitation of a link; None if it is no good."""
        query = select(*_COLUMNS).where(
            invitations.c.secret_hash == secret_hash,
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > now,
        )
        found = rows(self._store.reading, query)
        return Invitation(**found[0]) if found else None

    def accept(
        self,
        invitation: Invitation,
        user_id: str,
        password_hash: str,
        granted: Iterable[Permission],
        at: int,
    ) -> bool:
        """Make a person of a link; False if it was used meanwhile or the name is taken."""
        words = list(granted)
        again = update(invitations).where(invitations.c.secret_hash == invitation.secret_hash)
        use = again.where(invitations.c.used_at.is_(None))
        blank = {"user_id": user_id, "is_locked": False}
        # The owner of an executor has a row before anybody logs in.
        fill = update(users).where(
            users.c.user_id == user_id,
            users.c.password_hash.is_(None),
            users.c.deleted_at.is_(None),
        )

        def accept(connection: Connection) -> bool:
            if connection.execute(use.values(used_at=at)).rowcount != 1:
                return False
            connection.execute(insert_missing(connection.dialect.name, users).values(blank))
            first = func.coalesce(users.c.made_at, at)
            filled = fill.values(password_hash=password_hash, made_at=first, failures=0)
            if connection.execute(filled).rowcount != 1:
                connection.execute(again.values(used_at=None))
                return False
            put_permissions(connection, user_id, words, at)
            return True

        return self._store.writer.run(accept)
