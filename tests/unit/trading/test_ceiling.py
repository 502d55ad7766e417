"""Nothing lifts the ceiling over what still holds it."""

from __future__ import annotations

from collections.abc import Callable

from maemae.core.actions import Action
from maemae.core.events import CeilingSet, Event
from maemae.domain.terms import TradingState
from maemae.trading.ceiling import Ceiling
from tests.timed_outside import MONDAY, LeapingVenue, at
from tests.virtual_time import run

HALTED, REDUCING, ACTIVE = TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE


class Core:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[CeilingSet] = []

    async def ask(
        self, event: Event, *, still: Callable[[], bool] | None = None
    ) -> tuple[Action, ...]:
        assert isinstance(event, CeilingSet)
        self.told.append(event)
        return ()

    @property
    def ceilings(self) -> list[TradingState]:
        return [event.ceiling for event in self.told]


def test_ceiling_when_it_is_held_before_it_is_opened_stays_halted() -> None:
    core = Core()

    async def main() -> None:
        ceiling = Ceiling(core.ask, LeapingVenue(at(MONDAY, 9)))
        await ceiling.hold("CLOCK", "early")
        await ceiling.halt("recovery")
        await ceiling.hold("CERTIFICATE", "not yet")
        await ceiling.release("CLOCK")
        assert core.ceilings == [HALTED]
        await ceiling.open()
        assert ceiling.causes == {"CERTIFICATE"}

    run(main())
    assert core.ceilings == [HALTED, REDUCING]
    assert core.told[-1].reason == "not yet"


def test_ceiling_when_two_causes_hold_it_is_lifted_by_the_last() -> None:
    core = Core()

    async def main() -> None:
        ceiling = Ceiling(core.ask, LeapingVenue(at(MONDAY, 9)))
        await ceiling.halt("recovery")
        await ceiling.open()
        await ceiling.hold("CLOCK", "wrong")
        await ceiling.hold("CERTIFICATE", "failed")
        await ceiling.hold("CLOCK", "still wrong")
        await ceiling.release("CLOCK")
        assert core.ceilings == [HALTED, ACTIVE, REDUCING]
        await ceiling.release("NOBODY")
        await ceiling.release("CERTIFICATE")

    run(main())
    assert core.ceilings == [HALTED, ACTIVE, REDUCING, ACTIVE]
