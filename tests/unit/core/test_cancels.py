"""What a person wants gone is asked to cancel until it is, and no cancel stays open unsent."""

from __future__ import annotations

import pytest

from maemae.core.actions import Action, CancelOrder, SubmitOrder
from maemae.core.events import (
    CeilingSet,
    Event,
    ExternalOrderSeen,
    KillLevel,
    KillSet,
    PhaseChanged,
    TimePassed,
    TradingStateSet,
)
from maemae.core.machine import TradingCore
from maemae.domain.ids import ClOrdId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import OrdType, Side, TimeInForce, TradingState
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    NOON,
    SAMSUNG,
    a_config,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
)

E, K = ExecType, KillLevel
STOPS: list[Event] = [
    KillSet(K.CANCEL_ALL, "훈련", NOON),
    KillSet(K.LIQUIDATE, "훈련", NOON),
    TradingStateSet(TradingState.REDUCING, "훈련", NOON),
    TradingStateSet(TradingState.HALTED, "훈련", NOON),
]
IDS = ["cancel all", "liquidate", "reducing", "halted"]
PHASES = [Phase.CONTINUOUS, Phase.CLOSED, Phase.PRE_OPEN_AUCTION, Phase.AFTER_MARKET]


def after(seconds: int) -> TimePassed:
    return TimePassed(NOON + seconds * SECOND)


def asked(actions: list[Action]) -> list[tuple[ClOrdId, OrderId | None]]:
    """Return the order and the number that each cancel names."""
    return [(a.orig_cl_ord_id, a.order_id) for a in actions if isinstance(a, CancelOrder)]


def refuse(core: TradingCore, cl_ord_id: int = 1) -> None:
    """Refuse the newest cancel of an order, less than a second after it was asked for."""
    request_id = core.state.orders[ClOrdId(cl_ord_id)].requests[-1].cl_ord_id
    said = a_report(E.CANCEL_REJECTED, cl_ord_id=cl_ord_id, request_id=request_id, order_id=None)
    assert asked(core.handle(said)) == []


def stopped(stop: Event, *events: Event) -> TradingCore:
    """Return a core whose one resting buy, number 1, a person wants gone."""
    core = a_core(an_intent(price=9_500), a_report(), *events)
    assert asked(core.handle(stop)) == [(1, "0000001")]
    return core


# ── asked until it is gone ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("stop", STOPS, ids=IDS)
def test_cancel_when_refused_is_asked_for_every_second_in_any_phase(
    stop: Event, phase: Phase
) -> None:
    core = stopped(stop, PhaseChanged(phase, NOON))
    for second in range(1, 4):
        refuse(core)
        assert core.wakes_at() == NOON + second * SECOND
        assert core.handle(TimePassed(NOON + second * SECOND - 1)) == []
        assert asked(core.handle(after(second))) == [(1, "0000001")]
        assert core.wakes_at() is None
        assert core.handle(after(second)) == []
    assert core.handle(after(60)) == []  # not while one is open


@pytest.mark.parametrize("stop", STOPS, ids=IDS)
def test_cancel_when_refused_later_than_a_second_is_asked_for_at_once(stop: Event) -> None:
    core = stopped(stop)
    feed(core, after(5))
    said = a_report(E.CANCEL_REJECTED, request_id=2, order_id=None)
    assert asked(core.handle(said)) == [(1, "0000001")]
    assert asked(core.handle(said)) == []


@pytest.mark.parametrize("stop", STOPS, ids=IDS)
def test_cancel_when_a_replace_overtook_it_names_the_new_number_at_once(stop: Event) -> None:
    core = stopped(stop)
    moved = a_report(E.REPLACED, order_id="0000002", price=9_400, order_qty=10)
    assert asked(core.handle(moved)) == [(1, "0000002")]
    assert asked(core.handle(moved)) == []
    feed(core, a_report(E.CANCEL_REJECTED, request_id=2, order_id=None), after(5))
    assert core.state.orders[ClOrdId(1)].is_cancel_pending  # the one for the new number
    feed(core, a_report(E.CANCELED, request_id=3, order_id="0000002"))
    assert core.state.orders[ClOrdId(1)].status is OrderStatus.CANCELED
    assert asked(core.handle(after(60))) == []


@pytest.mark.parametrize("stop", STOPS, ids=IDS)
def test_cancel_when_refused_before_the_new_number_is_told_goes_with_it(stop: Event) -> None:
    core = stopped(stop)
    refuse(core)
    moved = a_report(E.REPLACED, order_id="0000002", price=9_400, order_qty=10)
    assert asked(core.handle(moved)) == [(1, "0000002")]


@pytest.mark.parametrize("stop", STOPS, ids=IDS)
def test_cancel_when_an_older_number_is_told_late_is_not_asked_for_again(stop: Event) -> None:
    core = a_core(an_intent(price=9_500), a_report(order_id="0000002"), stop)
    assert asked(core.handle(a_report(order_id="0000001"))) == []


def test_cancel_when_the_evidence_after_a_restart_refuses_it_is_asked_for_again() -> None:
    again = TradingCore(a_config(), stopped(STOPS[0]).state)
    feed(again, after(30))
    said = a_report(E.CANCEL_REJECTED, request_id=2, order_id=None)
    assert asked(again.handle(said)) == [(1, "0000001")]


def test_kill_when_released_asks_for_no_cancel_any_more() -> None:
    core = stopped(STOPS[0])
    refuse(core)
    feed(core, KillSet(K.OFF, "훈련", NOON))
    assert core.wakes_at() is None
    assert core.handle(after(60)) == []


def test_trading_when_active_again_asks_for_no_cancel_any_more() -> None:
    core = stopped(STOPS[2])
    refuse(core)
    feed(core, TradingStateSet(TradingState.ACTIVE, "훈련", NOON))
    assert asked(core.handle(after(60))) == []


