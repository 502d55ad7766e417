"""An exit that does not trade goes on: limit, marketable limit, market, one after the other."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.core.actions import Action, SubmitOrder
from maemae.core.config import ExitStyle, Rung
from maemae.core.events import (
    Event,
    KillLevel,
    KillSet,
    PhaseChanged,
    TimePassed,
    TradingStateSet,
)
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Cause, TradingState
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.builders import (
    NOON,
    SAMSUNG,
    a_config,
    a_fill,
    a_price,
    a_report,
    feed,
    hold,
    opening,
    rules,
    sleeve_of,
)

E = ExecType
LADDER = (
    Rung(ExitStyle.TRIGGER, lasts=5 * SECOND),
    Rung(ExitStyle.THROUGH, ticks=3, lasts=2 * SECOND),
    Rung(ExitStyle.MARKET),
)
CANCELED = a_report(E.CANCELED, cl_ord_id=2, request_id=3)


def guarded(
    *events: Event, limits: Limits | None = None, ladder: tuple[Rung, ...] = LADDER
) -> TradingCore:
    core = TradingCore(replace(a_config(), exit_ladder=ladder))
    feed(core, *opening(limits=limits))
    hold(core, 10, stop_loss=30_000, take_profit=90_000)
    feed(core, *events)
    return core


def later(seconds: int) -> TimePassed:
    return TimePassed(NOON + seconds * SECOND)


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def sent(actions: list[Action]) -> list[tuple[int, int | None]]:
    """Return quantity and price of what was sent."""
    orders = [action.order for action in actions if isinstance(action, SubmitOrder)]
    return [(order.order_qty, order.price) for order in orders]


def test_exit_when_nothing_is_configured_goes_at_market() -> None:
    core = TradingCore(a_config())
    feed(core, *opening())
    hold(core, 10, stop_loss=30_000)
    assert sent(core.handle(a_price(9_690))) == [(10, None)]
    assert core.wakes_at() is None


@pytest.mark.parametrize(("price", "limit"), [(9_690, 9_700), (10_950, 10_900)])
def test_exit_when_it_begins_stands_at_the_price_of_the_guard(price: int, limit: int) -> None:
    assert sent(guarded().handle(a_price(price))) == [(10, limit)]


def test_exit_when_it_does_not_trade_climbs_every_rung_in_its_time() -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2))
    assert core.wakes_at() == NOON + 5 * SECOND
    assert core.handle(TimePassed(NOON + 5 * SECOND - 1)) == []
    assert names(core.handle(later(5))) == ["ExitEscalated", "CancelOrder"]
    assert core.wakes_at() is None
    assert sent(core.handle(CANCELED)) == [(10, 9_660)]
    assert core.wakes_at() == NOON + 7 * SECOND
    feed(core, a_report(cl_ord_id=4, order_id="0000004"))
    assert names(core.handle(later(7))) == ["ExitEscalated", "CancelOrder"]
    canceled = a_report(E.CANCELED, cl_ord_id=4, request_id=5, order_id="0000004")
    assert sent(core.handle(canceled)) == [(10, None)]
    assert core.wakes_at() is None


def test_exit_when_a_price_comes_after_its_time_climbs_as_well() -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2))
    late = a_price(9_650, at=NOON + 6 * SECOND)
    assert names(core.handle(late)) == ["ExitEscalated", "CancelOrder"]


def test_exit_when_filled_in_part_sends_only_the_rest_in_the_next_way() -> None:
    core = guarded(a_price(9_690), a_fill(4, 9_700, "X", 2), later(5))
    assert sent(core.handle(CANCELED)) == [(6, 9_660)]


def test_exit_when_filled_during_its_cancel_sends_nothing_more() -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2), later(5))
    assert sent(core.handle(a_fill(10, 9_700, "X", 2))) == []
    assert core.state.guarded == {}


def test_exit_when_its_order_ends_early_is_sent_again_in_the_same_way() -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2))
    assert sent(core.handle(a_report(E.EXPIRED, cl_ord_id=2))) == [(10, 9_700)]
    assert core.wakes_at() == NOON + 5 * SECOND


def test_exit_when_the_core_restarts_remembers_the_rung() -> None:
    before = guarded(a_price(9_690), a_report(cl_ord_id=2), later(5))
    core = TradingCore(replace(a_config(), exit_ladder=LADDER), before.state)
    feed(core, rules(), a_price(9_690), PhaseChanged(Phase.CONTINUOUS, NOON))
    assert sent(core.handle(CANCELED)) == [(10, 9_660)]


@pytest.mark.parametrize(
    ("state", "ends_at"),
    [(InstrumentState.HALTED, None), (InstrumentState.VI, NOON + VI_OVER_AFTER)],
)
def test_exit_when_the_instrument_stands_still_parks_and_goes_on_when_it_resumes(
    state: InstrumentState, ends_at: int | None
) -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2), rules(states=(state,)))
    assert core.wakes_at() == ends_at
    assert core.handle(later(60)) == []
    assert names(core.handle(rules())) == ["ExitEscalated", "CancelOrder"]


def test_exit_when_the_market_closes_parks_and_goes_on_when_it_opens() -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2), PhaseChanged(Phase.CLOSED, NOON))
    feed(core, a_report(E.EXPIRED, cl_ord_id=2))
    assert core.handle(later(60)) == []
    actions = core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))
    assert sent(actions) == [(10, 9_660)]


def test_exit_when_trading_is_halted_keeps_its_order() -> None:
    core = guarded(a_price(9_690), a_report(cl_ord_id=2))
    feed(core, TradingStateSet(TradingState.HALTED, "시험", NOON))
    assert core.wakes_at() is None
    assert core.handle(later(60)) == []
    resumed = core.handle(TradingStateSet(TradingState.REDUCING, "시험", NOON))
    assert names(resumed) == ["TradingStateChanged", "ExitEscalated", "CancelOrder"]


@pytest.mark.parametrize(("collar", "limit"), [(10_000, 8_910), (100_000, 9_700)])
def test_exit_when_the_price_has_gone_past_its_guard_gives_away_no_more_than_the_collar(
    collar: int, limit: int
) -> None:
    price = 9_000
    core = guarded(limits=Limits(collar=collar))
    assert sent(core.handle(a_price(price))) == [(10, max(limit, 9_700))]
    gap_up = guarded(limits=Limits(collar=collar))
    lowest = 12_000 - 12_000 * collar // 1_000_000
    assert sent(gap_up.handle(a_price(12_000))) == [(10, max(10_900, lowest))]


def test_exit_when_the_day_has_a_lower_limit_stands_at_it_at_most() -> None:
    ladder = (Rung(ExitStyle.THROUGH, ticks=50, lasts=SECOND), Rung(ExitStyle.MARKET))
    assert sent(guarded(ladder=ladder).handle(a_price(7_050))) == [(10, 7_000)]


def test_exit_when_no_tick_is_known_counts_single_won() -> None:
    ladder = (Rung(ExitStyle.THROUGH, ticks=3, lasts=SECOND), Rung(ExitStyle.MARKET))
    core = guarded(rules(base_price=None), ladder=ladder)
    assert sent(core.handle(a_price(9_691))) == [(10, 9_688)]


def test_exit_when_no_price_is_known_goes_at_market() -> None:
    before = guarded(a_price(9_690), a_report(cl_ord_id=2), later(5), CANCELED)
    feed(before, a_report(E.EXPIRED, cl_ord_id=4, order_id="0000004"))
    feed(before, a_report(E.EXPIRED, cl_ord_id=5, order_id="0000005"))
    core = TradingCore(replace(a_config(), exit_ladder=LADDER), before.state)
    core.observe(rules())
    ended = a_report(E.EXPIRED, cl_ord_id=6, order_id="0000006", at=NOON)
    core.observe(PhaseChanged(Phase.CONTINUOUS, NOON))
    assert sent(core.handle(ended)) == [(10, None)]


def test_liquidation_and_wishes_when_a_ladder_is_set_go_at_market() -> None:
    core = guarded()
    assert sent(core.handle(KillSet(KillLevel.LIQUIDATE, "훈련", NOON))) == [(10, None)]


def test_exit_when_its_order_is_lost_climbs_without_selling_twice() -> None:
    core = guarded(a_price(9_690))
    feed(core, a_report(E.OUTCOME_UNKNOWN, cl_ord_id=2, order_id=None))
    assert names(core.handle(later(5))) == ["ExitEscalated"]
    assert core.handle(later(60)) == []
    assert sleeve_of(core).protections[SAMSUNG].leaving is Cause.STOP
