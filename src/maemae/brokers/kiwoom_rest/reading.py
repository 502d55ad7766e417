"""
Kiwoom's texts as numbers, symbols and instants.

Everything comes as text, padded, signed, sometimes both: a sign before a price says only
whether it stands above or below the base and is not part of the number.
"""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Final

from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import OrderId, Symbol
from maemae.domain.instant import SECOND, kst_nanos

_NUMBER: Final = re.compile(r"([+-]?)[+-]?(\d{1,18})(?:\.(\d{1,8}))?", re.ASCII)
_ORDER: Final = re.compile(r"\d{1,10}", re.ASCII)
_SYMBOL: Final = re.compile(r"[0-9A-Z]{6}")
_NAMED: Final = re.compile(r"[AQJ]([0-9A-Z]{6})")
_DATE: Final = re.compile(r"\d{8}", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{2}):?(\d{2}):?(\d{2})", re.ASCII)
_ORDER_DIGITS: Final = 7
_SHOWN: Final = 40  # characters of what cannot be read


def unreadable(what: str, text: str) -> BrokerUnavailableError:
    """Return the error of something that Kiwoom says and nobody here understands."""
    shown = text[:_SHOWN]
    return BrokerUnavailableError(
        f"키움이 보낸 {what} 값 {shown!r} 을(를) 알아볼 수 없습니다. maemae 를 새 버전으로 올리고, "
        "그래도 같으면 알려 주세요.",
        f"Kiwoom's {what} says {shown!r}, which is not understood. Upgrade maemae; if that does "
        "not help, report it.",
    )


def number(what: str, text: str) -> Decimal:
    """
    Return a signed number; the second of two signs is dropped.

    Raises:
        BrokerUnavailableError: It is none.
    """
    found = _NUMBER.fullmatch(text.strip().replace(",", ""))
    if found is None:
        raise unreadable(what, text)
    sign, whole, part = found.groups()
    try:
        return Decimal(f"{sign}{whole}.{part or 0}")
    except InvalidOperation:
        raise unreadable(what, text) from None


def won(what: str, text: str) -> int:
    """
    Return a signed amount in whole won, or a signed count; a fraction of 0 is none.

    Raises:
        BrokerUnavailableError: It is no whole number.
    """
    value = number(what, text)
    if value != int(value):
        raise unreadable(what, text)
    return int(value)


def price(what: str, text: str) -> int:
    """
    Return a price [won, 0 or more]; the sign only says on which side of the base it is.

    Raises:
        BrokerUnavailableError: It is no whole number.
    """
    return abs(won(what, text))


def count(what: str, text: str) -> int:
    """
    Return a quantity [0 or more].

    Raises:
        BrokerUnavailableError: It is no whole number, or below 0.
    """
    value = won(what, text)
    if value < 0:
        raise unreadable(what, text)
    return value


def is_blank(text: str) -> bool:
    """Whether a text says nothing."""
    return not text.strip()


def symbol(what: str, text: str) -> Symbol:
    """
    Return a short code; one letter before it and the exchange behind it are taken off.

    Raises:
        BrokerUnavailableError: It is none.
    """
    bare = text.strip().partition("_")[0]
    named = _NAMED.fullmatch(bare)
    if named is not None:
        return Symbol(named.group(1))
    if _SYMBOL.fullmatch(bare) is None:
        raise unreadable(what, text)
    return Symbol(bare)


def order_id(what: str, text: str) -> OrderId:
    """
    Return an order's number, padded to seven digits.

    Raises:
        BrokerUnavailableError: It is none; 0 is none either.
    """
    found = find_order_id(text)
    if found is None:
        raise unreadable(what, text)
    return found


def find_order_id(text: str) -> OrderId | None:
    """Return an order's number, None if the text is blank, zero or no number."""
    bare = text.strip()
    if _ORDER.fullmatch(bare) is None or int(bare) == 0:
        return None
    return OrderId(str(int(bare)).zfill(_ORDER_DIGITS))


def day(what: str, text: str) -> date:
    """
    Return a date written as 20261130.

    Raises:
        BrokerUnavailableError: It is none.
    """
    bare = text.strip()
    try:
        if _DATE.fullmatch(bare) is None:
            raise unreadable(what, text)
        return date(int(bare[:4]), int(bare[4:6]), int(bare[6:]))
    except ValueError:
        raise unreadable(what, text) from None


def clock(what: str, text: str) -> time:
    """
    Return a time of day written as 091500 or 09:15:00 [KST].

    Raises:
        BrokerUnavailableError: It is none.
    """
    found = _CLOCK.fullmatch(text.strip())
    try:
        if found is None:
            raise unreadable(what, text)
        hours, minutes, seconds = map(int, found.groups())
        return time(hours, minutes, seconds)
    except ValueError:
        raise unreadable(what, text) from None


def instant(what: str, on: date, text: str) -> int:
    """
    Return the instant of a time of day [ns, UTC].

    Raises:
        BrokerUnavailableError: It is none.
    """
    return kst_nanos(on, clock(what, text))


def moment(what: str, text: str) -> int:
    """
    Return the instant of a date and time written as 20261130091500 [ns, UTC].

    Raises:
        BrokerUnavailableError: It is none.
    """
    bare = text.strip()
    return instant(what, day(what, bare[:8]), bare[8:])


class DayClock:
    """
    Instants of one day's times of day, for what comes many thousand times in a second.

    Args:
        on: The day [KST].
    """

    def __init__(self, on: date) -> None:
        self.on = on
        self._midnight = kst_nanos(on, time())

    def instant(self, text: str) -> int:
        """
        Return the instant of a time written as 091500 [ns, UTC].

        Raises:
            BrokerUnavailableError: It is none.
        """
        if len(text) == _CLOCK_DIGITS and text.isascii() and text.isdigit():
            hours, minutes, seconds = int(text[:2]), int(text[2:4]), int(text[4:])
            if hours < _HOURS and minutes < _SIXTY and seconds < _SIXTY:
                return self._midnight + (hours * 3_600 + minutes * 60 + seconds) * SECOND
        raise unreadable("시각", text)


_CLOCK_DIGITS: Final = 6
_HOURS: Final = 24
_SIXTY: Final = 60
