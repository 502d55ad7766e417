"""Stops and take-profits: they fire when they must, once, and nothing keeps them from it."""

from __future__ import annotations

import pytest

from maemae.core.actions import (
    Action,
    ExitRefused,
    IntentRefused,
    ProtectionSet,
    ProtectionTriggered,
    SubmitOrder,
)
from maemae.core.events import Event, PhaseChanged, SessionStarted, TradingStateSet
from maemae.core.machine import ANY_PRICE, TradingCore
from maemae.core.state import Protection
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.domain.intent import CancelIntent, Everything
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, Purpose, Side, TradingState
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.builders import (
    DAY_2,
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


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


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
    for price, cause in ((9_000, Cause.STOP), (12_000, Cause.TAKE)):
        triggered, sent = guarded().handle(a_price(price))
        assert isinstance(triggered, ProtectionTriggered)
        assert isinstance(sent, SubmitOrder)
        assert triggered.cause is sent.order.cause is cause
        assert sent.order.purpose is Purpose.REDUCE
        assert sent.order.intent_id.endswith(cause)


def test_guard_when_reached_is_left_wherever_the_price_goes_until_it_is_empty() -> None:
    core = guarded(10, PhaseChanged(Phase.CLOSED, NOON), a_price(9_700))
    assert core.handle(a_price(10_000)) == []
    assert core.guards(SAMSUNG)[0] == ANY_PRICE
    assert sold(core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))) == [10]
    feed(core, a_fill(10, 10_000, "X", 2))
    hold(core, 10, stop_loss=STOP)
    assert core.handle(a_price(10_000)) == []


def test_guard_when_reached_and_bought_more_is_still_left() -> None:
    buy = an_intent(price=9_100, stop_loss=STOP)
    core = guarded(10, buy, a_report(cl_ord_id=2), a_price(9_700))
    feed(core, a_fill(4, 9_100, "X", 2))
    assert sleeve_of(core).protections[SAMSUNG].leaving is Cause.STOP
    assert sold(core.handle(a_report(ExecType.CANCELED, cl_ord_id=2, request_id=3))) == [14]


def test_guard_when_bought_more_follows_the_average_cost() -> None:
    core = guarded()
    hold(core, 10, 10_200, stop_loss=STOP)
    assert sleeve_of(core).protections[SAMSUNG] == Protection(9_797, 10_900)
    assert core.guards(SAMSUNG) == (9_797, 10_900)
    feed(core, a_price(9_000), a_fill(20, 9_000, "X", 3))
    assert core.state.guarded == {}


def test_guard_when_a_second_buy_names_only_a_target_keeps_the_stop() -> None:
    core = a_core()
    hold(core, 10, stop_loss=STOP)
    hold(core, 10, take_profit=TAKE)
    assert sleeve_of(core).protections[SAMSUNG] == Protection(9_700, 10_900)
    assert sold(core.handle(a_price(9_700))) == [20]


def test_guard_when_a_buy_fills_in_parts_covers_each_part() -> None:
    core = a_core(an_intent(size=10, stop_loss=STOP), a_fill(4))
    assert sold(core.handle(a_price(9_700))) == []  # the rest of the buy stands in the way
    assert sold(core.handle(a_report(ExecType.CANCELED, request_id=2))) == [4]
    assert sleeve_of(core).selling == {SAMSUNG: 4}


def test_exit_when_in_flight_is_not_sent_again() -> None:
    core = guarded()
    assert sold(core.handle(a_price(9_600))) == [10]
    assert core.handle(a_price(9_500)) == []


def test_exit_when_filled_in_part_and_ended_goes_on_with_the_rest() -> None:
    core = guarded(10, a_price(9_600), a_fill(4, 9_600, "X", 2))
    assert sold(core.handle(a_report(ExecType.EXPIRED, cl_ord_id=2))) == [6]
    assert sleeve_of(core).protections[SAMSUNG].leaving is Cause.STOP


@pytest.mark.parametrize("skew", [-9, 0, 9])
def test_exit_when_rejected_is_tried_again_a_second_later_whatever_the_brokers_clock(
    skew: int,
) -> None:
    core = guarded(10, a_price(9_600))
    rejected = a_report(ExecType.REJECTED, cl_ord_id=2, at=NOON + skew * SECOND)
    assert sold(core.handle(rejected)) == []
    assert core.handle(a_price(9_650, at=NOON + SECOND - 1)) == []
    assert sold(core.handle(a_price(9_750, at=NOON + SECOND))) == [10]


def test_exit_when_the_session_ended_after_a_rejection_goes_at_the_next_open() -> None:
    core = guarded(10, a_price(9_600), a_report(ExecType.REJECTED, cl_ord_id=2))
    feed(core, PhaseChanged(Phase.CLOSED, NOON), SessionStarted(DAY_2, NOON), rules(day=DAY_2))
    assert sold(core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))) == [10]


def test_guard_when_the_position_is_gone_is_gone_too() -> None:
    core = guarded(10, a_price(9_600), a_fill(10, 9_600, "X", 2))
    assert sleeve_of(core).protections == {}
    assert core.state.guarded == {}
    assert core.guards(SAMSUNG) == (0, 0)


