"""Numbers, dates and sums of money as a person reads them; what is not there is a dash."""

from __future__ import annotations

from datetime import date
from math import isfinite
from typing import Final

from maemae.domain.instant import kst_datetime
from maemae.domain.text import Language

DASH: Final = "–"
_MINUS: Final = "\N{MINUS SIGN}"
_KOREAN_UNITS: Final = ((1_000_000_000_000, "조"), (100_000_000, "억"), (10_000, "만"))
_ENGLISH_UNITS: Final = ((1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"))


def number(value: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """Return a number with thousands separators and a true minus sign."""
    if value is None or not isfinite(value):
        return DASH
    body = f"{abs(value):,.{digits}f}"
    if not body.strip("0.,"):
        return body
    if value < 0:
        return _MINUS + body
    return f"+{body}" if signed else body


def won(value: float | None, language: Language, *, signed: bool = False) -> str:
    """Return a sum of money in full: `−1,234,567원` or `−₩1,234,567`."""
    text = number(value, signed=signed)
    if text == DASH:
        return text
    if language is Language.KO:
        return f"{text}원"
    sign = text[0] if text[0] in "+" + _MINUS else ""
    return f"{sign}₩{text[len(sign) :]}"


def short_won(value: float, language: Language) -> str:
    """Return a sum of money for an axis: `1.05억`, `9,800만`; `105M`."""
    for unit, name in _KOREAN_UNITS if language is Language.KO else _ENGLISH_UNITS:
        if abs(value) >= unit:
            digits = 0 if abs(value) >= 1_000 * unit else 2
            return f"{_trimmed(number(value / unit, digits))}{name}"
    return number(value)


def percent(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Return a ratio in percent: 0.1234 is `12.34%`."""
    text = number(None if value is None else value * 100, digits, signed=signed)
    return text if text == DASH else f"{text}%"


def day(value: date | None) -> str:
    """Return a day as `2024.01.02`, the way Korean screens write it."""
    return DASH if value is None else f"{value:%Y.%m.%d}"


def moment(at: int) -> tuple[str, str]:
    """Return the Korean day and the time of an instant [ns, UTC]."""
    local = kst_datetime(at)
    return f"{local:%Y.%m.%d}", f"{local:%H:%M}"


def direction(value: float | None) -> str:
    """Return the CSS class of a gain, a loss or neither."""
    if value is None or value == 0 or not isfinite(value):
        return "flat"
    return "up" if value > 0 else "down"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
