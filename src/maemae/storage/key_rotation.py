"""
Rotation of keys while everything goes on: at every instant what is sealed can be opened.

First every data key is wrapped by the new master key, in one transaction. Then each owner gets a
new data key, and what is sealed is sealed anew in small transactions, while the old data key is
still there. At last the old data keys go, those that nothing needs. A process that dies in between
leaves a state that opens; the next rotation goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from maemae.storage.credentials import Credentials, sealed_fields
from maemae.storage.envelope import Vault, lock_keys, newest_version, totp_place, version_of
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.accounts import credentials
from maemae.storage.tables.people import data_keys, users

_Sealed = tuple[str, str]  # table, key

_BATCH: Final = 50  # sealed things in one transaction
_TOTP_COLUMNS: Final = (users.c.totp_secret, users.c.totp_pending)


class KeyState(msgspec.Struct, frozen=True):
    """
    How the keys stand.

    Attributes:
        versions: Versions in the key file, oldest first.
        wrapping: Versions that wrap a data key now.
        data_keys: How many data keys there are.
    """

    versions: tuple[int, ...]
    wrapping: tuple[int, ...]
    data_keys: int


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did: the master key that wraps now, data keys made, secrets sealed anew."""

    master_version: int
    data_keys: int
    sealed: int


def key_state(connection: Connection, vault: Vault) -> KeyState:
    """Return how the keys stand."""
    wrapping = select(data_keys.c.master_version).distinct().order_by("master_version")
    count = select(func.count()).select_from(data_keys)
    return KeyState(
        vault.master.versions,
        tuple(connection.execute(wrapping).scalars()),
        connection.execute(count).scalar_one(),
    )


def rotate_keys(store: ServerStore, vault: Vault) -> Rotated:
    """
    Give everything new keys; blocks until it is done.

    The newest key of the key file is taken if nothing is wrapped by it yet, otherwise one is
    added.

    Raises:
        StorageError: A key is missing, or the database or the key file cannot be written.
    """
    with store.reading.begin() as connection:
        state = key_state(connection, vault)
    newest = state.versions[-1]
    if newest in state.wrapping or not state.wrapping:
        newest = vault.master.add()
    owners = store.writer.run(partial(_rewrap, vault=vault))
    for owner in owners:
        store.writer.run(partial(_new_key, vault=vault, owner=owner))
    sealed = 0
    for batch in _batches(_sealed_things(store)):
        sealed += store.writer.run(partial(_reseal, vault=vault, batch=batch))
    store.writer.run(_drop_unused)
    return Rotated(newest, len(owners), sealed)


def _rewrap(connection: Connection, vault: Vault) -> list[str]:
    lock_keys(connection)
    rows = connection.execute(select(data_keys.c.owner, data_keys.c.version)).all()
    for owner, version in rows:
        vault.rewrap(connection, owner, version)
    return sorted({owner for owner, _ in rows})


def _new_key(connection: Connection, vault: Vault, owner: str) -> None:
    lock_keys(connection)
    vault.make_data_key(connection, owner)


def _sealed_things(store: ServerStore) -> list[_Sealed]:
    """Return where something may be sealed."""
    sealed_credentials = select(credentials.c.credential_id)
    sealed_users = select(users.c.user_id)
    with store.reading.begin() as connection:
        return [
            *(("credentials", key) for key in connection.execute(sealed_credentials).scalars()),
            *(("users", key) for key in connection.execute(sealed_users).scalars()),
        ]


def _batches(things: Sequence[_Sealed]) -> Iterator[list[_Sealed]]:
    rest = iter(things)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _reseal(connection: Connection, vault: Vault, batch: Sequence[_Sealed]) -> int:
    lock_keys(connection)
    kept = Credentials(vault)
    sealed = 0
    for table, key in batch:
        if table == "users":
            sealed += _reseal_user(connection, vault, key)
        else:
            sealed += kept.reseal(connection, key)
    return sealed


def _reseal_user(connection: Connection, vault: Vault, user_id: str) -> int:
    query = select(*_TOTP_COLUMNS).where(users.c.user_id == user_id).with_for_update()
    found = connection.execute(query).mappings().one_or_none()
    place = totp_place(user_id)
    held = {} if found is None else {name: value for name, value in found.items() if value}
    changed = {
        name: vault.seal(connection, place, vault.open(connection, place, value))
        for name, value in held.items()
    }
    if changed:
        connection.execute(update(users).where(users.c.user_id == user_id), changed)
    return len(changed)


def _drop_unused(connection: Connection) -> None:
    """Delete data keys that are not their owner's newest and that nothing is sealed under."""
    lock_keys(connection)
    needed = _needed(connection)
    for owner, version in connection.execute(select(data_keys.c.owner, data_keys.c.version)).all():
        if version < newest_version(connection, owner) and (owner, version) not in needed:
            connection.execute(
                delete(data_keys).where(data_keys.c.owner == owner, data_keys.c.version == version)
            )


def _needed(connection: Connection) -> set[tuple[str, int]]:
    """Return owners and versions of the data keys that something is sealed under."""
    needed = {
        (row.owner, version_of(sealed))
        for row in connection.execute(select(credentials.c.owner, credentials.c.sealed))
        for sealed in sealed_fields(row.sealed).values()
    }
    for user_id, *columns in connection.execute(select(users.c.user_id, *_TOTP_COLUMNS)):
        needed |= {(user_id, version_of(sealed)) for sealed in columns if sealed}
    return needed
