"""What a person may have meant when a name is not found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from maemae.domain.text import Text

_AT_MOST: Final = 3
_CUTOFF: Final = 0.6


def did_you_mean(text: str, known: Mapping[str, str] | Iterable[str]) -> Text:
    """
    Return a sentence that suggests what is known and near, or an empty one.

    Args:
        text: What was asked for.
        known: What exists: codes, or codes with the names by which people call them.
    """
    names = dict(known) if isinstance(known, Mapping) else {key: key for key in known}
    codes = get_close_matches(text.upper(), names, _AT_MOST, _CUTOFF)
    codes += get_close_matches(text, names, _AT_MOST, _CUTOFF)
    called = get_close_matches(text, names.values(), _AT_MOST, _CUTOFF)
    codes += [code for name in called for code, own in names.items() if own == name]
    shown = [
        code if names[code] == code else f"{code} ({names[code]})"
        for code in list(dict.fromkeys(codes))[:_AT_MOST]
    ]
    if not shown:
        return Text("", "")
    return Text(f" 혹시 {', '.join(shown)} 인가요?", f" Did you mean {', '.join(shown)}?")
