"""Sessions and phases of a live day, from one source."""

from __future__ import annotations

import asyncio
from datetime import date, time

from maemae.core.events import PhaseChanged, SessionStarted
from maemae.domain.instant import MINUTE, SECOND, kst_nanos
from maemae.krx.session import Phase
from maemae.trading.phases import follow, next_change, trading_day, upcoming

MONDAY = date(2026, 11, 23)
CSAT = date(2026, 11, 19)
SATURDAY = date(2026, 11, 28)


class LeapingClock:
    """An exchange's clock that is wherever the next sleep ends."""

    speed = 1

    def __init__(self, instant: int) -> None:
        self.instant = instant

    def now(self) -> int:
        return self.instant

    async def sleep_until(self, instant: int) -> None:
        self.instant = max(self.instant, instant)


def at(day: date, hour: int, minute: int = 0) -> int:
    return kst_nanos(day, time(hour, minute))


def collect(clock: LeapingClock, began: date | None, count: int) -> list[object]:
    async def run() -> list[object]:
        told: list[object] = []
        async for event in follow(clock, began):
            told.append(event)
            if len(told) == count:
                break
        return told

    return asyncio.run(run())


def test_upcoming_before_the_session_tells_that_it_is_closed() -> None:
    now = at(MONDAY, 7)
    assert upcoming(now, None) == (PhaseChanged(Phase.CLOSED, now),)


def test_upcoming_in_the_session_tells_session_and_phase() -> None:
    now = at(MONDAY, 11)
    assert upcoming(now, None) == (
        SessionStarted(MONDAY, now),
        PhaseChanged(Phase.CONTINUOUS, now),
    )


def test_upcoming_when_the_session_began_already_tells_the_phase_only() -> None:
    now = at(MONDAY, 15, 25)
    assert upcoming(now, MONDAY) == (PhaseChanged(Phase.CLOSING_AUCTION, now),)


def test_follow_over_a_day_tells_every_phase_once_and_the_next_session() -> None:
    told = collect(LeapingClock(at(MONDAY, 8, 30)), None, 9)
    assert told == [
        SessionStarted(MONDAY, at(MONDAY, 8, 30)),
        PhaseChanged(Phase.PRE_OPEN_AUCTION, at(MONDAY, 8, 30)),
        PhaseChanged(Phase.CONTINUOUS, at(MONDAY, 9)),
        PhaseChanged(Phase.CLOSING_AUCTION, at(MONDAY, 15, 20)),
        PhaseChanged(Phase.AFTER_HOURS_CLOSE, at(MONDAY, 15, 30)),
        PhaseChanged(Phase.AFTER_MARKET, at(MONDAY, 16)),
        PhaseChanged(Phase.CLOSED, at(MONDAY, 20)),
        SessionStarted(date(2026, 11, 24), at(date(2026, 11, 24), 8, 30)),
        PhaseChanged(Phase.PRE_OPEN_AUCTION, at(date(2026, 11, 24), 8, 30)),
    ]


def test_follow_on_the_day_of_the_exam_opens_an_hour_later() -> None:
    told = collect(LeapingClock(at(CSAT, 9, 30)), CSAT, 2)
    assert told == [
        PhaseChanged(Phase.PRE_OPEN_AUCTION, at(CSAT, 9, 30)),
        PhaseChanged(Phase.CONTINUOUS, at(CSAT, 10)),
    ]


def test_follow_over_a_weekend_begins_on_monday() -> None:
    told = collect(LeapingClock(at(SATURDAY, 12)), date(2026, 11, 27), 2)
    monday = date(2026, 11, 30)
    assert told == [
        PhaseChanged(Phase.CLOSED, at(SATURDAY, 12)),
        SessionStarted(monday, at(monday, 8, 30)),
    ]


def test_next_change_is_always_ahead() -> None:
    now = at(MONDAY, 8, 30)
    for _ in range(30):
        following = next_change(now)
        assert following > now
        now = following


def test_trading_day_after_the_last_market_is_the_next_session() -> None:
    assert trading_day(at(MONDAY, 20)) == date(2026, 11, 24)
    assert trading_day(at(MONDAY, 20) - SECOND) == MONDAY
    assert trading_day(at(SATURDAY, 12) + MINUTE) == date(2026, 11, 30)
