"""Making files whole and durable: what was written and where it is named."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_FULL_SYNC: Final = 51  # F_FULLFSYNC: macOS acknowledges a plain sync before it is one
_DATA_SYNC: Final = getattr(os, "fdatasync", os.fsync)

if sys.platform == "darwin":
    import fcntl

    def sync_data(descriptor: int) -> None:
        """Return once what was written to a file is on the disk; raises OSError."""
        fcntl.fcntl(descriptor, _FULL_SYNC)

else:

    def sync_data(descriptor: int) -> None:
        """Return once what was written to a file is on the disk; raises OSError."""
        _DATA_SYNC(descriptor)


def sync_file(path: Path) -> None:
    """Return once a whole file is on the disk; raises OSError."""
    with path.open("rb+") as file:
        sync_data(file.fileno())


def sync_folder(path: Path) -> None:
    """Return once the names in a folder are on the disk; Windows does it by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(temporary: Path, path: Path) -> None:
    """Give a synced file or folder its name, in place of what had it; raises OSError."""
    temporary.replace(path)
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """
    Write a small file whole or not at all; who reads meanwhile finds the one before.

    Nothing is synced: a power cut may bring the one before back.

    Args:
        path: Its folder is there.
        content: All of it.
        mode: Who may read it; at no time anybody else.

    Raises:
        OSError: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    draft.replace(path)


def write_durably(path: Path, content: bytes) -> None:
    """Write a small file whole or not at all; raises OSError."""
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(content)
    sync_file(temporary)
    replace_durably(temporary, path)
