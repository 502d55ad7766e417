"""
Envelopes: secrets in the database, each bound to whose it is and what it is for.

A secret is sealed with AES-256-GCM under a data key of its owner; data keys are wrapped by a
master key that lies outside of the database. What is bound along (owner, broker, mode, field,
version of the key) is not stored with it: moved to another row, a sealed secret does not open.

Source:
    NIST SP 800-38D, 8.2.2: random nonces of 96 bits, fewer than 2**32 with one key.
"""

from __future__ import annotations

import os
import secrets
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, func, insert, select, update

from maemae.domain.errors import StorageError
from maemae.ports import WallClock
from maemae.storage.key_file import KEY_BYTES
from maemae.storage.master_keys import MasterKeys
from maemae.storage.tables.people import data_keys

_NONCE_BYTES: Final = 12
_FORMAT: Final = 1
_HEAD_BYTES: Final = 5  # format, then the version of the data key
_ADVISORY_LOCK: Final = 0x6B657973  # "keys"


class Place(msgspec.Struct, frozen=True):
    """
    What a secret is bound to.

    Attributes:
        owner: User whose it is.
        broker: For which broker; empty for a secret of maemae itself.
        mode: Of which key space: SIM, PAPER or REAL; empty for a secret of maemae itself.
        field: Which secret: `app_key`, `totp`.
    """

    owner: str
    broker: str
    mode: str
    field: str


class Vault:
    """
    Seals and opens secrets; keeps nothing of them.

    Args:
        master: The master keys.
        wall: Says when a data key was made.
    """

    def __init__(self, master: MasterKeys, wall: WallClock) -> None:
        self.master = master
        self._wall = wall

    def seal(self, connection: Connection, place: Place, secret: bytes) -> bytes:
        """
        Seal a secret under the newest data key of its owner, which is made if there is none.

        Args:
            connection: One that writes; the caller's transaction stores what is returned.
            place: What it is bound to; `owner` is a user that exists.
            secret: What nobody shall read.
        """
        lock_keys(connection)
        version = newest_version(connection, place.owner) or self.make_data_key(
            connection, place.owner
        )
        nonce = os.urandom(_NONCE_BYTES)
        key = self._data_key(connection, place.owner, version)
        sealed = AESGCM(key).encrypt(nonce, secret, _bound_to(place, version))
        return bytes([_FORMAT]) + version.to_bytes(_HEAD_BYTES - 1) + nonce + sealed

    def open(self, connection: Connection, place: Place, sealed: bytes) -> bytes:
        """
        Open a secret.

        Args:
            connection: The one that read `sealed`, in the same transaction: a rotation between
                two transactions may have taken the key away.
            place: What it was bound to.
            sealed: What `seal` returned.

        Raises:
            StorageError: It was changed or moved, or the master key is missing.
        """
        version = version_of(sealed)
        key = self._data_key(connection, place.owner, version)
        nonce = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
        try:
            return AESGCM(key).decrypt(
                nonce, sealed[_HEAD_BYTES + _NONCE_BYTES :], _bound_to(place, version)
            )
        except InvalidTag as error:
            raise _changed(place.field) from error

    def make_data_key(self, connection: Connection, owner: str) -> int:
        """Make a new data key for a user; return its version. Call `lock_keys` before."""
        version = newest_version(connection, owner) + 1
        master_version = self.master.newest
        key = secrets.token_bytes(KEY_BYTES)
        row = {
            "owner": owner,
            "version": version,
            "master_version": master_version,
            "wrapped": self._wrapped(key, owner, version, master_version),
            "made_at": self._wall.now(),
        }
        connection.execute(insert(data_keys), row)
        return version

    def rewrap(self, connection: Connection, owner: str, version: int) -> None:
        """Wrap a data key with the newest master key."""
        key = self._data_key(connection, owner, version)
        master_version = self.master.newest
        connection.execute(
            update(data_keys).where(data_keys.c.owner == owner, data_keys.c.version == version),
            {
                "master_version": master_version,
                "wrapped": self._wrapped(key, owner, version, master_version),
            },
        )

    def _data_key(self, connection: Connection, owner: str, version: int) -> bytes:
        found = connection.execute(
            select(data_keys.c.master_version, data_keys.c.wrapped).where(
                data_keys.c.owner == owner, data_keys.c.version == version
            )
        ).one_or_none()
        if found is None:
            raise _changed(f"data key {version}")
        master = self.master.find(found.master_version)
        if master is None:
            raise StorageError(
                f"열쇠 파일 {self.master.path} 에 {found.master_version}번 열쇠가 없어 저장된 "
                "비밀을 열 수 없습니다. 보관해 둔 열쇠 파일로 되돌리세요.",
                f"The key file {self.master.path} lacks key {found.master_version}, so what is "
                "stored cannot be opened. Put back the key file that you kept.",
            )
        wrapped = bytes(found.wrapped)
        bound = _encoded("data-key", owner, version, found.master_version)
        try:
            return AESGCM(master).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], bound)
        except InvalidTag as error:
            raise _changed(f"data key {version}") from error

    def _wrapped(self, key: bytes, owner: str, version: int, master_version: int) -> bytes:
        master = self.master.find(master_version)
        if master is None:
            raise _changed(f"master key {master_version}")
        nonce = os.urandom(_NONCE_BYTES)
        bound = _encoded("data-key", owner, version, master_version)
        return nonce + AESGCM(master).encrypt(nonce, key, bound)


def totp_place(user_id: str) -> Place:
    """Return what the secret of a user's second factor is bound to, confirmed or not."""
    return Place(user_id, "", "", "totp")


def lock_keys(connection: Connection) -> None:
    """Let nobody else seal or rotate until the caller's transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")


def newest_version(connection: Connection, owner: str) -> int:
    """Return the version of a user's newest data key; 0 if there is none."""
    newest = select(func.max(data_keys.c.version)).where(data_keys.c.owner == owner)
    found: int | None = connection.execute(newest).scalar_one()
    return found or 0


def version_of(sealed: bytes) -> int:
    """
    Return which version of its owner's data key a secret is sealed under.

    Raises:
        StorageError: It is no sealed secret.
    """
    if len(sealed) <= _HEAD_BYTES + _NONCE_BYTES or sealed[0] != _FORMAT:
        raise _changed("?")
    return int.from_bytes(sealed[1:_HEAD_BYTES])


def _bound_to(place: Place, version: int) -> bytes:
    return _encoded(place.owner, place.broker, place.mode, place.field, version)


def _encoded(*parts: str | int) -> bytes:
    """Return bytes that no other parts give."""
    return msgspec.msgpack.encode(parts)


def _changed(what: str) -> StorageError:
    return StorageError(
        f"저장된 비밀({what})을 열 수 없습니다. 바뀌었거나 다른 곳의 것입니다. 다시 등록하세요.",
        f"What is stored ({what}) cannot be opened: it was changed, or belongs elsewhere. Enter "
        "it again.",
    )
