"""What waits in the core, as a person sees it."""

from __future__ import annotations

import pytest

from maemae.core.events import Event, PhaseChanged
from maemae.core.machine import TradingCore
from maemae.domain.ids import IntentId
from maemae.domain.instant import MINUTE
from maemae.domain.intent import ParentIntent, TargetWeights
from maemae.domain.parent import Crossing, Slice
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from maemae.trading.waiting import Waiting, WaitsFor, waiting
from tests.builders import (
    ACCOUNT,
    NOON,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_fill,
    a_report,
    an_intent,
    hold,
)

RISES = Crossing(10_500, above=True)
TWAP = (Slice(after=MINUTE),) * 3


def seen(core: TradingCore) -> Waiting:
    (found,) = waiting(core.state, core.now)
    return found


def parent(
    starts_at: int = 0, crossing: Crossing | None = None, slices: tuple[Slice, ...] = (Slice(),)
) -> ParentIntent:
    return ParentIntent(an_intent(intent_id="S:1"), starts_at, crossing, slices)


def test_conditional_order_waits_for_its_price() -> None:
    found = seen(a_core(parent(crossing=RISES)))

    assert (found.intent_id, found.symbol, found.side) == ("S:1", SAMSUNG, Side.BUY)
    assert (found.waits_for, found.crossing, found.at) == (WaitsFor.PRICE, RISES, None)
    assert (found.filled, found.qty) == (0, 0)


def test_scheduled_order_waits_for_its_time() -> None:
    found = seen(a_core(parent(starts_at=NOON + MINUTE)))

    assert (found.waits_for, found.at) == (WaitsFor.TIME, NOON + MINUTE)


def test_twap_waits_for_its_next_part_and_counts_what_its_orders_got() -> None:
    found = seen(a_core(parent(slices=TWAP), a_report(), a_fill(1, 10_000, "F1", 1, NOON)))

    assert (found.waits_for, found.at) == (WaitsFor.PART, NOON + MINUTE)
    assert (found.filled, found.qty, found.sent, found.parts) == (1, 10, 1, 3)


@pytest.mark.parametrize("slices", [(Slice(),), (Slice(follows=True),) * 2])
def test_parent_whose_order_works_waits_for_its_end(slices: tuple[Slice, ...]) -> None:
    found = seen(a_core(parent(slices=slices), a_report()))

    assert (found.waits_for, found.at, found.sent) == (WaitsFor.FILLS, None, 1)


CLOSED = PhaseChanged(Phase.CLOSED, NOON)


@pytest.mark.parametrize(
    "wish",
    [
        an_intent(intent_id="S:1"),
        ParentIntent(an_intent(intent_id="S:1")),
        TargetWeights(IntentId("S:1"), ACCOUNT, SLEEVE, ((SAMSUNG, 10_000),), NOON),
    ],
    ids=["parked", "parent", "rebalancing"],
)
def test_wish_after_the_close_waits_for_the_market(wish: Event) -> None:
    found = seen(a_core(CLOSED, wish))

    assert (found.intent_id, found.waits_for) == ("S:1", WaitsFor.MARKET)
    assert (found.symbol is None) is isinstance(wish, TargetWeights)


def test_rebalancing_waits_for_its_sales() -> None:
    core = a_core()
    hold(core, 100)
    core.handle(TargetWeights(IntentId("S:1"), ACCOUNT, SLEEVE, ((SAMSUNG, 10_000),), NOON))

    assert seen(core).waits_for is WaitsFor.FILLS


def test_nothing_waits_in_a_core_that_has_nothing_to_do() -> None:
    assert waiting(a_core(an_intent(), a_report()).state, NOON) == ()
