"""From `market=kospi cap>=3000억 top=200 without=관리종목 condition="신고가"` to what it means."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, Final

from maemae.catalogue.designations import designation_from_text
from maemae.catalogue.universe import UniverseSpec
from maemae.domain.errors import InvalidValueError
from maemae.domain.near_match import suggestion
from maemae.domain.terms import Market

_PART: Final = re.compile(r"(?P<name>[a-z]+)\s*(?:>=|=)\s*(?P<value>\S.*)", re.IGNORECASE)
_UNITS: Final = {"만": 10_000, "억": 100_000_000, "조": 1_000_000_000_000, "": 1}
_NUMBER: Final = re.compile(r"(?P<digits>\d[\d,_]*)(?P<unit>[만억조]?)원?")


def universe_from_text(text: str) -> UniverseSpec:
    """
    Return what a person wrote of the instruments to choose among.

    Raises:
        InvalidValueError: A part cannot be understood.
    """
    parts = _parts(text)
    if not parts:
        raise _not_understood(text)
    asked: dict[str, Any] = {}
    for part in parts:
        match = _PART.fullmatch(part)
        if match is None:
            raise _not_understood(part)
        name = match["name"].lower()
        if name not in _FILTERS:
            hint = suggestion(name, list(_FILTERS))
            raise InvalidValueError(
                f"유니버스에 {name} 라는 조건은 없습니다. {hint.ko}",
                f"A universe has no filter {name}. {hint.en}",
            )
        field, read = _FILTERS[name]
        asked[field] = read(match["value"])
    return UniverseSpec(text=" ".join(text.split()), **asked)


def _parts(text: str) -> list[str]:
    """Return what stands between blanks; what is quoted may have some."""
    try:
        return shlex.split(text)
    except ValueError:  # a quotation that does not end
        raise _not_understood(text) from None


def _number(text: str) -> int:
    match = _NUMBER.fullmatch(text)
    if match is None or not (number := int(re.sub("[,_]", "", match["digits"]))):
        raise InvalidValueError(
            f"{text} 은(는) 0보다 큰 수가 아닙니다. 1000 이나 3000억 처럼 쓰세요.",
            f"{text} is no number above 0. Write it like 1000 or 3000억.",
        )
    return number * _UNITS[match["unit"]]


def _markets(text: str) -> frozenset[Market]:
    known = {market.value.lower(): market for market in Market}
    words = text.lower().split(",")
    for word in words:
        if word not in known:
            hint = suggestion(word, list(known))
            raise InvalidValueError(
                f"{word} 라는 시장은 없습니다. {hint.ko}", f"There is no market {word}. {hint.en}"
            )
    return frozenset(known[word] for word in words)


def _not_understood(part: str) -> InvalidValueError:
    return InvalidValueError(
        f'유니버스의 {part!r} 을(를) 알 수 없습니다. "market=kospi cap>=3000억 top=200 '
        'without=관리종목,투자경고" 처럼 쓰세요.',
        f'{part!r} of the universe cannot be understood. Write it like "market=kospi '
        'cap>=3000억 top=200 without=managed,warning".',
    )


_FILTERS: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "market": ("markets", _markets),
    "cap": ("cap", _number),
    "value": ("value", _number),
    "price": ("price", _number),
    "age": ("age", _number),
    "top": ("top", _number),
    "without": (
        "without",
        lambda text: frozenset(designation_from_text(word) for word in text.split(",")),
    ),
    "condition": ("condition", str),
}
"""Field and reader of each filter, by its word."""
