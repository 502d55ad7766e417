"""Logins: what a cookie stands for. The cookie is not kept, only its hash."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Update, delete, insert, select, update

from maemae.domain.ids import AccountId
from maemae.storage.people.grants import accounts_of
from maemae.storage.people.reading import connected, rows
from maemae.storage.people.remembered import Remembered
from maemae.storage.people.users import User, read_user
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import logins, tickets, users


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """
    A login.

    Attributes:
        login_id: Stays when the secret is replaced; opens nothing.
        device: What the browser calls itself.
        factors: 1 after the password, 2 after the second factor.
        began_at, seen_at: First and about the last request [ns, UTC].
        expires_at: When it ends, whatever happens [ns, UTC].
        stepped_up_at: When the second factor was last shown [ns, UTC].
    """

    secret_hash: bytes
    login_id: str
    user_id: str
    device: str
    address: str
    factors: int
    began_at: int
    seen_at: int
    expires_at: int
    stepped_up_at: int | None = None

    def is_live(self, now: int, idle: int) -> bool:
        """Whether it has neither expired nor lain idle; both by wall time [ns]."""
        return self.expires_at > now and self.seen_at > now - idle


class LiveLogin(msgspec.Struct, frozen=True):
    """A login that has not ended, whose it is, and which accounts they were granted."""

    login: Login
    user: User
    accounts: frozenset[AccountId]


_COLUMNS: Final = tuple(logins.c[name] for name in Login.__struct_fields__)
_NOT_ENDED: Final = logins.c.ended_at.is_(None)


class Logins:
    """
    The table of logins.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._remembered = Remembered[LiveLogin](store)

    def begin(self, login: Login) -> None:
        """Begin a login."""
        row = msgspec.structs.asdict(login)
        self._store.writer.run(lambda connection: connection.execute(insert(logins).values(row)))

    def replace(self, secret_hash: bytes, login: Login) -> bool:
        """Go on with a login under a new secret; False if it has ended by now."""
        row = msgspec.structs.asdict(login)

        def change(connection: Connection) -> bool:
            ended = _end(logins.c.secret_hash == secret_hash, login.seen_at)
            if connection.execute(ended).rowcount != 1:
                return False
            connection.execute(insert(logins).values(row))
            return True

        return self._store.writer.run(change)

    def find(self, secret_hash: bytes, now: int, idle: int) -> LiveLogin | None:
        """Return the login of a secret; None if it has ended, expired or lain idle."""

        def read() -> LiveLogin | None:
            return self._find(logins.c.secret_hash == secret_hash, now, idle)

        return _live(self._remembered.get(secret_hash, read), now, idle)

    def recall(self, secret_hash: bytes, now: int, idle: int) -> LiveLogin | None:
        """Return the same without waiting; raises NotRememberedError if it must be read."""
        return _live(self._remembered.recall(secret_hash), now, idle)

    def find_by_id(self, login_id: str, now: int, idle: int) -> LiveLogin | None:
        """Return a login whatever its secret is now; None as above."""
        return self._find(logins.c.login_id == login_id, now, idle)

    def touch(self, secret_hash: bytes, at: int) -> None:
        """Note that a login is used."""
        statement = update(logins).where(logins.c.secret_hash == secret_hash).values(seen_at=at)
        self._store.writer.run(lambda connection: connection.execute(statement))

    def of(self, user_id: str, now: int, idle: int) -> list[Login]:
        """Return the logins of somebody that have not ended, the newest first."""
        query = (
            select(*_COLUMNS)
            .where(logins.c.user_id == user_id, _is_live(now, idle))
            .order_by(logins.c.began_at.desc())
        )
        return [Login(**row) for row in rows(self._store.reading, query)]

    def end(self, user_id: str, login_id: str, at: int) -> bool:
        """End one login of somebody; False if it is not theirs or has ended."""
        return self._ended((logins.c.user_id == user_id) & (logins.c.login_id == login_id), at) > 0

    def end_all(self, user_id: str, at: int) -> int:
        """End every login of somebody; return how many there were."""
        return self._ended(logins.c.user_id == user_id, at)

    def forget_old(self, before: int) -> None:
        """Drop what expired before an instant, with its tickets."""
        old = select(logins.c.secret_hash).where(logins.c.expires_at < before)

        def forget(connection: Connection) -> None:
            connection.execute(delete(tickets).where(tickets.c.login_hash.in_(old)))
            connection.execute(delete(logins).where(logins.c.expires_at < before))

        self._store.writer.run(forget)

    def _find(self, where: ColumnElement[bool], now: int, idle: int) -> LiveLogin | None:
        found = select(*_COLUMNS).where(where, _is_live(now, idle))
        with connected(self._store.reading) as connection:
            row = connection.execute(found).mappings().first()
            if row is None:
                return None
            user = read_user(connection, users.c.user_id == row["user_id"])
            if user is None:
                return None
            return LiveLogin(Login(**row), user, accounts_of(connection, user.user_id))

    def _ended(self, where: ColumnElement[bool], at: int) -> int:
        statement = _end(where, at)
        return self._store.writer.run(lambda connection: connection.execute(statement).rowcount)


def _live(live: LiveLogin | None, now: int, idle: int) -> LiveLogin | None:
    return live if live is not None and live.login.is_live(now, idle) else None


def _end(where: ColumnElement[bool], at: int) -> Update:
    return update(logins).where(where, _NOT_ENDED).values(ended_at=at)


def _is_live(now: int, idle: int) -> ColumnElement[bool]:
    return _NOT_ENDED & (logins.c.expires_at > now) & (logins.c.seen_at > now - idle)
