"""A word that one process leaves in a file for whoever comes after it: whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from maemae.storage.syncing import write_whole

Word = TypeVar("Word", bound=msgspec.Struct)


def leave_word(path: Path, word: msgspec.Struct) -> None:
    """Leave a word in a file; who reads meanwhile finds the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.encode(word), 0o644)


def find_word(path: Path, kind: type[Word]) -> Word | None:
    """Return the word in a file, None if there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