def test_exit_when_the_instrument_is_halted_waits_in_silence_and_goes_on_resume() -> None:
    core = guarded(10, rules(states=(InstrumentState.HALTED,)))
    assert names(core.handle(a_price(9_000))) == ["ProtectionTriggered"]
    assert core.handle(a_price(9_000)) == []
    assert sold(core.handle(rules())) == [10]


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.AFTER_MARKET, Phase.PAUSE])
def test_exit_when_the_market_takes_no_market_order_waits_in_silence(phase: Phase) -> None:
    core = guarded(10, PhaseChanged(phase, NOON))
    assert names(core.handle(a_price(9_000))) == ["ProtectionTriggered"]
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
    assert names(core.handle(a_price(9_000))) == ["ProtectionTriggered"]


def test_exit_when_a_resting_sale_holds_the_shares_cancels_it_and_sells() -> None:
    core = guarded(10, an_intent(Side.SELL, 6, price=10_500), a_report(cl_ord_id=2))
    actions = core.handle(a_price(9_000))
    assert names(actions) == ["ProtectionTriggered", "CancelOrder", "SubmitOrder"]
    assert sold(actions) == [4]
    assert core.handle(a_price(8_900)) == []
    assert sold(core.handle(a_report(ExecType.CANCELED, cl_ord_id=2, request_id=3))) == [6]


def test_exit_when_the_resting_sale_fills_instead_sells_no_more() -> None:
    core = guarded(10, an_intent(Side.SELL, 10, price=10_500), a_report(cl_ord_id=2))
    assert names(core.handle(a_price(9_000))) == ["ProtectionTriggered", "CancelOrder"]
    assert sold(core.handle(a_fill(10, 10_500, "X", 2))) == []
    assert sleeve_of(core).positions == {}


@pytest.mark.parametrize("sleeve_id", [SLEEVE, OTHER_SLEEVE])
def test_exit_when_an_own_buy_rests_cancels_it_first(sleeve_id: str) -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, stop_loss=STOP)
    buyer = SLEEVE if sleeve_id == SLEEVE else OTHER_SLEEVE
    feed(core, an_intent(price=9_100, sleeve_id=buyer), a_report(cl_ord_id=2))
    assert names(core.handle(a_price(9_600))) == ["ProtectionTriggered", "CancelOrder"]
    assert core.handle(a_price(9_750)) == []
    assert sold(core.handle(a_report(ExecType.CANCELED, cl_ord_id=2, request_id=3))) == [10]


def test_exit_when_the_cancel_of_a_buy_is_refused_asks_again_after_a_second() -> None:
    core = guarded(10, an_intent(price=9_100), a_report(cl_ord_id=2), a_price(9_600))
    feed(core, a_report(ExecType.CANCEL_REJECTED, cl_ord_id=2, request_id=3))
    assert core.handle(a_price(9_600, at=NOON + SECOND - 1)) == []
    assert names(core.handle(a_price(9_600, at=NOON + SECOND))) == ["CancelOrder"]


@pytest.mark.parametrize("side", Side)
def test_exit_when_an_own_order_is_in_doubt_does_not_wait_for_it(side: Side) -> None:
    core = guarded(10, an_intent(side, 4, price=9_800 if side is Side.BUY else 10_500))
    feed(core, a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=2, order_id=None))
    assert sold(core.handle(a_price(9_600))) == [10 if side is Side.BUY else 6]


def test_exit_when_another_sleeve_sells_too_leaves_its_order_alone() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, stop_loss=STOP)
    hold(core, 10, sleeve_id=OTHER_SLEEVE)
    feed(core, an_intent(Side.SELL, 10, price=10_500, sleeve_id=OTHER_SLEEVE))
    assert names(core.handle(a_price(9_600))) == ["ProtectionTriggered", "SubmitOrder"]


def test_exit_when_trading_is_halted_is_refused_and_said_once() -> None:
    core = guarded(10, TradingStateSet(TradingState.HALTED, "시험", NOON))
    triggered, refused, told = core.handle(a_price(9_000))
    assert isinstance(triggered, ProtectionTriggered)
    assert isinstance(refused, IntentRefused)
    assert isinstance(told, ExitRefused)
    assert told.reasons == (Reason.TRADING_HALTED,)
    assert feed(core, a_price(8_990), a_price(9_800)) == []
    assert sold(core.handle(TradingStateSet(TradingState.ACTIVE, "시험", NOON))) == [10]


@pytest.mark.parametrize("price", [0, -1])
def test_price_when_it_is_none_is_ignored(price: int) -> None:
    core = guarded()
    assert core.handle(a_price(price)) == []
    assert core.market.prices[SAMSUNG] == 10_000


def test_price_when_older_than_the_last_is_ignored() -> None:
    core = guarded(10, a_price(10_100, at=NOON + SECOND))
    assert core.handle(a_price(9_000, at=NOON)) == []
    assert (core.market.prices[SAMSUNG], core.now) == (10_100, NOON + SECOND)
    assert sold(core.handle(a_price(9_000, at=NOON + SECOND))) == [10]


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
