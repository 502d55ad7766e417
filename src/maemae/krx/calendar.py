"""
Trading days of the Korea Exchange.

Weekends are always closed; the other closed days are listed by year. 2000 to 2026 happened
or were announced; from `PROJECTED_FROM` on they are computed from the law, so days that the
government adds are missing: check every new year against the broker's own calendar.

Source: `holidays` 0.108, `financial_holidays("XKRX")`, read 2026-11-20, with 2000-01-03,
2000-12-27 and 2000-12-28 added, on which no share traded. It equals every session of the
official and the vendors' daily data of 2001 to 2026-07-02.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from maemae.domain.errors import UnknownRuleError

FIRST_YEAR: Final = 2000
"""First year of the table."""

LAST_YEAR: Final = 2028
"""Last year of the table."""

PROJECTED_FROM: Final = date(2027, 1, 1)
"""From this day on closed days are computed from the law, not announced."""

SETTLEMENT_SESSIONS: Final = 2
"""Cash and shares change hands two sessions after the trade (T+2)."""


def is_session(day: date) -> bool:
    """
    Return whether the exchange trades on that day.

    Raises:
        UnknownRuleError: The day lies outside the table.
    """
    _require_known(day)
    return day in _SESSION_SET


def next_session(day: date) -> date:
    """
    Return the first session after `day`, which need not be one itself.

    Raises:
        UnknownRuleError: The day or the answer lies outside the table.
    """
    return add_sessions(day, 1)


def previous_session(day: date) -> date:
    """
    Return the last session before `day`, which need not be one itself.

    Raises:
        UnknownRuleError: The day or the answer lies outside the table.
    """
    return add_sessions(day, -1)


def sessions(first: date, last: date) -> list[date]:
    """
    Return the sessions from `first` to `last`, both included, oldest first.

    Raises:
        UnknownRuleError: An end lies outside the table.
    """
    _require_known(first)
    _require_known(last)
    return list(_SESSIONS[bisect_left(_SESSIONS, first) : bisect_right(_SESSIONS, last)])


@lru_cache(maxsize=16_384)
def add_sessions(day: date, count: int) -> date:
    """
    Return the session that lies `count` sessions after `day`, or before it if negative.

    Args:
        day: Where to start; it counts as no step itself, session or not.
        count: Sessions to move; 0 returns `day` as it is.

    Raises:
        UnknownRuleError: The day or the answer lies outside the table.
    """
    _require_known(day)
    if count == 0:
        return day
    if count > 0:
        index = bisect_right(_SESSIONS, day) + count - 1
    else:
        index = bisect_left(_SESSIONS, day) + count
    if not 0 <= index < len(_SESSIONS):
        raise _unknown(day, count)
    return _SESSIONS[index]


def settlement_date(trade_date: date) -> date:
    """
    Return the day on which a trade of shares or funds settles (T+2).

    Raises:
        UnknownRuleError: The day or the answer lies outside the table.

    Source:
        KRX business regulations, English text in force April 2026; T+1 is under study.
    """
    return add_sessions(trade_date, SETTLEMENT_SESSIONS)


def is_first_session_of_year(day: date) -> bool:
    """
    Return whether the exchange opens the year on that day.

    Raises:
        UnknownRuleError: The day lies outside the table.
    """
    _require_known(day)
    return day == _SESSIONS[bisect_left(_SESSIONS, date(day.year, 1, 1))]


def _require_known(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _unknown(day, 0)


def _unknown(day: date, count: int) -> UnknownRuleError:
    ko, en = (f" 에서 {count:+d} 거래일", f" {count:+d} sessions") if count else ("", "")
    return UnknownRuleError(
        f"{day}{ko} 의 휴장일표가 없습니다. {FIRST_YEAR}~{LAST_YEAR}년 날짜를 쓰거나 새 버전으로 "
        "올리세요.",
        f"No table of trading days covers {day}{en}. Use days of {FIRST_YEAR} to {LAST_YEAR}, or "
        "upgrade.",
    )


def _all_sessions() -> tuple[date, ...]:
    closed = {
        date(year, int(text[:2]), int(text[2:]))
        for year, days in _CLOSED_WEEKDAYS.items()
        for text in days.split()
    }
    first = date(FIRST_YEAR, 1, 1)
    length = (date(LAST_YEAR, 12, 31) - first).days + 1
    days = (first + timedelta(days=offset) for offset in range(length))
    return tuple(day for day in days if day.weekday() < _SATURDAY and day not in closed)


_SATURDAY: Final = 5

_CLOSED_WEEKDAYS: Final = {
    2000: "0103 0204 0301 0405 0413 0501 0505 0511 0606 0717 0815 0911 0912 0913 1003 1225 "
    "1227 1228 1229",
    2001: "0101 0123 0124 0125 0301 0405 0501 0606 0717 0815 1001 1002 1003 1225 1231",
    2002: "0101 0211 0212 0213 0301 0405 0501 0606 0613 0701 0717 0815 0920 1003 1219 1225 1231",
    2003: "0101 0131 0501 0505 0508 0606 0717 0815 0910 0911 0912 1003 1225 1231",
    2004: "0101 0121 0122 0123 0301 0405 0415 0505 0526 0927 0928 0929 1231",
    2005: "0208 0209 0210 0301 0405 0505 0606 0815 0919 1003 1230",
    2006: "0130 0301 0501 0505 0531 0606 0717 0815 1003 1005 1006 1225 1229",
    2007: "0101 0219 0301 0501 0524 0606 0717 0815 0924 0925 0926 1003 1219 1225 1231",
    2008: "0101 0206 0207 0208 0409 0501 0505 0512 0606 0815 0915 1003 1225 1231",
    2009: "0101 0126 0127 0501 0505 1002 1225 1231",
    2010: "0101 0215 0301 0505 0521 0602 0921 0922 0923 1231",
    2011: "0202 0203 0204 0301 0505 0510 0606 0815 0912 0913 1003 1230",
    2012: "0123 0124 0301 0411 0501 0528 0606 0815 1001 1003 1219 1225 1231",
    2013: "0101 0211 0301 0501 0517 0606 0815 0918 0919 0920 1003 1009 1225 1231",
    2014: "0101 0130 0131 0501 0505 0506 0604 0606 0815 0908 0909 0910 1003 1009 1225 1231",
    2015: "0101 0218 0219 0220 0501 0505 0525 0814 0928 0929 1009 1225 1231",
    2016: "0101 0208 0209 0210 0301 0413 0505 0506 0606 0815 0914 0915 0916 1003 1230",
    2017: "0127 0130 0301 0501 0503 0505 0509 0606 0815 1002 1003 1004 1005 1006 1009 1225 1229",
    2018: "0101 0215 0216 0301 0501 0507 0522 0606 0613 0815 0924 0925 0926 1003 1009 1225 1231",
    2019: "0101 0204 0205 0206 0301 0501 0506 0606 0815 0912 0913 1003 1009 1225 1231",
    2020: "0101 0124 0127 0415 0430 0501 0505 0817 0930 1001 1002 1009 1225 1231",
    2021: "0101 0211 0212 0301 0505 0519 0816 0920 0921 0922 1004 1011 1231",
    2022: "0131 0201 0202 0301 0309 0505 0601 0606 0815 0909 0912 1003 1010 1230",
    2023: "0123 0124 0301 0501 0505 0529 0606 0815 0928 0929 1002 1003 1009 1225 1229",
    2024: "0101 0209 0212 0301 0410 0501 0506 0515 0606 0815 0916 0917 0918 1001 1003 1009 "
    "1225 1231",
    2025: "0101 0127 0128 0129 0130 0303 0501 0505 0506 0603 0606 0815 1003 1006 1007 1008 "
    "1009 1225 1231",
    2026: "0101 0216 0217 0218 0302 0501 0505 0525 0603 0717 0817 0924 0925 1005 1009 1225 1231",
    2027: "0101 0208 0209 0301 0503 0505 0513 0719 0816 0914 0915 0916 1004 1011 1227 1231",
    2028: "0126 0127 0128 0301 0412 0501 0502 0505 0606 0717 0815 1002 1003 1004 1005 1009 "
    "1225 1229",
}
"""Closed weekdays by year, month and day."""

_SESSIONS: Final = _all_sessions()
_SESSION_SET: Final = frozenset(_SESSIONS)
