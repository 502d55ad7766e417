"""A wish to close waits for own buys to go, the way stops do, and holds until nothing is left."""

from __future__ import annotations

import pytest

from maemae.core.actions import Action, ExitStarted, IntentRefused, SubmitOrder
from maemae.core.events import Event, KillLevel, KillSet, PhaseChanged, TradingStateSet
from maemae.core.machine import ANY_PRICE, TradingCore
from maemae.domain.ids import IntentId
from maemae.domain.intent import Everything
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, Side, TradingState
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_config,
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

E = ExecType
CLOSE = an_intent(Side.SELL, Everything(), intent_id="close")
GONE = a_report(E.CANCELED, cl_ord_id=2, request_id=3)


def buying_more(*events: Event, stop_loss: int | None = None) -> TradingCore:
    """Return a core that holds 10 and whose buy of 5 more, order 2, rests at 9,900."""
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10, stop_loss=stop_loss)
    feed(core, an_intent(size=5, price=9_900, intent_id="more"), a_report(cl_ord_id=2))
    feed(core, *events)
    return core


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def sold(actions: list[Action]) -> list[tuple[int, Cause]]:
    sent = [action.order for action in actions if isinstance(action, SubmitOrder)]
    assert all((order.side, order.price) == (Side.SELL, None) for order in sent)
    return [(order.order_qty, order.cause) for order in sent]


def test_close_when_an_own_buy_rests_cancels_it_and_sells_when_it_is_gone() -> None:
    core = buying_more()
    started, canceled = core.handle(CLOSE)
    assert started == ExitStarted(IntentId("close"), ACCOUNT, SLEEVE, SAMSUNG, Cause.SIGNAL)
    assert type(canceled).__name__ == "CancelOrder"
    assert sold(core.handle(GONE)) == [(10, Cause.SIGNAL)]


def test_close_when_told_again_is_known() -> None:
    core = buying_more(CLOSE)
    assert core.handle(CLOSE) == []
    assert TradingCore(a_config(), core.state).handle(CLOSE) == []


def test_close_when_the_buy_fills_meanwhile_sells_that_too() -> None:
    core = buying_more(CLOSE, a_fill(2, 9_900, "X", 2))
    assert sold(core.handle(GONE)) == [(12, Cause.SIGNAL)]


def test_close_when_nothing_is_held_yet_sells_what_the_buy_still_brings() -> None:
    core = a_core(an_intent(size=5, price=9_900), a_report())
    assert names(core.handle(CLOSE)) == ["ExitStarted", "CancelOrder"]
    assert core.guards(SAMSUNG) == (ANY_PRICE, 0)
    assert sold(core.handle(a_fill(5, 9_900))) == [(5, Cause.SIGNAL)]


def test_close_when_nothing_is_held_and_the_buy_is_gone_is_over() -> None:
    core = a_core(an_intent(size=5, price=9_900), a_report(), CLOSE)
    ended = core.handle(a_report(E.CANCELED, request_id=2))
    assert names(ended) == ["OrderReported", "ProtectionEnded"]
    assert (core.state.guarded, sleeve_of(core).protections) == ({}, {})
    hold(core, 3)
    assert sold(core.handle(a_price(9_000))) == []


def test_close_when_all_is_sold_is_over() -> None:
    core = buying_more(CLOSE, GONE)
    assert "ProtectionEnded" in names(core.handle(a_fill(10, 9_900, "Y", 4)))
    assert core.state.guarded == {}


def test_close_when_the_position_goes_first_holds_until_the_buy_has_gone_too() -> None:
    core = buying_more(a_price(10_100))
    feed(core, an_intent(Side.SELL, 10, price=10_200, intent_id="limit"), a_report(cl_ord_id=3))
    feed(core, CLOSE, a_fill(10, 10_200, "Y", 3))
    assert sleeve_of(core).positions == {}
    assert sold(core.handle(a_fill(5, 9_900, "X", 2))) == [(5, Cause.SIGNAL)]


def test_close_when_the_core_restarts_goes_on() -> None:
    core = TradingCore(a_config(), buying_more(CLOSE).state)
    feed(core, rules(), a_price(), PhaseChanged(Phase.CONTINUOUS, NOON))
    assert sold(core.handle(GONE)) == [(10, Cause.SIGNAL)]


def test_close_when_another_strategy_buys_is_refused() -> None:
    core = buying_more()
    feed(core, an_intent(price=9_900, sleeve_id=OTHER_SLEEVE, intent_id="other"))
    (refused,) = core.handle(CLOSE)
    assert isinstance(refused, IntentRefused)
    assert {refusal.reason for refusal in refused.refusals} == {Reason.SELF_TRADE}


def test_close_when_another_strategy_buys_later_cancels_nothing_of_it() -> None:
    core = buying_more(CLOSE)
    feed(core, an_intent(price=9_800, sleeve_id=OTHER_SLEEVE, intent_id="other"))
    assert names(core.handle(GONE)) == ["OrderReported", "IntentRefused", "ExitRefused"]
    ended = a_report(E.EXPIRED, cl_ord_id=4, order_id="0000004")
    assert sold(core.handle(ended)) == [(10, Cause.SIGNAL)]


@pytest.mark.parametrize(
    "event",
    [TradingStateSet(TradingState.HALTED, "시험", NOON), rules(base_price=None)],
    ids=["halted", "nothing"],
)
def test_close_when_trading_is_halted_is_refused(event: Event) -> None:
    core = buying_more(event)
    is_halted = isinstance(event, TradingStateSet)
    assert names(core.handle(CLOSE))[0] == ("IntentRefused" if is_halted else "ExitStarted")


@pytest.mark.parametrize("size", [Everything(), 5])
def test_sale_when_it_names_a_price_or_a_number_is_no_wish_to_close(size: Everything | int) -> None:
    price = 10_500 if isinstance(size, Everything) else None
    core = buying_more()
    actions = core.handle(an_intent(Side.SELL, size, price=price, intent_id="sale"))
    assert names(actions) == ["SubmitOrder" if price else "IntentRefused"]


def test_close_when_the_market_is_closed_is_parked_and_goes_the_same_way() -> None:
    core = buying_more(PhaseChanged(Phase.CLOSED, NOON), CLOSE)
    actions = core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))
    assert names(actions) == ["IntentReleased", "ExitStarted", "CancelOrder"]


def test_stop_when_reached_while_closing_takes_over_and_clears_more_away() -> None:
    core = buying_more(CLOSE, stop_loss=30_000)
    feed(core, an_intent(price=9_800, sleeve_id=OTHER_SLEEVE, intent_id="other"))
    assert names(core.handle(a_price(9_600))) == ["ProtectionTriggered", "CancelOrder"]
    assert sleeve_of(core).protections[SAMSUNG].leaving is Cause.STOP


def test_kill_when_pressed_while_closing_sells_once() -> None:
    core = buying_more(CLOSE, KillSet(KillLevel.LIQUIDATE, "훈련", NOON))
    assert [qty for qty, _ in sold(core.handle(GONE))] == [10]
