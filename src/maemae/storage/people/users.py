"""Who may enter; a person that is deleted leaves the name behind, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Update,
    delete,
    insert,
    or_,
    select,
    update,
)

from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import (
    Permission,
    account_grants,
    known_devices,
    logins,
    permissions,
    recovery_codes,
    tokens,
    users,
)


class User(msgspec.Struct, frozen=True):
    """
    A person.

    Attributes:
        password_hash: None cannot log in with a password.
        totp_secret: Sealed; None without a second factor.
        totp_pending: Sealed; a second factor that was not confirmed yet.
        totp_step: Last step of 30 s whose code was used.
        is_locked: By an administrator, until one unlocks it.
        failures: Wrong passwords and codes in a row.
        locked_until: Because of them [ns, UTC].
        subject: Who they are to the outside issuer of tokens.
        permissions: What they may do.
    """

    user_id: str
    password_hash: str | None
    totp_secret: bytes | None
    totp_pending: bytes | None
    totp_step: int | None
    is_locked: bool
    failures: int | None
    locked_until: int | None
    subject: str | None
    made_at: int | None
    permissions: frozenset[Permission]

    def is_paused(self, now: int) -> bool:
        """Whether they must wait after too many failures."""
        return self.locked_until is not None and now < self.locked_until


_NOT_DELETED: Final = users.c.deleted_at.is_(None)
_FIELDS: Final = tuple(users.c[name] for name in User.__struct_fields__ if name != "permissions")


class Users:
    """
    The table of users, with their permissions.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def find(self, user_id: str) -> User | None:
        """Return a person; None if there is none, or no longer."""
        return self._find(users.c.user_id == user_id)

    def find_by_subject(self, subject: str) -> User | None:
        """Return whom the outside issuer of tokens calls so."""
        return self._find(users.c.subject == subject)

    def everybody(self) -> list[User]:
        """Return everybody, by name."""
        query = select(*_FIELDS).where(_NOT_DELETED).order_by(users.c.user_id)
        with connected(self._store.reading) as connection:
            found = connection.execute(query).mappings().all()
            return [_user(connection, row) for row in found]

    def has_administrator(self) -> bool:
        """Whether somebody who may do everything can log in."""
        query = (
            select(users.c.user_id)
            .join(permissions)
            .where(
                _NOT_DELETED,
                users.c.password_hash.is_not(None),
                permissions.c.permission == Permission.ADMINISTER.value,
            )
        )
        with connected(self._store.reading) as connection:
            return connection.execute(query).first() is not None

    def is_known(self, user_id: str) -> bool:
        """Whether a name belongs to somebody, or did."""
        known = or_(users.c.password_hash.is_not(None), users.c.deleted_at.is_not(None))
        query = select(users.c.user_id).where(users.c.user_id == user_id, known)
        with connected(self._store.reading) as connection:
            return connection.execute(query).first() is not None

    def set_password(self, user_id: str, password_hash: str, instead_of: str | None) -> bool:
        """Take a new password in place of a known one; False if it was another by then."""
        same = users.c.password_hash == instead_of
        return self._change(_of(user_id).where(same), password_hash=password_hash)

    def set_locked(self, user_id: str, *, is_locked: bool) -> bool:
        """Lock somebody out, or let them in again and forget their failures."""
        return self._change(_of(user_id), is_locked=is_locked, failures=0, locked_until=None)

    def set_subject(self, user_id: str, subject: str | None) -> bool:
        """Say who they are to the outside issuer of tokens; False if they are gone."""
        return self._change(_of(user_id), subject=subject)

    def set_permissions(self, user_id: str, granted: Iterable[Permission], at: int) -> bool:
        """Give exactly these permissions; False if they are gone."""
        words = list(granted)

        def change(connection: Connection) -> bool:
            if connection.execute(select(users.c.user_id).where(is_user(user_id))).first() is None:
                return False
            put_permissions(connection, user_id, words, at)
            return True

        return self._store.writer.run(change)

    def forget_password(self, user_id: str, at: int) -> bool:
        """Take a password away and end every login; a one-time link gives a new one."""

        def forget(connection: Connection) -> bool:
            connection.execute(_alive_logins(user_id).values(ended_at=at))
            return connection.execute(_of(user_id).values(password_hash=None)).rowcount == 1

        return self._store.writer.run(forget)

    def delete(self, user_id: str, at: int) -> bool:
        """Delete somebody: no way in is left. The name is never given to another."""
        gone = {
            "password_hash": None,
            "totp_secret": None,
            "totp_pending": None,
            "subject": None,
            "deleted_at": at,
        }

        def leave(connection: Connection) -> bool:
            if connection.execute(_of(user_id).values(gone)).rowcount != 1:
                return False
            for table in (permissions, account_grants, recovery_codes, known_devices):
                connection.execute(delete(table).where(table.c.user_id == user_id))
            connection.execute(_alive_logins(user_id).values(ended_at=at))
            alive = update(tokens).where(tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None))
            connection.execute(alive.values(revoked_at=at))
            return True

        return self._store.writer.run(leave)

    def _find(self, where: ColumnElement[bool]) -> User | None:
        with connected(self._store.reading) as connection:
            return read_user(connection, where)

    def _change(self, statement: Update, **values: object) -> bool:
        return self._store.writer.run(
            lambda connection: connection.execute(statement.values(**values)).rowcount == 1
        )


def read_user(connection: Connection, where: ColumnElement[bool]) -> User | None:
    """Return the one person, not deleted, for whom a condition holds; None if there is none."""
    query = select(*_FIELDS).where(where, _NOT_DELETED)
    row = connection.execute(query).mappings().first()
    return None if row is None else _user(connection, row)


def _user(connection: Connection, row: RowMapping) -> User:
    query = select(permissions.c.permission).where(permissions.c.user_id == row["user_id"])
    granted = frozenset(Permission(word) for word in connection.execute(query).scalars())
    return User(**row, permissions=granted)


def put_permissions(
    connection: Connection, user_id: str, granted: Sequence[Permission], at: int
) -> None:
    """Give exactly these permissions."""
    connection.execute(delete(permissions).where(permissions.c.user_id == user_id))
    for permission in granted:
        row = {"user_id": user_id, "permission": permission.value, "granted_at": at}
        connection.execute(insert(permissions).values(row))


def _alive_logins(user_id: str) -> Update:
    return update(logins).where(logins.c.user_id == user_id, logins.c.ended_at.is_(None))


def is_user(user_id: str) -> ColumnElement[bool]:
    """Return the condition that a row is of somebody, and not deleted."""
    return (users.c.user_id == user_id) & _NOT_DELETED


def _of(user_id: str) -> Update:
    return update(users).where(is_user(user_id))