def test_kill_when_a_bust_brings_a_buy_back_cancels_it() -> None:
    core = a_core(an_intent(price=9_500), a_report(), a_fill(10, 9_500))
    feed(core, STOPS[0])
    back = core.handle(a_report(E.TRADE_CANCEL, ref="F1"))
    assert asked(back) == [(1, "0000001")]


# ── what goes on ─────────────────────────────────────────────────────────────────────────


def test_halt_when_a_sale_rests_leaves_it_alone() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 4, price=10_500, intent_id="sale"), a_report(cl_ord_id=2))
    feed(core, TradingStateSet(TradingState.REDUCING, "훈련", NOON))
    assert asked(core.handle(after(5))) == []


def test_kill_when_a_stop_fires_afterwards_leaves_its_exit_alone() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, STOPS[0])
    (_, sent) = core.handle(a_price(9_000))
    assert isinstance(sent, SubmitOrder)
    assert asked(feed(core, a_report(cl_ord_id=2, order_id="0000009"), after(5))) == []


def test_liquidation_when_its_own_sale_works_leaves_it_alone() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, STOPS[1])
    assert asked(feed(core, a_report(cl_ord_id=2, order_id="0000009"), after(5))) == []


def test_liquidation_when_the_cancel_of_its_own_sale_is_refused_lets_it_work() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, STOPS[1], a_report(cl_ord_id=2, order_id="0000009"))
    assert asked(core.handle(STOPS[1])) == [(2, "0000009")]
    refuse(core, 2)
    assert core.handle(after(5)) == []


def test_ceiling_when_an_order_gets_another_number_under_it_cancels_nothing() -> None:
    core = a_core(an_intent(price=9_500), a_report())
    feed(core, CeilingSet(TradingState.HALTED, "복구", NOON))
    moved = a_report(E.REPLACED, order_id="0000002", price=9_400, order_qty=10)
    assert asked(feed(core, moved, after(5))) == []


@pytest.mark.parametrize("stop", [STOPS[0], STOPS[3]])
def test_order_from_elsewhere_when_it_comes_later_is_the_persons(stop: Event) -> None:
    core = a_core(stop, ExternalOrderSeen(elsewhere(), NOON))
    assert core.state.working
    assert asked(core.handle(after(5))) == []


def test_order_from_elsewhere_when_the_kill_found_it_is_asked_for_until_it_is_gone() -> None:
    core = a_core(ExternalOrderSeen(elsewhere(), NOON))
    assert asked(core.handle(STOPS[0])) == [(1, "H1")]
    refuse(core)
    assert asked(core.handle(after(1))) == [(1, "H1")]


def elsewhere() -> StatedOrder:
    return StatedOrder(
        ACCOUNT,
        OrderId("H1"),
        SAMSUNG,
        Side.BUY,
        OrdType.LIMIT,
        TimeInForce.DAY,
        9_500,
        10,
        0,
        10,
        StatedStatus.WORKING,
        NOON,
    )


# ── a cancel without a number ────────────────────────────────────────────────────────────


def in_flight() -> TradingCore:
    """Return a core that holds 10 with a stop at 9,500 and has sent a buy, number 2, unheard of."""
    core = a_core()
    hold(core, 10, stop_loss=50_000)
    feed(core, an_intent(price=9_000, intent_id="more"))
    return core


def order(core: TradingCore) -> Order:
    return core.state.orders[ClOrdId(2)]


def test_stop_when_the_buy_in_its_way_was_in_flight_and_its_cancel_refused_still_sells() -> None:
    core = in_flight()
    assert asked(core.handle(a_price(9_400))) == [(2, None)]
    assert asked(core.handle(a_report(cl_ord_id=2, order_id="0000007"))) == [(2, "0000007")]
    refuse(core, 2)
    assert order(core).requests == ()
    assert core.wakes_at() == NOON + SECOND
    assert asked(core.handle(after(1))) == [(2, "0000007")]
    gone = a_report(E.CANCELED, cl_ord_id=2, request_id=5, order_id="0000007")
    (sent,) = [action for action in core.handle(gone) if isinstance(action, SubmitOrder)]
    assert (sent.order.side, sent.order.order_qty) == (Side.SELL, 10)


def test_stop_when_the_first_number_comes_with_a_fill_cancels_under_it() -> None:
    core = in_flight()
    feed(core, a_price(9_400))
    fill = a_report(E.TRADE, 4, 9_000, cl_ord_id=2, exec_id="X", order_id="0000007")
    assert asked(core.handle(fill)) == [(2, "0000007")]
    assert [request.cl_ord_id for request in order(core).requests] == [4]


def test_kill_when_the_order_was_in_flight_asks_until_it_is_gone() -> None:
    core = in_flight()
    assert (2, None) in asked(core.handle(STOPS[1]))
    assert core.handle(after(30)) == []  # nothing can be named yet
    assert asked(core.handle(a_report(cl_ord_id=2, order_id="0000007"))) == [(2, "0000007")]
    refuse(core, 2)
    assert asked(core.handle(after(31))) == [(2, "0000007")]


def test_cancel_when_a_bust_brings_an_order_back_is_not_open_from_before_its_number() -> None:
    core = in_flight()
    feed(core, a_price(9_400))
    filled = a_report(E.TRADE, 10, 9_000, cl_ord_id=2, exec_id="X", order_id="0000007")
    feed(core, filled, a_report(E.TRADE_CANCEL, cl_ord_id=2, ref="X", order_id="0000007"))
    assert not order(core).is_closed
    assert not [request for request in order(core).requests if request.cl_ord_id == 3]
    assert asked(core.handle(after(1))) == [(2, "0000007")]
