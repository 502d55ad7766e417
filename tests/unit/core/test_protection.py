"""Stops and take-profits: they fire when they must, once, and nothing keeps them from it."""

from __future__ import annotations

import pytest

from maemae.core.actions import Action, CancelOrder, IntentRefused, ProtectionSet, SubmitOrder
from maemae.core.events import Event, PhaseChanged
from maemae.core.machine import TradingCore
from maemae.core.state import Protection
from maemae.domain.ids import ClOrdId
from maemae.domain.intent import CancelIntent, Everything
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Purpose, Side, TradingState
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.builders import (
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    rules,
    sleeve_of,
)

STOP, TAKE = 30_000, 90_000  # 9,700 and 10,900 won


def guarded(qty: int = 10, *events: Event) -> TradingCore:
    core = a_core()
    hold(core, qty, stop_loss=STOP, take_profit=TAKE)
    feed(core, *events)
    return core


def sold(actions: list[Action]) -> list[int]:
    """Return the quantities of the market sells that were sent."""
    sent = [action.order for action in actions if isinstance(action, SubmitOrder)]
    assert all((order.side, order.price) == (Side.SELL, None) for order in sent)
    return [order.order_qty for order in sent]


@pytest.mark.parametrize(
    ("price", "quantities"),
    [(9_700, [10]), (7_000, [10]), (9_710, []), (10_900, [10]), (13_000, [10]), (10_890, [])],
    ids=["at the stop", "gap below", "above it", "at the profit", "gap above", "below it"],
)
def test_price_when_it_reaches_a_guard_sells_everything(price: int, quantities: list[int]) -> None:
    assert sold(guarded().handle(a_price(price))) == quantities


def test_exit_when_sent_is_a_reduction_and_says_why() -> None:
    (stop,), (take,) = guarded().handle(a_price(9_000)), guarded().handle(a_price(12_000))
    assert isinstance(stop, SubmitOrder)
    assert isinstance(take, SubmitOrder)
    assert stop.order.purpose is Purpose.REDUCE
    assert stop.order.intent_id.endswith("STOP")
    assert take.order.intent_id.endswith("TAKE")


def test_guard_when_bought_more_follows_the_average_cost() -> None:
    core = guarded()
    hold(core, 10, 10_200, stop_loss=STOP)
    assert sleeve_of(core).protections[SAMSUNG] == Protection(9_797, 0)
    assert core.guards(SAMSUNG) == (9_797, 0)
    feed(core, a_price(9_000), a_fill(20, 9_000, "X", 3))
    assert core.state.guarded == {}


def test_guard_when_a_buy_fills_in_parts_covers_each_part() -> None:
    core = a_core(an_intent(size=10, stop_loss=STOP), a_fill(4))
    assert sold(core.handle(a_price(9_700))) == []  # the rest of the buy stands in the way
    feed(core, a_report(ExecType.CANCELED, request_id=2))
    assert sleeve_of(core).selling == {SAMSUNG: 4}


def test_exit_when_in_flight_is_not_sent_again() -> None:
    core = guarded()
    assert sold(core.handle(a_price(9_600))) == [10]
    assert core.handle(a_price(9_500)) == []


def test_exit_when_filled_in_part_and_ended_goes_on_with_the_rest() -> None:
    core = guarded(10, a_price(9_600), a_fill(4, 9_600, "X", 2))
    feed(core, a_report(ExecType.EXPIRED, cl_ord_id=2))
    assert sleeve_of(core).protections[SAMSUNG] == Protection(9_700, 10_900)
    assert sold(core.handle(a_price(9_500))) == [6]


def test_exit_when_rejected_is_tried_at_the_next_price() -> None:
    core = guarded(10, a_price(9_600), a_report(ExecType.REJECTED, cl_ord_id=2))
    assert sold(core.handle(a_price(9_650))) == [10]


def test_guard_when_the_position_is_gone_is_gone_too() -> None:
    core = guarded(10, a_price(9_600), a_fill(10, 9_600, "X", 2))
    assert sleeve_of(core).protections == {}
    assert core.state.guarded == {}
    assert core.guards(SAMSUNG) == (0, 0)


def test_exit_when_the_instrument_is_halted_waits_in_silence_and_goes_on_resume() -> None:
    core = guarded(10, rules(states=(InstrumentState.HALTED,)))
    assert core.handle(a_price(9_000)) == []
    feed(core, rules())
    assert sold(core.handle(a_price(9_000))) == [10]


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.AFTER_MARKET, Phase.PAUSE])
def test_exit_when_the_market_takes_no_market_order_waits_in_silence(phase: Phase) -> None:
    core = guarded(10, PhaseChanged(phase, NOON))
    assert core.handle(a_price(9_000)) == []
    assert sold(core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))) == [10]


@pytest.mark.parametrize("state", [InstrumentState.WARNING, InstrumentState.LIMIT_LOCKED])
def test_exit_when_only_buying_is_restricted_goes(state: InstrumentState) -> None:
    assert sold(guarded(10, rules(states=(state,))).handle(a_price(9_000))) == [10]


