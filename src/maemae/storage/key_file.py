"""Files of keys: readable by their owner alone, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from maemae.domain.errors import ConfigError, StorageError
from maemae.storage.syncing import sync_folder

KEY_BYTES: Final = 32

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_private(path: Path) -> str:
    """
    Return the content of a key file.

    Raises:
        ConfigError: Others may touch it.
        StorageError: It cannot be read.
    """
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            if sys.platform != "win32" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise ConfigError(
                    f"다른 사용자가 열쇠 파일 {path} 에 손댈 수 있습니다. chmod 600 으로 막고 다시 "
                    "시작하세요.",
                    f"Others may touch the key file {path}. Close it with chmod 600 and start "
                    "again.",
                )
            return file.read()
    except OSError as error:
        raise StorageError(
            f"열쇠 파일 {path} 을(를) 읽을 수 없습니다 ({error.strerror}). 파일과 권한을 "
            "확인하세요.",
            f"The key file {path} cannot be read ({error.strerror}). Check it and its permissions.",
        ) from error


def write_private(path: Path, content: str, *, is_first: bool = False) -> None:
    """
    Write a key file, durably.

    Args:
        path: Its folder is made if it is not there.
        content: All of it.
        is_first: Whether to leave alone what another process was faster to write.

    Raises:
        StorageError: It cannot be written; what was there stays.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_first:
            with suppress(FileExistsError):
                path.hardlink_to(temporary)
        else:
            temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"열쇠 파일 {path} 을(를) 쓸 수 없습니다 ({error.strerror}). 디스크와 권한을 "
            "확인하세요.",
            f"The key file {path} cannot be written ({error.strerror}). Check the disk and its "
            "permissions.",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_secret(path: Path) -> bytes:
    """
    Return the one key in a file, which is made with a new key if it is not there [32 bytes].

    Raises:
        ConfigError: Others may touch the file, or it holds no key.
        StorageError: It cannot be read or made.
    """
    if not path.exists():
        write_private(path, f"{secrets.token_hex(KEY_BYTES)}\n", is_first=True)
    try:
        key = bytes.fromhex(read_private(path).strip())
    except ValueError:
        key = b""
    if not is_key(key):
        raise unsound(path)
    return key


def is_key(key: bytes) -> bool:
    """Return whether bytes can be a key, and no placeholder."""
    return len(key) == KEY_BYTES and len(set(key)) > 1


def unsound(path: Path) -> ConfigError:
    """Return the error of a file that holds no keys."""
    return ConfigError(
        f"열쇠 파일 {path} 의 내용이 올바르지 않습니다. 보관해 둔 사본으로 되돌리세요. 새로 만들면 "
        "저장된 비밀을 열 수 없습니다.",
        f"The key file {path} is not as it should be. Put the copy that you kept in its place; a "
        "new one would open nothing that is stored.",
    )
