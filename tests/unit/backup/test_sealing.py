"""Who writes a backup need not be able to read it; who has the key and passphrase can."""

from __future__ import annotations

import io

import pytest

from maemae.backup.sealing import (
    make_key,
    read_key,
    require_recipients,
    seal,
    seal_bytes,
    unseal,
    unseal_bytes,
    write_key,
)
from maemae.domain.errors import ConfigError, StorageError

CONTENT = b"a book" * 100_000


def test_sealed_when_opened_with_either_key_is_what_was_sealed() -> None:
    mine, yours = make_key(), make_key()
    sealed, opened = io.BytesIO(), io.BytesIO()

    seal(io.BytesIO(CONTENT), sealed, [mine.public, yours.public])
    unseal(io.BytesIO(sealed.getvalue()), opened, yours.private, "x")

    assert opened.getvalue() == CONTENT
    assert unseal_bytes(seal_bytes(CONTENT, [mine.public]), mine.private, "x") == CONTENT


def test_sealed_when_opened_with_another_key_is_refused() -> None:
    sealed = seal_bytes(CONTENT, [make_key().public])

    with pytest.raises(StorageError, match="x does not open with this key"):
        unseal_bytes(sealed, make_key().private, "x")


@pytest.mark.parametrize("place", [0, 40, 150, 5_000, -1])
def test_sealed_when_a_byte_is_flipped_is_refused(place: int) -> None:
    key = make_key()
    sealed = bytearray(seal_bytes(CONTENT, [key.public]))
    sealed[place] ^= 1

    with pytest.raises(StorageError):
        unseal_bytes(bytes(sealed), key.private, "x")


@pytest.mark.parametrize("length", [0, 10, 200, 70_000, -1])
def test_sealed_when_cut_off_is_refused(length: int) -> None:
    key = make_key()
    sealed = seal_bytes(CONTENT, [key.public])[:length]

    with pytest.raises(StorageError, match="damaged or cut off"):
        unseal_bytes(sealed, key.private, "x")


def test_key_file_when_read_back_is_the_key() -> None:
    key = make_key()
    assert read_key(write_key(key)) == key


@pytest.mark.thorough
def test_key_file_when_sealed_opens_with_its_passphrase_only() -> None:
    key = make_key()
    content = write_key(key, "열려라 참깨")

    assert key.private.encode() not in content
    assert read_key(content, "열려라 참깨") == key
    with pytest.raises(ConfigError, match="passphrase"):
        read_key(content, "참깨")


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xfe", b"AGE-SECRET-KEY-1NONSENSE"])
def test_key_file_when_it_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigError, match="key file"):
        read_key(content)


@pytest.mark.parametrize("recipients", [(), ("age1nonsense",), ("",)])
def test_recipients_when_none_or_nonsense_are_refused(recipients: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="public key"):
        require_recipients(recipients)


def test_key_when_printed_hides_its_private_part() -> None:
    key = make_key()
    assert key.private not in repr(key)
