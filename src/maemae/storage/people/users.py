"""Who may enter; a person that is deleted leaves the name behind, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import (
    Column,
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

from maemae.storage.envelope import Place, Vault
from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import (
    Permission,
    account_grants,
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


class SecondFactor(msgspec.Struct, frozen=True):
    """
    A shared secret.

    Attributes:
        sealed: As it is kept, to tell it from another.
        secret: In base 32.
    """

    sealed: bytes
    secret: str


_NOT_DELETED: Final = users.c.deleted_at.is_(None)
_FIELDS: Final = tuple(users.c[name] for name in User.__struct_fields__ if name != "permissions")


class Users:
    """
    The table of users, with their permissions.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
        vault: Seals second factors.
    """

    def __init__(self, store: ServerStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault

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

    def set_password(self, user_id: str, password_hash: str, instead_of: str | None) -> bool:
        """Take a new password in place of a known one; False if it was another by then."""
        same = users.c.password_hash == instead_of
        return self._change(_of(user_id).where(same), password_hash=password_hash)

    def offer_second_factor(self, user_id: str, secret: str) -> bool:
        """Keep a second factor until it is confirmed; False if they are gone."""

        def offer(connection: Connection) -> bool:
            if read_user(connection, _is(user_id)) is None:
                return False
            sealed = self._vault.seal(connection, _totp_of(user_id), secret.encode())
            connection.execute(_of(user_id).values(totp_pending=sealed))
            return True

        return self._store.writer.run(offer)

    def second_factor(self, user_id: str) -> SecondFactor | None:
        """Return the second factor that counts; None if there is none."""
        return self._opened(user_id, users.c.totp_secret)

    def offered_second_factor(self, user_id: str) -> SecondFactor | None:
        """Return the second factor that waits to be confirmed; None if there is none."""
        return self._opened(user_id, users.c.totp_pending)

    def confirm(self, user_id: str, sealed: bytes, step: int) -> bool:
        """Make the pending second factor the one that counts; False if it is another by now."""
        pending = _of(user_id).where(users.c.totp_pending == sealed)
        return self._change(pending, totp_secret=sealed, totp_pending=None, totp_step=step)

    def use_step(self, user_id: str, step: int) -> bool:
        """Use a code up; False if it, or a later one, was used before."""
        unused = or_(users.c.totp_step.is_(None), users.c.totp_step < step)
        return self._change(_of(user_id).where(unused), totp_step=step)

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
            if connection.execute(select(users.c.user_id).where(_is(user_id))).first() is None:
                return False
            put_permissions(connection, user_id, words, at)
            return True

        return self._store.writer.run(change)

    def forget_second_factor(self, user_id: str) -> bool:
        """Take a lost second factor away, with its recovery codes; a new one must be enrolled."""

        def forget(connection: Connection) -> bool:
            connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
            nothing = {"totp_secret": None, "totp_pending": None}
            return connection.execute(_of(user_id).values(nothing)).rowcount == 1

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
            for table in (permissions, account_grants, recovery_codes):
                connection.execute(delete(table).where(table.c.user_id == user_id))
            ways = ((logins, logins.c.ended_at), (tokens, tokens.c.revoked_at))
            for table, end in ways:
                alive = update(table).where(table.c.user_id == user_id, end.is_(None))
                connection.execute(alive.values({end: at}))
            return True

        return self._store.writer.run(leave)

    def _opened(self, user_id: str, column: Column[bytes]) -> SecondFactor | None:
        with connected(self._store.reading) as connection:
            sealed = connection.execute(select(column).where(_is(user_id))).scalar()
            if sealed is None:
                return None
            secret = self._vault.open(connection, _totp_of(user_id), sealed)
            return SecondFactor(sealed, secret.decode())

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


def _totp_of(user_id: str) -> Place:
    return Place(user_id, "", "", "totp")


def _is(user_id: str) -> ColumnElement[bool]:
    return (users.c.user_id == user_id) & _NOT_DELETED


def _of(user_id: str) -> Update:
    return update(users).where(_is(user_id))
