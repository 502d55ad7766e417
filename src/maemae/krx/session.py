"""
Phases of a trading session: when which kind of trading goes on, at KRX and at Nextrade.

Times are the scheduled ones; an auction ends up to 30 seconds later at random, and halts
and volatility interruptions come on top (`maemae.krx.halt`).

| from | rule | confidence |
|---|---|---|
| 2000-05-22 | 09:00 to 15:00 without a lunch break, order entry from 08:00 | medium |
| 2005-05-30 | single-price trading to 18:00; before, the close price alone to 16:00 | high; KSE |
| 2016-08-01 | close at 15:30, after-hours moved by 30 minutes | high |
| 2019-04-29 | order entry from 08:30 | high |
| 2025-03-04 | Nextrade: pre, main and after-market | high; 15:40 start medium |
| 2026-09-14 | KRX after-market 16:00 to 20:00 replaces single-price trading | hours high |

On the first session of a year the opening moves to 10:00 and the close stays; Nextrade has
no pre-market (high for 2026, medium before). On the day of the CSAT (수능) opening and
close move by an hour and the end of the evening stays; Nextrade has no pre-market, its
after-market then starts ten minutes after the close (low). That the KRX after-market of a
CSAT day starts at 17:00 is inferred (low). Dates before 2019 are from the press of each year.
In 2017 an earthquake moved the exam by a week the evening before; the exchange kept the hours
that it had announced, and moved them on the new day too (press of 2017-11-15, high).

On 2001-09-12, after the attacks in America, the exchange opened at noon and closed at 15:00, with
order entry from 11:00 (press of that day, high).

Source: KRX business regulations, English text in force April 2026; notices of KRX and
Nextrade as quoted by the press, read 2026-11-20.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, time
from enum import unique
from functools import lru_cache
from typing import Final

import msgspec

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.instant import MINUTE, Nanos, kst_date, kst_nanos
from maemae.domain.terms import ExecutionVenue, Term
from maemae.krx.calendar import LAST_YEAR, is_first_session_of_year, is_session


@unique
class Phase(Term):
    """Kind of trading that goes on."""

    CLOSED = "CLOSED"
    PRE_MARKET = "PRE_MARKET"  # Nextrade, 08:00
    PRE_OPEN_AUCTION = "PRE_OPEN_AUCTION"  # order entry to the opening auction
    CONTINUOUS = "CONTINUOUS"
    CLOSING_AUCTION = "CLOSING_AUCTION"
    PAUSE = "PAUSE"  # Nextrade between its markets
    AFTER_HOURS_CLOSE = "AFTER_HOURS_CLOSE"  # trading at today's close
    AFTER_HOURS_SINGLE = "AFTER_HOURS_SINGLE"  # single price every 10 minutes, to 2026-09-11
    AFTER_MARKET = "AFTER_MARKET"
    INTRADAY_AUCTION = "INTRADAY_AUCTION"  # never scheduled: a VI, or the reopening after a halt
    HALTED = "HALTED"  # never scheduled: an instrument or a market stands still


class PhaseChange(msgspec.Struct, frozen=True):
    """From `at` on [ns], until the next change, the session is in `phase`."""

    at: Nanos
    phase: Phase


def is_regular(phase: Phase) -> bool:
    """Return whether the phase belongs to the regular session, auctions included."""
    return phase in _REGULAR


@lru_cache(maxsize=8_192)
def phases(day: date, venue: ExecutionVenue = ExecutionVenue.KRX) -> tuple[PhaseChange, ...]:
    """
    Return every scheduled change of a session in order, ending in CLOSED.

    Nothing on a day without a session, and before a venue existed.

    Raises:
        UnknownRuleError: No known rule covers the day.
    """
    if not is_session(day):
        return ()
    return _krx_phases(day) if venue is ExecutionVenue.KRX else _nxt_phases(day)


def phase_at(instant: int, venue: ExecutionVenue = ExecutionVenue.KRX) -> Phase:
    """
    Return the scheduled phase at an instant [ns].

    Raises:
        UnknownRuleError: No known rule covers the day.
    """
    instants, of_day = _schedule(kst_date(instant), venue)
    return of_day[bisect_right(instants, instant)]


def regular_open(day: date) -> Nanos:
    """
    Return when the opening auction ends and continuous trading starts at KRX [ns].

    Raises:
        InvalidValueError: There is no session on that day.
        UnknownRuleError: No known rule covers the day.
    """
    return _instant_of(Phase.CONTINUOUS, day)


def regular_close(day: date) -> Nanos:
    """
    Return when the closing auction ends at KRX [ns].

    Raises:
        InvalidValueError: There is no session on that day.
        UnknownRuleError: No known rule covers the day.
    """
    return _instant_of(Phase.AFTER_HOURS_CLOSE, day)


def is_csat_day(day: date) -> bool:
    """
    Return whether the session moves by an hour for the college entrance exam (수능).

    So it did on two days of 2017: the one announced, and the one on which the exam was.

    Raises:
        UnknownRuleError: The date of that year's exam is not known.
    """
    if day.year not in _CSAT:
        raise _unknown(day)
    return f"{day:%m%d}" in _CSAT[day.year].split()


@lru_cache(maxsize=4_096)
def _schedule(day: date, venue: ExecutionVenue) -> tuple[tuple[Nanos, ...], tuple[Phase, ...]]:
    """Return the instants of change and the phases around them, one more than instants."""
    changes = phases(day, venue)
    return (
        tuple(change.at for change in changes),
        (Phase.CLOSED, *(change.phase for change in changes)),
    )


@lru_cache(maxsize=4_096)
def _instant_of(phase: Phase, day: date) -> Nanos:
    for change in phases(day):
        if change.phase is phase:
            return change.at
    raise InvalidValueError(
        f"{day} 은 휴장일입니다. 거래일을 쓰세요.",
        f"{day} has no session. Use a trading day.",
    )


def _krx_phases(day: date) -> tuple[PhaseChange, ...]:
    if day < _NO_LUNCH_BREAK:
        raise _unknown(day)
    opens, closes = _regular_hours(day)
    entry = 30 if day >= _SHORT_ENTRY else 60
    evening = closes + 30 * MINUTE
    last: tuple[tuple[int, Phase], ...]
    if day >= _AFTER_MARKET:
        last = ((evening, Phase.AFTER_MARKET), (kst_nanos(day, time(20)), Phase.CLOSED))
    elif day < _SINGLE_PRICE:
        last = ((closes + 60 * MINUTE, Phase.CLOSED),)
    else:
        last = ((evening, Phase.AFTER_HOURS_SINGLE), (kst_nanos(day, time(18)), Phase.CLOSED))
    return _changes(
        (opens - entry * MINUTE, Phase.PRE_OPEN_AUCTION),
        (opens, Phase.CONTINUOUS),
        (closes - 10 * MINUTE, Phase.CLOSING_AUCTION),
        (closes, Phase.AFTER_HOURS_CLOSE),
        *last,
    )


def _nxt_phases(day: date) -> tuple[PhaseChange, ...]:
    if day < _NEXTRADE:
        return ()
    opens, closes = _regular_hours(day)
    main = (
        (opens + MINUTE // 2, Phase.CONTINUOUS),
        (closes - 10 * MINUTE, Phase.PAUSE),
        (closes + 10 * MINUTE, Phase.AFTER_MARKET),
        (kst_nanos(day, time(20)), Phase.CLOSED),
    )
    if is_csat_day(day) or is_first_session_of_year(day):
        return _changes(*main)
    return _changes(
        (kst_nanos(day, time(8)), Phase.PRE_MARKET),
        (kst_nanos(day, time(8, 50)), Phase.PAUSE),
        *main,
    )


def _regular_hours(day: date) -> tuple[int, int]:
    """Return opening and close of the regular session [ns]."""
    closes = kst_nanos(day, time(15, 30 if day >= _LONG_DAY else 0))
    if is_csat_day(day):
        return kst_nanos(day, time(10)), closes + 60 * MINUTE
    if day == _NOON_OPENING:
        return kst_nanos(day, time(12)), closes
    return kst_nanos(day, time(10 if is_first_session_of_year(day) else 9)), closes


def _changes(*pairs: tuple[int, Phase]) -> tuple[PhaseChange, ...]:
    return tuple(PhaseChange(Nanos(at), phase) for at, phase in pairs)


def _unknown(day: date) -> UnknownRuleError:
    return UnknownRuleError(
        f"{day} 의 거래시간을 알지 못합니다. {_NO_LUNCH_BREAK} 이후, {LAST_YEAR}년까지의 "
        "날짜를 쓰거나 새 버전으로 올리세요.",
        f"The trading hours of {day} are not known. Use days from {_NO_LUNCH_BREAK} to "
        f"{LAST_YEAR}, or upgrade.",
    )


_NO_LUNCH_BREAK: Final = date(2000, 5, 22)
_NOON_OPENING: Final = date(2001, 9, 12)
_SINGLE_PRICE: Final = date(2005, 5, 30)
_LONG_DAY: Final = date(2016, 8, 1)
_SHORT_ENTRY: Final = date(2019, 4, 29)
_NEXTRADE: Final = date(2025, 3, 4)
_AFTER_MARKET: Final = date(2026, 9, 14)

_REGULAR: Final = frozenset(
    {Phase.PRE_OPEN_AUCTION, Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.INTRADAY_AUCTION}
)

# 2027 is expected, not announced; 2028 is the third Thursday of November, as in most years.
_CSAT: Final = {
    2000: "1115",
    2001: "1107",
    2002: "1106",
    2003: "1105",
    2004: "1117",
    2005: "1123",
    2006: "1116",
    2007: "1115",
    2008: "1113",
    2009: "1112",
    2010: "1118",
    2011: "1110",
    2012: "1108",
    2013: "1107",
    2014: "1113",
    2015: "1112",
    2016: "1117",
    2017: "1116 1123",
    2018: "1115",
    2019: "1114",
    2020: "1203",
    2021: "1118",
    2022: "1117",
    2023: "1116",
    2024: "1114",
    2025: "1113",
    2026: "1119",
    2027: "1118",
    2028: "1116",
}
"""Days whose session moves for the exam, by year, month and day."""
