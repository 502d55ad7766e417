"""What somebody probably meant who mistyped a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from maemae.domain.text import Text

_AT_MOST: Final = 3


def suggestion(name: str, known: Iterable[str]) -> Text:
    """Return the nearest of a few known names as a short question, or the list of all of them."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return Text(f"{near[0]} 을(를) 뜻했나요?", f"Did you mean {near[0]}?")
    listed = ", ".join(names)
    return Text(f"있는 이름: {listed or '없음'}.", f"Known: {listed or 'none'}.")


def did_you_mean(text: str, known: Mapping[str, str] | Iterable[str]) -> Text:
    """
    Return a sentence that suggests the nearest of many, or an empty one: they are too many to list.

    Args:
        text: What was asked for.
        known: What exists: codes, or codes with the names by which people call them.
    """
    names = dict(known) if isinstance(known, Mapping) else {key: key for key in known}
    codes = get_close_matches(text.upper(), names, _AT_MOST)
    codes += get_close_matches(text, names, _AT_MOST)
    called = get_close_matches(text, names.values(), _AT_MOST)
    codes += [code for name in called for code, own in names.items() if own == name]
    shown = [
        code if names[code] == code else f"{code} ({names[code]})"
        for code in list(dict.fromkeys(codes))[:_AT_MOST]
    ]
    if not shown:
        return Text("", "")
    return Text(f" 혹시 {', '.join(shown)} 인가요?", f" Did you mean {', '.join(shown)}?")
