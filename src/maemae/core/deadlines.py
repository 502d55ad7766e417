"""Time stops: when a position has been held for as long as it was to be."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final

from maemae.domain.errors import UnknownRuleError
from maemae.domain.exit_terms import Hold
from maemae.domain.instant import DAY, kst_date, kst_nanos
from maemae.krx.calendar import add_sessions, is_session, next_session
from maemae.krx.session import regular_close, regular_open


def deadline(hold: Hold, entered_at: int) -> int:
    """
    Return when a position is to be left [ns, UTC].

    Asked in the midst of a fill, it never fails: where the calendar ends, days count as sessions.
    """
    try:
        return min(_ends(hold, entered_at))
    except UnknownRuleError:
        days = hold.sessions or 0
        return entered_at + days * DAY + (hold.lasts or 0)


def _ends(hold: Hold, entered_at: int) -> list[int]:
    ends = []
    day = kst_date(entered_at)
    if hold.sessions is not None:
        last = add_sessions(day, hold.sessions)
        ends.append(regular_open(last) if hold.until is None else time_of(last, hold.until))
    elif hold.until is not None:
        ends.append(next_time(hold.until, entered_at))
    if hold.lasts is not None:
        ends.append(after_trading(entered_at, hold.lasts))
    return ends


def cools_until(today: date | None, sessions: int) -> date | None:
    """Return the session from which on a cooldown is over; None without one. It never fails."""
    if not sessions or today is None:
        return None
    try:
        return add_sessions(today, sessions)
    except UnknownRuleError:
        return today + timedelta(days=sessions)


def time_of(day: date, since_midnight: int) -> int:
    """Return an instant of a Korean day, so long after its midnight [ns]."""
    return kst_nanos(day, _MIDNIGHT) + since_midnight


def next_time(since_midnight: int, instant: int) -> int:
    """
    Return the first such time of a session after an instant [ns, UTC].

    Raises:
        UnknownRuleError: The calendar does not reach that far.
    """
    day = kst_date(instant)
    at = time_of(day, since_midnight)
    if at > instant and is_session(day):
        return at
    return time_of(next_session(day), since_midnight)


def after_trading(instant: int, lasts: int) -> int:
    """
    Return the instant after so much time of regular sessions [ns, UTC].

    Raises:
        UnknownRuleError: The calendar does not reach that far.
    """
    day = kst_date(instant)
    if not is_session(day):
        day = next_session(day)
    while True:
        begins = max(instant, regular_open(day))
        left = regular_close(day) - begins
        if lasts < left:
            return begins + lasts
        lasts -= max(0, left)
        day = next_session(day)


_MIDNIGHT: Final = time()
