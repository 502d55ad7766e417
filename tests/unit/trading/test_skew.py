"""Clocks that cannot be believed stop new orders, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from maemae.core.actions import Action
from maemae.core.events import CeilingSet, Event
from maemae.domain.errors import SleptError
from maemae.domain.instant import DAY, MINUTE, SECOND
from maemae.domain.terms import TradingState
from maemae.trading.ceiling import Ceiling
from maemae.trading.endings import Ending
from maemae.trading.plan import Rhythm
from maemae.trading.skew import SkewWatch, skew_between
from tests.timed_outside import MONDAY, Place, at
from tests.virtual_time import BEGAN, run

HOUR = 60 * MINUTE


class Told:
    """Takes what the core is told."""

    def __init__(self) -> None:
        self.ceilings: list[TradingState] = []

    async def ask(
        self, event: Event, *, still: Callable[[], bool] | None = None
    ) -> tuple[Action, ...]:
        assert isinstance(event, CeilingSet)
        self.ceilings.append(event.ceiling)
        return ()


def watch(place: Place, fault: Callable[[], None], mend: Callable[[], None]) -> list[TradingState]:
    """Return the ceilings: a minute of good clocks, a fault for two minutes, and good again."""
    told = Told()

    async def main() -> None:
        ceiling = Ceiling(told.ask, place.venue)
        await ceiling.open()
        watching = asyncio.create_task(SkewWatch(place.outside, ceiling, Rhythm()).run())
        await asyncio.sleep(60)
        assert place.alerts == []
        fault()
        await asyncio.sleep(29)
        if place.alerts:  # told within 30 s
            assert told.ceilings[-1] is TradingState.REDUCING
        await asyncio.sleep(91)
        mend()
        await asyncio.sleep(180)
        watching.cancel()

    run(main())
    return told.ceilings


STOPPED_FOR_A_WHILE = [TradingState.ACTIVE, TradingState.REDUCING, TradingState.ACTIVE]


def nothing() -> None:
    pass


@pytest.mark.parametrize("skew", [1_001_000_000, -1_001_000_000, HOUR])
@pytest.mark.parametrize("speed", [1, 60])
def test_watch_when_the_brokers_clock_differs_stops_new_orders_until_it_is_right(
    skew: int, speed: int
) -> None:
    place = Place(at(MONDAY, 10), speed)

    def turn() -> None:
        # What the wait for the answer leaves in doubt does not count.
        place.broker.skew = (skew + (SECOND if skew > 0 else -SECOND)) * speed

    def mend() -> None:
        place.broker.skew = 0

    assert watch(place, turn, mend) == STOPPED_FOR_A_WHILE
    assert {(alert.code, alert.is_critical) for alert in place.alerts} == {("CLOCK_SKEW", True)}
    assert place.over[-1] == (Ending.CLOCKS_RIGHT, None)


@pytest.mark.parametrize("step", [HOUR, -HOUR, DAY, 2 * SECOND])
def test_watch_when_the_wall_clock_is_set_stops_new_orders_for_a_while(step: int) -> None:
    place = Place(at(MONDAY, 10))

    def turn() -> None:
        place.wall.step += step

    assert watch(place, turn, nothing) == STOPPED_FOR_A_WHILE


def test_watch_when_the_difference_is_small_lets_orders_go() -> None:
    place = Place(at(MONDAY, 10))

    def turn() -> None:
        place.broker.skew = 900_000_000
        place.wall.step += 900_000_000

    assert watch(place, turn, nothing) == [TradingState.ACTIVE]
    assert place.alerts == []


def test_watch_when_the_broker_is_silent_neither_alarms_nor_recovers() -> None:
    place = Place(at(MONDAY, 10))

    def turn() -> None:
        place.wall.step += HOUR
        place.broker.is_silent = True

    assert watch(place, turn, nothing) == [TradingState.ACTIVE, TradingState.REDUCING]


def test_watch_when_the_fault_comes_back_within_the_minute_goes_on_holding() -> None:
    place, told = Place(at(MONDAY, 10)), Told()

    async def main() -> None:
        ceiling = Ceiling(told.ask, place.venue)
        await ceiling.open()
        watching = asyncio.create_task(SkewWatch(place.outside, ceiling, Rhythm()).run())
        for _ in range(8):
            await asyncio.sleep(50)
            place.wall.step -= HOUR
        assert told.ceilings == [TradingState.ACTIVE, TradingState.REDUCING]
        watching.cancel()

    run(main())


def test_skew_between_counts_only_what_the_wait_does_not_explain() -> None:
    assert skew_between(15, 10, 20, 1) == 0
    assert skew_between(25, 10, 20, 1) == 5
    assert skew_between(4, 10, 20, 1) == -6
    assert skew_between(20 + 600, 10, 20, 60) == 10


def asleep(change: Callable[[Place], None], *, is_ours: bool = True) -> Place:
    """Return what was told once a change of the clocks was looked at."""
    place, told = Place(at(MONDAY, 10)), Told()
    place.wall.step = at(MONDAY, 10) - BEGAN
    outside = replace(place.outside, leap=place.venue.leap if is_ours else None)

    async def main() -> None:
        watching = SkewWatch(outside, Ceiling(told.ask, place.venue), Rhythm())
        await watching.look()
        change(place)
        await watching.look()

    run(main())
    return place


def sleep(place: Place, wall: int = HOUR, broker: int = HOUR) -> None:
    place.wall.step += wall
    place.broker.skew += broker


def test_watch_when_the_machine_slept_ends_the_engine() -> None:
    with pytest.raises(SleptError, match="slept for 3,600 s") as raised:
        asleep(sleep)

    assert raised.value.slept == HOUR


@pytest.mark.parametrize(
    ("wall", "broker"), [(HOUR, 0), (0, HOUR), (HOUR, 2 * HOUR), (-HOUR, -HOUR), (HOUR, -HOUR)]
)
def test_watch_when_wall_and_broker_do_not_agree_on_a_sleep_only_holds(
    wall: int, broker: int
) -> None:
    place = asleep(lambda place: sleep(place, wall, broker))

    assert place.told("CLOCK_SKEW")


def test_watch_when_the_exchange_tells_its_time_itself_only_holds() -> None:
    assert asleep(sleep, is_ours=False).told("CLOCK_SKEW")
