"""Names as people type them: whole, in part, or by the first consonants of their syllables."""

from __future__ import annotations

import unicodedata
from typing import Final

_FIRST: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_BASE: Final = 0xAC00
_LAST: Final = 0xD7A3
_OF_ONE_FIRST: Final = 588  # syllables that begin with one consonant


def folded(name: str) -> str:
    """Return a name without what people leave out: case, spaces and signs."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return "".join(c for c in plain if c.isalnum())


def first_consonants(name: str) -> str:
    """Return the first consonant of each syllable (초성), and other characters as they are."""
    return "".join(_first_consonant(c) for c in name)


def is_first_consonants(text: str) -> bool:
    """Return whether a text holds consonants that stand alone."""
    return any(c in _FIRST for c in text)


def _first_consonant(c: str) -> str:
    code = ord(c)
    return _FIRST[(code - _BASE) // _OF_ONE_FIRST] if _BASE <= code <= _LAST else c
