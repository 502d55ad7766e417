"""The clocks: forward only, accelerated where asked."""

from __future__ import annotations

import asyncio
import time

import pytest

from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import SECOND

NINE = 1_795_392_000 * SECOND


def test_venue_clock_when_accelerated_counts_on_from_what_it_was_told() -> None:
    clock = SteadyVenueClock(NINE, speed=1_000)
    began = time.monotonic_ns()
    now = clock.now()
    assert NINE <= now <= NINE + (time.monotonic_ns() - began + SECOND) * 1_000


def test_venue_clock_when_asked_to_sleep_returns_at_or_after_the_instant() -> None:
    clock = SteadyVenueClock(NINE, speed=1_000)
    asyncio.run(clock.sleep_until(NINE + 20 * SECOND))
    assert clock.now() >= NINE + 20 * SECOND


def test_venue_clock_when_the_instant_is_past_returns_at_once() -> None:
    asyncio.run(SteadyVenueClock(NINE).sleep_until(NINE - SECOND))


@pytest.mark.parametrize("speed", [0, -1])
def test_venue_clock_when_slower_than_the_wall_is_refused(speed: int) -> None:
    with pytest.raises(InvalidValueError):
        SteadyVenueClock(NINE, speed)


def test_venue_clock_when_the_wall_jumps_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteadyVenueClock(NINE)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert clock.now() >= NINE


def test_venue_clock_when_the_machine_slept_makes_up_for_it() -> None:
    clock = SteadyVenueClock(NINE)
    clock.leap(60 * SECOND)
    assert clock.now() >= NINE + 60 * SECOND


def test_wall_clock_sleeps_on_the_monotonic_clock() -> None:
    clock = SystemWallClock()
    before = clock.monotonic()
    asyncio.run(clock.sleep(SECOND // 100))
    assert clock.monotonic() - before >= SECOND // 100
    assert abs(clock.now() - time.time_ns()) < SECOND
