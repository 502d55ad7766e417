"""Credentials of brokers: put in, used by adapters, revoked; shown without their values."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from maemae.domain.errors import InvalidValueError, MissingDataError
from maemae.domain.terms import Mode
from maemae.storage.envelope import Place, Vault
from maemae.storage.tables.accounts import credentials

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST: Final = 4_096  # characters of a value
_MOST: Final = 12  # fields
_PLACEHOLDERS: Final = ("changeme", "yourappkey", "yoursecret", "placeholder", "example", "todo")


class ShownCredential(msgspec.Struct, frozen=True):
    """
    A credential without its values.

    Attributes:
        version: Counted up whenever its values are replaced; from 1.
        fields: Names of its values.
        made_at, revoked_at: Instants [ns, UTC]; the first is that of the newest values.
    """

    credential_id: str
    owner: str
    broker: str
    mode: Mode
    version: int
    fields: tuple[str, ...]
    made_at: int
    revoked_at: int | None


class Credentials:
    """
    Works in the transaction of the connection that it is given.

    Args:
        vault: Seals and opens.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def put(
        self,
        connection: Connection,
        *,
        owner: str,
        broker: str,
        mode: Mode,
        values: Mapping[str, str],
        at: int,
    ) -> ShownCredential:
        """
        Keep the values of a new credential.

        Raises:
            InvalidValueError: A name or a value cannot be, or is a placeholder.
        """
        _require_sound(values)
        credential_id = secrets.token_hex(8)
        row = {
            "credential_id": credential_id,
            "owner": owner,
            "broker": broker,
            "mode": mode.value,
            "version": 1,
            "sealed": self._sealed(connection, (credential_id, owner, broker, mode), values),
            "made_at": at,
        }
        connection.execute(insert(credentials), row)
        return self.get(connection, credential_id)

    def replace(
        self, connection: Connection, credential_id: str, values: Mapping[str, str], at: int
    ) -> ShownCredential:
        """
        Put new values in the place of those of a credential that is not revoked.

        Raises:
            InvalidValueError: A name or a value cannot be.
            MissingDataError: There is none, or it is revoked.
        """
        _require_sound(values)
        row = _row(connection, credential_id, locked=True)
        if row.revoked_at is not None:
            raise _missing(credential_id)
        changed = {
            "sealed": self._sealed(connection, _identity(row), values),
            "version": row.version + 1,
            "made_at": at,
        }
        connection.execute(
            update(credentials).where(credentials.c.credential_id == credential_id), changed
        )
        return self.get(connection, credential_id)

    def open(self, connection: Connection, credential_id: str) -> dict[str, str]:
        """
        Return the values of a credential, for the adapter that uses them.

        Raises:
            MissingDataError: There is none, or it is revoked.
            StorageError: It cannot be opened.
        """
        row = _row(connection, credential_id)
        if row.revoked_at is not None:
            raise _missing(credential_id)
        identity = _identity(row)
        return {
            name: self._vault.open(connection, _place(identity, name), sealed).decode()
            for name, sealed in sealed_fields(row.sealed).items()
        }

    def revoke(self, connection: Connection, credential_id: str, at: int) -> ShownCredential:
        """
        Let nobody use a credential any more; its values are gone.

        Raises:
            MissingDataError: There is none.
        """
        row = _row(connection, credential_id, locked=True)
        if row.revoked_at is None:
            connection.execute(
                update(credentials).where(credentials.c.credential_id == credential_id),
                {"revoked_at": at, "sealed": msgspec.msgpack.encode({})},
            )
        return self.get(connection, credential_id)

    def get(self, connection: Connection, credential_id: str) -> ShownCredential:
        """
        Return a credential without its values.

        Raises:
            MissingDataError: There is none.
        """
        return _shown(_row(connection, credential_id))

    def all(self, connection: Connection, owner: str | None = None) -> list[ShownCredential]:
        """Return the credentials of an owner, or of everybody; revoked ones too."""
        query = select(credentials).order_by(credentials.c.made_at, credentials.c.credential_id)
        if owner is not None:
            query = query.where(credentials.c.owner == owner)
        return [_shown(row) for row in connection.execute(query)]

    def reseal(self, connection: Connection, credential_id: str) -> int:
        """Seal the values anew, under their owner's newest data key; return how many."""
        row = _row(connection, credential_id, locked=True)
        identity = _identity(row)
        values = {
            name: self._vault.open(connection, _place(identity, name), sealed).decode()
            for name, sealed in sealed_fields(row.sealed).items()
        }
        connection.execute(
            update(credentials).where(credentials.c.credential_id == credential_id),
            {"sealed": self._sealed(connection, identity, values)},
        )
        return len(values)

    def _sealed(
        self, connection: Connection, identity: _Identity, values: Mapping[str, str]
    ) -> bytes:
        return msgspec.msgpack.encode(
            {
                name: self._vault.seal(connection, _place(identity, name), value.encode())
                for name, value in values.items()
            }
        )


def sealed_fields(sealed: bytes) -> dict[str, bytes]:
    """Return the sealed values of a credential by their names."""
    return msgspec.msgpack.decode(sealed, type=dict[str, bytes])


_Identity = tuple[str, str, str, str]  # credential, owner, broker, mode


def _identity(row: Row[Any]) -> _Identity:
    return (row.credential_id, row.owner, row.broker, row.mode)


def _place(identity: _Identity, name: str) -> Place:
    credential_id, owner, broker, mode = identity
    return Place(owner, broker, str(mode), f"{credential_id}.{name}")


def _row(connection: Connection, credential_id: str, *, locked: bool = False) -> Row[Any]:
    query = select(credentials).where(credentials.c.credential_id == credential_id)
    found = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise _missing(credential_id)
    return found


def _shown(row: Row[Any]) -> ShownCredential:
    return ShownCredential(
        credential_id=row.credential_id,
        owner=row.owner,
        broker=row.broker,
        mode=Mode(row.mode),
        version=row.version,
        fields=tuple(sorted(sealed_fields(row.sealed))),
        made_at=row.made_at,
        revoked_at=row.revoked_at,
    )


def _require_sound(values: Mapping[str, str]) -> None:
    if not 1 <= len(values) <= _MOST:
        raise InvalidValueError(
            f"자격 증명의 값은 1~{_MOST}개여야 합니다. 증권사가 준 값을 모두 넣으세요.",
            f"A credential has 1 to {_MOST} values. Enter those that the broker gave.",
        )
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            raise InvalidValueError(
                "값의 이름은 영문 소문자로 시작하고 소문자·숫자·밑줄 40자까지입니다. 고쳐 다시 "
                "보내세요.",
                "A value's name begins with a small letter and has at most 40 small letters, "
                "digits and underscores. Correct it.",
            )
        if not _is_sound(value):
            raise InvalidValueError(
                f"{name} 의 값이 비었거나 너무 길거나 예시 그대로입니다. 증권사가 준 값을 "
                "넣으세요.",
                f"The value of {name} is empty, too long or a placeholder. Enter the one that the "
                "broker gave.",
            )


def _is_sound(value: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", value.lower())
    is_placeholder = len(set(value)) == 1 or plain.startswith(_PLACEHOLDERS)
    return 0 < len(value) <= _LONGEST and value.strip() == value and not is_placeholder


def _missing(credential_id: str) -> MissingDataError:
    return MissingDataError(
        f"자격 증명 {credential_id} 이(가) 없거나 폐기되었습니다. 목록에서 고르거나 새로 "
        "등록하세요.",
        f"There is no credential {credential_id}, or it is revoked. Choose from the list or enter "
        "a new one.",
    )
