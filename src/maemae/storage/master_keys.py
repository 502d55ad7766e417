"""
Master keys: the file outside of the database without which nothing sealed in it opens.

One line a key, oldest first: `<version> <base64 of 32 bytes>`. The newest key wraps; the others
stay until they are forgotten, so that a backup of before a rotation still opens, and so that
processes of several machines can be given a new key before it is used.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from maemae.domain.errors import ConfigError, StorageError
from maemae.storage.syncing import sync_folder

KEY_BYTES: Final = 32  # AES-256

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class MasterKeys:
    """
    The keys in a file that only its owner may read.

    Another process may add to the file: a version that is not known here is looked for again.

    Args:
        path: The file; made with a first key if it is not there.

    Raises:
        ConfigError: Others may read the file, or its content is not what it should be.
        StorageError: It cannot be read or made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        if not path.exists():
            _make(path)
        self._keys = _read(path)

    @property
    def newest(self) -> int:
        """Version of the key that wraps from now on; read anew, since it may have been added."""
        with self._lock:
            self._keys = _read(self.path)
            return max(self._keys)

    @property
    def versions(self) -> tuple[int, ...]:
        """Versions in the file, oldest first."""
        with self._lock:
            self._keys = _read(self.path)
            return tuple(sorted(self._keys))

    def find(self, version: int) -> bytes | None:
        """Return the key of a version; None if the file has none."""
        with self._lock:
            if version not in self._keys:
                self._keys = {**_read(self.path), **self._keys}
            return self._keys.get(version)

    def add(self) -> int:
        """
        Add a new key to the file; return its version.

        Raises:
            StorageError: The file cannot be written; it is as it was.
        """
        with self._lock:
            keys = dict(_read(self.path))
            version = max(keys) + 1
            keys[version] = secrets.token_bytes(KEY_BYTES)
            _write(self.path, keys)
            self._keys = keys
            return version

    def keep_only(self, version: int) -> None:
        """Take every older key out of the file; what only they open is lost."""
        with self._lock:
            kept = {each: key for each, key in _read(self.path).items() if each >= version}
            _write(self.path, kept)
            self._keys = kept


def _make(path: Path) -> None:
    """Write a first key, unless another process was faster."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, {1: secrets.token_bytes(KEY_BYTES)}, is_first=True)


def _write(path: Path, keys: Mapping[int, bytes], *, is_first: bool = False) -> None:
    lines = "".join(f"{each} {base64.b64encode(key).decode()}\n" for each, key in keys.items())
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        if is_first:
            _link(temporary, path)
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
        temporary.unlink(missing_ok=True)


def _link(temporary: Path, path: Path) -> None:
    """Give the file its name if nothing has it: two processes that start agree on one key."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return


def _read(path: Path) -> Mapping[int, bytes]:
    try:
        with path.open(encoding="ascii") as file:
            _require_private(path, os.fstat(file.fileno()).st_mode)
            lines = file.read().splitlines()
        keys = {int(line.split()[0]): _key(line.split()[1]) for line in lines if line.strip()}
    except (ValueError, IndexError, binascii.Error) as error:
        raise _unsound(path) from error
    except OSError as error:
        raise StorageError(
            f"열쇠 파일 {path} 을(를) 읽을 수 없습니다 ({error.strerror}). 파일과 권한을 "
            "확인하세요.",
            f"The key file {path} cannot be read ({error.strerror}). Check it and its permissions.",
        ) from error
    if not keys:
        raise _unsound(path)
    return keys


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES or len(set(key)) == 1:
        raise ValueError(len(key))
    return key


def _require_private(path: Path, mode: int) -> None:
    if sys.platform != "win32" and mode & _OTHERS:
        raise ConfigError(
            f"다른 사용자가 열쇠 파일 {path} 에 손댈 수 있습니다. chmod 600 으로 막고 다시 "
            "시작하세요.",
            f"Others may touch the key file {path}. Close it with chmod 600 and start again.",
        )


def _unsound(path: Path) -> ConfigError:
    return ConfigError(
        f"열쇠 파일 {path} 의 내용이 올바르지 않습니다. 보관해 둔 사본으로 되돌리세요. 새로 만들면 "
        "저장된 비밀을 열 수 없습니다.",
        f"The key file {path} is not as it should be. Put the copy that you kept in its place; a "
        "new one would open nothing that is stored.",
    )
