"""What somebody probably meant who mistyped a name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from maemae.domain.text import Text


def suggestion(name: str, known: Iterable[str]) -> Text:
    """Return the nearest known name as a short question, or the list of all of them."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return Text(f"{near[0]} 을(를) 뜻했나요?", f"Did you mean {near[0]}?")
    listed = ", ".join(names)
    return Text(f"있는 이름: {listed or '없음'}.", f"Known: {listed or 'none'}.")
