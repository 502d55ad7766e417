"""Shared secrets of authenticators, sealed, and which of their codes were used."""

from __future__ import annotations

import msgspec
from sqlalchemy import Column, Connection, Update, delete, or_, select, update

from maemae.storage.envelope import Vault, totp_place
from maemae.storage.people.reading import connected
from maemae.storage.people.users import is_user
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.people import recovery_codes, users


class SecondFactor(msgspec.Struct, frozen=True):
    """
    A shared secret.

    Attributes:
        sealed: As it is kept, to tell it from another.
        secret: In base 32.
    """

    sealed: bytes
    secret: str


class SecondFactors:
    """
    The second factors of the table of users.

    Everything blocks, and raises StorageError if the database cannot be used or a secret does
    not open.

    Args:
        store: Where they are.
        vault: Seals them.
    """

    def __init__(self, store: ServerStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def current(self, user_id: str) -> SecondFactor | None:
        """Return the one that counts; None if there is none."""
        return self._opened(user_id, users.c.totp_secret)

    def offered(self, user_id: str) -> SecondFactor | None:
        """Return the one that waits to be confirmed; None if there is none."""
        return self._opened(user_id, users.c.totp_pending)

    def offer(self, user_id: str, secret: str) -> bool:
        """Keep a secret until it is confirmed; False if they are gone."""

        def offer(connection: Connection) -> bool:
            known = connection.execute(select(users.c.user_id).where(is_user(user_id))).first()
            if known is None:
                return False
            sealed = self._vault.seal(connection, totp_place(user_id), secret.encode())
            connection.execute(_of(user_id).values(totp_pending=sealed))
            return True

        return self._store.writer.run(offer)

    def confirm(self, user_id: str, sealed: bytes, step: int) -> bool:
        """Make the offered one count; False if it is another by now."""
        pending = _of(user_id).where(users.c.totp_pending == sealed)
        return self._change(pending.values(totp_secret=sealed, totp_pending=None, totp_step=step))

    def use_step(self, user_id: str, step: int) -> bool:
        """Use a code up; False if it, or a later one, was used before."""
        unused = or_(users.c.totp_step.is_(None), users.c.totp_step < step)
        return self._change(_of(user_id).where(unused).values(totp_step=step))

    def forget(self, user_id: str) -> bool:
        """Take a lost one away, with its recovery codes; a new one must be enrolled."""

        def forget(connection: Connection) -> bool:
            connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
            nothing = {"totp_secret": None, "totp_pending": None}
            return connection.execute(_of(user_id).values(nothing)).rowcount == 1

        return self._store.writer.run(forget)

    def _opened(self, user_id: str, column: Column[bytes]) -> SecondFactor | None:
        with connected(self._store.reading) as connection:
            sealed = connection.execute(select(column).where(is_user(user_id))).scalar()
            if sealed is None:
                return None
            secret = self._vault.open(connection, totp_place(user_id), sealed)
            return SecondFactor(sealed, secret.decode())

    def _change(self, statement: Update) -> bool:
        return self._store.writer.run(
            lambda connection: connection.execute(statement).rowcount == 1
        )


def _of(user_id: str) -> Update:
    return update(users).where(is_user(user_id))
