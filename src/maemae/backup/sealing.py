"""
Encryption of backups with age: whoever writes them need not be able to read them.

A server knows public keys only, so that stealing it does not open what it ever backed up. The
private key lies with its owner, in a file as `age-keygen` writes it or in one that a
passphrase opens (`age -p`); both open with the tool `age` too.

Source:
    https://age-encryption.org/v1, read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

import msgspec
import pyrage
from pyrage import passphrase as by_passphrase
from pyrage import x25519

from maemae.domain.errors import ConfigError, StorageError

_SEALED: Final = b"age-encryption.org/v1"
_PRIVATE: Final = "AGE-SECRET-KEY-"


class KeyPair(msgspec.Struct, frozen=True):
    """
    A key of age.

    Attributes:
        public: Goes into the settings (`age1…`).
        private: Opens what was sealed for it (`AGE-SECRET-KEY-…`); never stays on the server.
    """

    public: str
    private: str

    def __repr__(self) -> str:
        return f"KeyPair({self.public})"


def make_key() -> KeyPair:
    """Return a new key."""
    identity = x25519.Identity.generate()
    return KeyPair(str(identity.to_public()), str(identity))


def write_key(key: KeyPair, passphrase: str = "") -> bytes:
    """Return the content of a key file; with a passphrase, only that opens it."""
    content = f"# public key: {key.public}\n{key.private}\n".encode()
    return bytes(by_passphrase.encrypt(content, passphrase)) if passphrase else content


def read_key(content: bytes, passphrase: str = "") -> KeyPair:
    """
    Return the key in a key file.

    Raises:
        ConfigError: It is no key file, or the passphrase does not open it.
    """
    try:
        if content.startswith(_SEALED):
            content = by_passphrase.decrypt(content, passphrase)
        lines = content.decode("ascii").split()
        private = next(line for line in lines if line.startswith(_PRIVATE))
        return KeyPair(str(x25519.Identity.from_str(private).to_public()), private)
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeError, StopIteration) as error:
        raise ConfigError(
            "백업 열쇠 파일을 열 수 없습니다. age 열쇠 파일이 맞는지, 암호가 맞는지 확인하세요.",
            "The backup's key file cannot be opened. Check that it is a key file of age and that "
            "the passphrase is right.",
        ) from error


def require_recipients(recipients: Sequence[str]) -> None:
    """
    Make sure that there is a public key, and that each one is.

    Raises:
        ConfigError: There is none, or one is not a key.
    """
    if not recipients:
        raise ConfigError(
            "백업을 암호화할 공개 열쇠가 없습니다. 열쇠를 만들어 공개 열쇠를 설정에 넣으세요.",
            "There is no public key to encrypt backups with. Make a key and put its public part "
            "into the settings.",
        )
    for text in recipients:
        _recipient(text)


def seal(source: BinaryIO, target: BinaryIO, recipients: Sequence[str]) -> None:
    """
    Encrypt a stream so that any of these public keys' owners can read it.

    Raises:
        StorageError: The target cannot be written.
    """
    try:
        pyrage.encrypt_io(source, target, [_recipient(text) for text in recipients])
    except (pyrage.EncryptError, OSError) as error:
        raise StorageError(
            f"암호화한 백업을 쓰지 못했습니다 ({error}). 디스크의 남은 공간을 확인하세요.",
            f"The encrypted backup could not be written ({error}). Check the space on the disk.",
        ) from error


def seal_bytes(content: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt bytes so that any of these public keys' owners can read them."""
    return bytes(pyrage.encrypt(content, [_recipient(text) for text in recipients]))


def unseal(source: BinaryIO, target: BinaryIO, private: str, name: str) -> None:
    """
    Decrypt a stream; what was written to the target counts only if nothing is raised.

    Args:
        source: As `seal` wrote it.
        target: Gets what was sealed.
        private: A private key.
        name: What is decrypted, for people.

    Raises:
        StorageError: The key does not open it, or it is damaged or cut off.
    """
    try:
        pyrage.decrypt_io(source, target, [x25519.Identity.from_str(private)])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        raise _unreadable(name, error) from error


def unseal_bytes(content: bytes, private: str, name: str) -> bytes:
    """Return what was sealed; raises as `unseal`."""
    try:
        return bytes(pyrage.decrypt(content, [x25519.Identity.from_str(private)]))
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        raise _unreadable(name, error) from error


def _recipient(text: str) -> object:
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise ConfigError(
            f"{text!r} 은(는) 백업을 암호화할 공개 열쇠가 아닙니다. age1 로 시작하는 열쇠를 "
            "쓰세요.",
            f"{text!r} is no public key to encrypt backups with. Use one that begins with age1.",
        ) from error


def _unreadable(name: str, error: Exception) -> StorageError:
    if isinstance(error, pyrage.DecryptError) and "No matching keys" in str(error):
        return StorageError(
            f"{name} 은(는) 이 열쇠로 열리지 않습니다. 백업할 때 쓴 공개 열쇠의 짝을 쓰세요.",
            f"{name} does not open with this key. Use the one whose public part it was made with.",
        )
    return StorageError(
        f"{name} 이(가) 손상되었거나 끝이 잘렸습니다. 다른 백업을 쓰세요.",
        f"{name} is damaged or cut off. Use another backup.",
    )
