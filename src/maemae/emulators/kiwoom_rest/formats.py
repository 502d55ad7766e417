"""How Kiwoom writes numbers, prices, rates and times: always text, and rarely twice alike."""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.domain.instant import kst_datetime
from maemae.krx.band import PriceBand

NAUGHT_TIME: Final = "000000"
NAUGHT_DATE: Final = "00000000"


def padded(number: int, width: int) -> str:
    """Return a number filled with zeros; a minus counts as one of the characters."""
    return f"{number:0{width}d}"


def signed(number: int) -> str:
    """Return a number with its sign; 0 has none."""
    return f"{number:+d}" if number else "0"


def doubly_signed(number: int) -> str:
    """Return a number with a plus, or with two minus signs as sums of many kinds have it."""
    return f"-{number}" if number < 0 else signed(number)


def price(px: int, base: int) -> str:
    """Return a price [won] with the sign of its distance from the base price; 0 for none."""
    if px <= 0:
        return "0"
    sign = "+" if px > base else "-" if px < base else ""
    return f"{sign}{px}"


def rate(part: int, whole: int) -> str:
    """Return `part / whole` in percent with two decimals, cut towards zero."""
    hundredths = 0 if whole == 0 else abs(part) * 10_000 // abs(whole)
    is_negative = hundredths != 0 and (part < 0) is not (whole < 0)
    return f"{'-' if is_negative else ''}{hundredths // 100}.{hundredths % 100:02d}"


def signed_rate(part: int, whole: int) -> str:
    """Return the same with a plus where it is positive."""
    text = rate(part, whole)
    return text if text.startswith("-") or text == "0.00" else f"+{text}"


def padded_rate(part: int, whole: int) -> str:
    """Return the same in twelve characters, as the paper server does in balances."""
    text = rate(part, whole)
    if text.startswith("-"):
        return f"-{text[1:].zfill(11)}"
    return text.zfill(12)


def hundredths(value: int) -> str:
    """Return an index value, given in hundredths, with two decimals."""
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"


def sign_code(px: int, base: int, band: PriceBand | None) -> str:
    """Return the code of the direction: 1 upper limit, 2 up, 3 level, 4 lower limit, 5 down."""
    if band is not None and px >= band.upper:
        return "1"
    if band is not None and 0 < px <= band.lower:
        return "4"
    if px == base or px <= 0:
        return "3"
    return "2" if px > base else "5"


def clock(at: int) -> str:
    """Return the time of day in Korea, HHMMSS."""
    return f"{kst_datetime(at):%H%M%S}"


def clock_with_colons(at: int) -> str:
    """Return the time of day in Korea, HH:MM:SS."""
    return f"{kst_datetime(at):%H:%M:%S}"


def stamp(at: int) -> str:
    """Return day and time in Korea, YYYYMMDDHHMMSS."""
    return f"{kst_datetime(at):%Y%m%d%H%M%S}"


def day_text(day: date) -> str:
    """Return a day, YYYYMMDD."""
    return f"{day:%Y%m%d}"


def find_day(text: str) -> date | None:
    """Return the day that YYYYMMDD names, None if it names none."""
    if len(text) != _DAY_DIGITS:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_DAY_DIGITS: Final = 8
