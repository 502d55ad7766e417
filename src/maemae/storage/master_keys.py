"""
Master keys: the file outside of the database without which nothing sealed in it opens.

One line a key, oldest first: `<version> <64 hexadecimal digits>`. The newest key wraps; the others
stay until they are forgotten, so that a backup of before a rotation still opens, and so that
processes of several machines can be given a new key before it is used.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from maemae.storage.key_file import KEY_BYTES, is_key, read_private, unsound, write_private

MASTER_KEYS: Final = "master.keys"
"""Name of the file, in the folder of the server's keys."""


class MasterKeys:
    """
    The keys in a file that only its owner may read.

    Another process may add to the file: a version that is not known here is looked for again.

    Args:
        path: The file; made with a first key if it is not there.

    Raises:
        ConfigError: Others may touch the file, or its content is not what it should be.
        StorageError: It cannot be read or made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        if not path.exists():
            write_private(path, _lines({1: secrets.token_bytes(KEY_BYTES)}), is_first=True)
        self._keys = _read(path)

    @property
    def newest(self) -> int:
        """Version of the key that wraps from now on; read anew, since it may have been added."""
        return self.versions[-1]

    @property
    def versions(self) -> tuple[int, ...]:
        """Versions in the file, oldest first; read anew."""
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
            write_private(self.path, _lines(keys))
            self._keys = keys
            return version

    def keep_only(self, versions: tuple[int, ...]) -> None:
        """Take every other key out of the file; what only they open is lost."""
        with self._lock:
            kept = {each: key for each, key in _read(self.path).items() if each in versions}
            write_private(self.path, _lines(kept))
            self._keys = kept


def _lines(keys: Mapping[int, bytes]) -> str:
    return "".join(f"{version} {key.hex()}\n" for version, key in sorted(keys.items()))


def _read(path: Path) -> Mapping[int, bytes]:
    try:
        lines = [line.split() for line in read_private(path).splitlines() if line.strip()]
        keys = {int(version): bytes.fromhex(key) for version, key in lines}
    except ValueError as error:
        raise unsound(path) from error
    if not keys or min(keys) < 1 or not all(map(is_key, keys.values())):
        raise unsound(path)
    return keys