def test_exit_when_larger_than_the_exchange_takes_goes_in_parts() -> None:
    core = a_core()
    hold(core, 80, stop_loss=STOP)
    feed(core, rules(listed_shares=1_000))
    assert sold(core.handle(a_price(9_000))) == [50]
    assert sold(core.handle(a_price(9_000))) == [30]
    assert core.handle(a_price(9_000)) == []


def test_exit_when_the_strategy_leaves_at_market_already_adds_nothing() -> None:
    core = guarded(10, an_intent(Side.SELL, Everything()))
    assert core.handle(a_price(9_000)) == []


def test_exit_when_a_resting_sale_holds_the_shares_cancels_it_and_sells() -> None:
    core = guarded(10, an_intent(Side.SELL, 6, price=10_500), a_report(cl_ord_id=2))
    actions = core.handle(a_price(9_000))
    assert [type(action) for action in actions] == [CancelOrder, SubmitOrder]
    assert sold(actions) == [4]
    assert core.handle(a_price(8_900)) == []
    assert sold(core.handle(a_report(ExecType.CANCELED, cl_ord_id=2, request_id=3))) == [6]


def test_exit_when_the_resting_sale_fills_instead_sells_no_more() -> None:
    core = guarded(10, an_intent(Side.SELL, 10, price=10_500), a_report(cl_ord_id=2))
    (canceled,) = core.handle(a_price(9_000))
    assert isinstance(canceled, CancelOrder)
    assert sold(core.handle(a_fill(10, 10_500, "X", 2))) == []
    assert sleeve_of(core).positions == {}


@pytest.mark.parametrize("sleeve_id", [SLEEVE, OTHER_SLEEVE])
def test_exit_when_an_own_buy_rests_cancels_it_first(sleeve_id: str) -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, stop_loss=STOP)
    buyer = SLEEVE if sleeve_id == SLEEVE else OTHER_SLEEVE
    feed(core, an_intent(price=9_100, sleeve_id=buyer), a_report(cl_ord_id=2))
    (canceled,) = core.handle(a_price(9_600))
    assert isinstance(canceled, CancelOrder)
    assert core.handle(a_price(9_550)) == []
    assert sold(core.handle(a_report(ExecType.CANCELED, cl_ord_id=2, request_id=3))) == [10]


def test_exit_when_another_sleeve_sells_too_leaves_its_order_alone() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, stop_loss=STOP)
    hold(core, 10, sleeve_id=OTHER_SLEEVE)
    feed(core, an_intent(Side.SELL, 10, price=10_500, sleeve_id=OTHER_SLEEVE))
    (action,) = core.handle(a_price(9_600))
    assert isinstance(action, SubmitOrder)


def test_exit_when_trading_is_halted_is_refused_and_said() -> None:
    core = guarded()
    core.state.trading_state = TradingState.HALTED
    (refused,) = core.handle(a_price(9_000))
    assert isinstance(refused, IntentRefused)


def test_order_when_canceled_by_the_strategy_does_not_wake_a_guard_that_is_not_reached() -> None:
    core = guarded(10, an_intent(Side.SELL, 10, price=10_500), a_report(cl_ord_id=2))
    feed(core, CancelIntent(ClOrdId(2), NOON))
    assert sold(core.handle(a_report(ExecType.CANCELED, cl_ord_id=2, request_id=3))) == []


def test_guard_when_its_buy_is_busted_ends() -> None:
    core = guarded(10, a_report(ExecType.TRADE_CANCEL, ref="F1"))
    assert (sleeve_of(core).positions, sleeve_of(core).protections) == ({}, {})
    assert core.state.guarded == {}


def test_guard_when_its_buy_is_corrected_moves() -> None:
    core = guarded(10, a_report(ExecType.TRADE_CORRECT, 10, 9_000, ref="F1"))
    assert sleeve_of(core).protections[SAMSUNG] == Protection(8_730, 9_810)


def test_guards_when_several_sleeves_wait_are_the_nearest_of_each_kind() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, stop_loss=STOP, take_profit=TAKE)
    hold(core, 10, sleeve_id=OTHER_SLEEVE, stop_loss=20_000)
    assert core.guards(SAMSUNG) == (9_800, 10_900)
    assert core.guards(HYNIX) == (0, 0)
    assert sold(core.handle(a_price(9_800))) == [10]
    assert sleeve_of(core, OTHER_SLEEVE).selling == {SAMSUNG: 10}
    assert sleeve_of(core).selling == {}


def test_guard_when_the_wish_names_only_a_stop_has_no_profit_to_take() -> None:
    core = a_core()
    hold(core, 10, stop_loss=STOP)
    assert core.handle(a_price(1_000_000)) == []


def test_guard_when_set_is_a_fact() -> None:
    actions = feed(a_core(an_intent(size=3, stop_loss=STOP)), a_fill(3, 9_999))
    assert isinstance(actions[-1], ProtectionSet)
    assert actions[-1].stop_px == 9_699  # of 9,699.03
