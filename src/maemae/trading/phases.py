"""The one source of sessions and phases of a live day: the calendar, by the exchange's clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, time

from maemae.core.events import PhaseChanged, SessionStarted
from maemae.domain.instant import kst_date, kst_nanos
from maemae.krx.calendar import is_session, next_session
from maemae.krx.session import Phase, PhaseChange, phases
from maemae.ports import VenueClock


def upcoming(now: int, began: date | None) -> tuple[SessionStarted | PhaseChanged, ...]:
    """
    Return where the exchange stands at an instant: the session, unless it began, and the phase.

    Args:
        now: The exchange's time [ns, UTC].
        began: The newest session that was told; None before the first.
    """
    day = kst_date(now)
    told: list[SessionStarted | PhaseChanged] = []
    changes = phases(day)
    if changes and changes[0].at <= now and (began is None or began < day):
        told.append(SessionStarted(day, now))
    told.append(PhaseChanged(_phase(changes, now), now))
    return tuple(told)


def _phase(changes: tuple[PhaseChange, ...], now: int) -> Phase:
    phase = Phase.CLOSED
    for change in changes:
        if change.at <= now:
            phase = change.phase
    return phase


def next_change(now: int) -> int:
    """Return the next instant at which a phase changes or a session begins [ns, UTC]."""
    day = kst_date(now)
    for change in phases(day):
        if change.at > now:
            return change.at
    return phases(next_session(day))[0].at


async def follow(
    clock: VenueClock, began: date | None
) -> AsyncIterator[SessionStarted | PhaseChanged]:
    """
    Yield sessions and phases as they come, the present one first.

    A clock that leaps over changes, as after a machine slept, tells only where it stands now.
    """
    while True:
        now = clock.now()
        for event in upcoming(now, began):
            if isinstance(event, SessionStarted):
                began = event.session_date
            yield event
        await clock.sleep_until(next_change(now))


def trading_day(now: int) -> date:
    """Return the session that an instant belongs to: today's, or the next one's."""
    day = kst_date(now)
    if is_session(day) and now < kst_nanos(day, time(20)):
        return day
    return next_session(day)
