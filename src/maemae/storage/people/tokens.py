"""Tokens of programs: only their hashes, what they may do, and when they were last used."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, insert, or_, select, update

from maemae.domain.ids import AccountId
from maemae.storage.people.grants import accounts_of
from maemae.storage.people.reading import connected, rows
from maemae.storage.people.remembered import Remembered
from maemae.storage.people.users import User, read_user
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import Permission, tokens, users


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """
    A token.

    Attributes:
        name: What its owner calls it.
        scope: What it may do, as far as its owner may.
        expires_at: When it ends [ns, UTC]; None for when it is revoked.
        last_used_at: About when it was last used [ns, UTC].
    """

    secret_hash: bytes
    user_id: str
    name: str
    scope: frozenset[Permission]
    made_at: int
    expires_at: int | None
    last_used_at: int | None = None

    @property
    def token_id(self) -> str:
        """Name in the API; opens nothing."""
        return self.secret_hash.hex()

    def is_live(self, now: int) -> bool:
        """Whether its time has not come [ns, UTC]."""
        return self.expires_at is None or self.expires_at > now


class LiveToken(msgspec.Struct, frozen=True):
    """A token that can be used, whose it is, and which accounts they were granted."""

    token: Token
    user: User
    accounts: frozenset[AccountId]


_COLUMNS: Final = tuple(tokens.c[name] for name in Token.__struct_fields__)


class Tokens:
    """
    The table of tokens.

    Everything blocks, and raises StorageError if the database cannot be used.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._remembered = Remembered[LiveToken](store)

    def make(self, token: Token) -> None:
        """Keep a new token."""
        row = msgspec.structs.asdict(token)
        row["scope"] = " ".join(sorted(word.value for word in token.scope))
        self._store.writer.run(lambda connection: connection.execute(insert(tokens).values(row)))

    def find(self, secret_hash: bytes, now: int) -> LiveToken | None:
        """Return the token of a secret; None if it cannot be used."""
        return _live(self._remembered.get(secret_hash, lambda: self._read(secret_hash, now)), now)

    def recall(self, secret_hash: bytes, now: int) -> LiveToken | None:
        """Return the same without waiting; raises NotRememberedError if it must be read."""
        return _live(self._remembered.recall(secret_hash), now)

    def of(self, user_id: str, now: int) -> list[Token]:
        """Return the tokens of somebody that can be used, the newest first."""
        query = (
            select(*_COLUMNS)
            .where(tokens.c.user_id == user_id, _is_live(now))
            .order_by(tokens.c.made_at.desc())
        )
        return [_token(row) for row in rows(self._store.reading, query)]

    def touch(self, secret_hash: bytes, at: int) -> None:
        """Note that a token is used."""
        statement = update(tokens).where(tokens.c.secret_hash == secret_hash)
        used = statement.values(last_used_at=at)
        self._store.writer.run(lambda connection: connection.execute(used))

    def revoke(self, user_id: str, secret_hash: bytes, at: int) -> bool:
        """End a token of somebody; False if it is not theirs or has ended."""
        statement = update(tokens).where(
            tokens.c.user_id == user_id,
            tokens.c.secret_hash == secret_hash,
            tokens.c.revoked_at.is_(None),
        )
        revoked = statement.values(revoked_at=at)
        return self._store.writer.run(lambda connection: connection.execute(revoked).rowcount == 1)

    def revoke_all(self, user_id: str, at: int) -> None:
        """End every token of somebody."""
        alive = update(tokens).where(tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None))
        revoked = alive.values(revoked_at=at)
        self._store.writer.run(lambda connection: connection.execute(revoked))

    def _read(self, secret_hash: bytes, now: int) -> LiveToken | None:
        query = select(*_COLUMNS).where(tokens.c.secret_hash == secret_hash, _is_live(now))
        with connected(self._store.reading) as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            user = read_user(connection, users.c.user_id == row["user_id"])
            if user is None:
                return None
            return LiveToken(_token(row), user, accounts_of(connection, user.user_id))


def _live(live: LiveToken | None, now: int) -> LiveToken | None:
    return live if live is not None and live.token.is_live(now) else None


def _token(row: RowMapping) -> Token:
    scope = frozenset(Permission(word) for word in row["scope"].split())
    return Token(**(dict(row) | {"scope": scope}))


def _is_live(now: int) -> ColumnElement[bool]:
    return tokens.c.revoked_at.is_(None) & or_(
        tokens.c.expires_at.is_(None), tokens.c.expires_at > now
    )
