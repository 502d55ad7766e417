"""The simulated exchange's time as its broker tells it: never back, woken by a skipped night."""

from __future__ import annotations

import asyncio

from maemae.brokers.sim.clock import SimVenueClock
from maemae.domain.instant import SECOND

NINE = 1_795_392_000 * SECOND
HOUR = 3_600 * SECOND


def test_clock_goes_on_from_what_it_was_told() -> None:
    clock = SimVenueClock()
    clock.set(NINE, 1_000)
    assert NINE <= clock.now() < NINE + HOUR
    asyncio.run(clock.sleep_until(NINE + 20 * SECOND))
    assert clock.now() >= NINE + 20 * SECOND


def test_clock_when_told_an_earlier_time_waits_for_it() -> None:
    clock = SimVenueClock()
    clock.set(NINE + HOUR, 1)
    before = clock.now()
    clock.set(NINE, 1)
    assert before <= clock.now() < NINE + HOUR + SECOND


def test_sleeper_when_the_night_is_skipped_wakes() -> None:
    clock = SimVenueClock()
    clock.set(NINE, 1)

    async def play() -> None:
        sleeping = asyncio.create_task(clock.sleep_until(NINE + HOUR))
        await asyncio.sleep(0.01)
        assert not sleeping.done()
        clock.set(NINE + HOUR)
        await asyncio.wait_for(sleeping, 10)

    asyncio.run(play())
