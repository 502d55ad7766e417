"""The kill switch: it stops, cancels and empties, in that order, and only a release lowers it."""

from __future__ import annotations

import pytest

from maemae.core.actions import (
    Action,
    CancelOrder,
    IntentRefused,
    IntentReleased,
    KillChanged,
    SubmitOrder,
)
from maemae.core.events import KillLevel, KillSet, PhaseChanged
from maemae.core.machine import TradingCore
from maemae.domain.instant import SECOND
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
    target_weights,
)

E, K = ExecType, KillLevel


def press(level: KillLevel) -> KillSet:
    return KillSet(level, "훈련", NOON)


def busy() -> TradingCore:
    """Return a core with 10 Samsung held, a resting sale of 4 and a resting buy of Hynix."""
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 4, price=10_500, intent_id="sale"), a_report(cl_ord_id=2))
    buy = an_intent(symbol=HYNIX, price=9_900, intent_id="buy", sleeve_id=OTHER_SLEEVE)
    feed(core, buy, a_report(cl_ord_id=3))
    return core


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def sold(actions: list[Action]) -> list[int]:
    sent = [action.order for action in actions if isinstance(action, SubmitOrder)]
    assert all((order.side, order.purpose) == (Side.SELL, Purpose.LIQUIDATE) for order in sent)
    return [order.order_qty for order in sent]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (K.STOP_NEW, ["KillChanged"]),
        (K.CANCEL_ALL, ["KillChanged", "CancelOrder", "CancelOrder"]),
        (K.LIQUIDATE, ["KillChanged", "CancelOrder", "CancelOrder"]),
        (K.OFF, ["KillChanged"]),
    ],
)
def test_kill_when_pressed_does_as_much_as_its_level_says(
    level: KillLevel, expected: list[str]
) -> None:
    assert names(busy().handle(press(level))) == expected


@pytest.mark.parametrize("level", [K.STOP_NEW, K.CANCEL_ALL, K.LIQUIDATE])
def test_kill_when_on_lets_nothing_new_out_until_released(level: KillLevel) -> None:
    core = a_core(press(level))
    assert names(core.handle(an_intent())) == ["IntentRefused"]
    feed(core, press(K.OFF))
    assert names(core.handle(an_intent(intent_id="later"))) == ["SubmitOrder"]


def test_liquidation_when_something_rests_waits_for_its_cancel() -> None:
    core = busy()
    assert sold(core.handle(press(K.LIQUIDATE))) == []
    assert sold(core.handle(a_report(E.CANCELED, cl_ord_id=2, request_id=4))) == [10]


def test_liquidation_when_the_resting_sale_fills_meanwhile_sells_the_rest() -> None:
    core = busy()
    feed(core, press(K.LIQUIDATE))
    assert sold(core.handle(a_fill(4, 10_500, "X", 2))) == [6]


def test_liquidation_when_a_buy_fills_meanwhile_sells_that_too() -> None:
    core = busy()
    feed(core, press(K.LIQUIDATE), a_report(E.CANCELED, cl_ord_id=2, request_id=4))
    assert sold(core.handle(a_fill(10, 9_900, "X", 3))) == [10]
    assert sleeve_of(core, OTHER_SLEEVE).selling == {HYNIX: 10}


def test_liquidation_when_halted_and_reducing_goes_all_the_same() -> None:
    core = a_core()
    hold(core, 10)
    core.state.trading_state = TradingState.HALTED
    assert sold(core.handle(press(K.LIQUIDATE))) == [10]


def test_liquidation_when_the_market_is_closed_waits_for_it() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, PhaseChanged(Phase.CLOSED, NOON))
    assert sold(core.handle(press(K.LIQUIDATE))) == []
    assert sold(core.handle(PhaseChanged(Phase.PRE_OPEN_AUCTION, NOON))) == [10]


def test_liquidation_when_an_instrument_is_halted_waits_until_it_resumes() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, rules(states=(InstrumentState.HALTED,)))
    assert sold(core.handle(press(K.LIQUIDATE))) == []
    assert sold(core.handle(rules())) == [10]
    assert sold(core.handle(rules())) == []


@pytest.mark.parametrize("state", [InstrumentState.LIMIT_LOCKED, InstrumentState.WARNING])
def test_liquidation_when_selling_is_allowed_with_a_warning_goes(state: InstrumentState) -> None:
    core = a_core()
    hold(core, 10)
    feed(core, rules(states=(state,)))
    assert sold(core.handle(press(K.LIQUIDATE))) == [10]


def test_liquidation_when_larger_than_the_exchange_takes_goes_in_parts() -> None:
    core = a_core()
    hold(core, 80)
    feed(core, rules(listed_shares=1_000))
    assert sold(core.handle(press(K.LIQUIDATE))) == [50]
    assert sold(core.handle(a_fill(50, 10_000, "X", 2))) == [30]


def test_liquidation_when_sleeves_hold_the_same_empties_them_one_by_one() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10)
    hold(core, 20, sleeve_id=OTHER_SLEEVE)
    assert sold(core.handle(press(K.LIQUIDATE))) == [10]
    assert sold(core.handle(a_fill(10, 10_000, "X", 3))) == [20]
    assert sold(core.handle(a_fill(20, 10_000, "Y", 4))) == []
    assert sleeve_of(core).positions == sleeve_of(core, OTHER_SLEEVE).positions == {}


@pytest.mark.parametrize("milder", [K.STOP_NEW, K.CANCEL_ALL, K.LIQUIDATE])
def test_kill_when_a_milder_level_is_pressed_stays_where_it_is(milder: KillLevel) -> None:
    core = busy()
    feed(core, press(K.LIQUIDATE))
    (changed,) = core.handle(press(milder))
    assert isinstance(changed, KillChanged)
    assert core.state.kill is K.LIQUIDATE
    assert sold(core.handle(a_report(E.CANCELED, cl_ord_id=2, request_id=4))) == [10]


def test_kill_when_a_cancel_was_rejected_and_pressed_again_cancels_again() -> None:
    core = busy()
    feed(core, press(K.CANCEL_ALL), a_report(E.CANCEL_REJECTED, cl_ord_id=2, request_id=4))
    assert [type(action) for action in core.handle(press(K.CANCEL_ALL))] == [
        KillChanged,
        CancelOrder,
    ]


def test_kill_when_wishes_wait_drops_them() -> None:
    core = a_core(PhaseChanged(Phase.CLOSED, NOON), an_intent())
    assert IntentReleased in [type(action) for action in core.handle(press(K.STOP_NEW))]
    assert core.handle(PhaseChanged(Phase.CONTINUOUS, NOON)) == []


def test_kill_when_a_rebalance_is_under_way_ends_it() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, target_weights({HYNIX: 500_000}), press(K.STOP_NEW))
    assert core.state.rebalances == {}
    assert core.handle(a_fill(10, exec_id="X", cl_ord_id=2))
    assert core.state.working == {}


def test_exit_when_the_kill_only_stops_new_risk_still_goes() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, press(K.STOP_NEW))
    (sent,) = core.handle(an_intent(Side.SELL, 10))
    assert isinstance(sent, SubmitOrder)
    (refused,) = core.handle(an_intent(symbol=SAMSUNG, intent_id="new"))
    assert isinstance(refused, IntentRefused)


def test_liquidation_when_the_broker_rejects_it_is_not_sent_again_at_once() -> None:
    core = a_core()
    hold(core)
    feed(core, KillSet(KillLevel.LIQUIDATE, "drill", NOON))
    number = core.state.last_cl_ord_id

    actions = core.handle(a_report(ExecType.REJECTED, cl_ord_id=number))
    assert not [action for action in actions if isinstance(action, SubmitOrder)]
    assert core.handle(a_price(at=NOON + SECOND - 1)) == []
    assert sold(core.handle(a_price(at=NOON + SECOND))) == [10]


def test_liquidation_when_an_own_order_is_in_doubt_sells_the_rest() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 4, price=10_500, intent_id="lost"))
    feed(core, a_report(E.OUTCOME_UNKNOWN, cl_ord_id=2, order_id=None))
    assert sold(core.handle(press(K.LIQUIDATE))) == [6]


def test_stop_new_when_wishes_wait_drops_buys_and_keeps_sales() -> None:
    core = a_core()
    hold(core, 10)
    sale = an_intent(Side.SELL, 10, intent_id="sale")
    feed(core, PhaseChanged(Phase.CLOSED, NOON), an_intent(), sale, press(K.STOP_NEW))
    assert core.state.parked == [sale]
    (sent,) = [
        action
        for action in core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))
        if isinstance(action, SubmitOrder)
    ]
    assert sent.order.intent_id == "sale"
    feed(core, PhaseChanged(Phase.CLOSED, NOON), an_intent(Side.SELL, 1, intent_id="last"))
    feed(core, press(K.CANCEL_ALL))
    assert core.state.parked == []


def test_cancel_all_when_the_number_was_not_known_is_sent_again_once_it_is() -> None:
    core = a_core(an_intent(price=9_900), a_report(E.OUTCOME_UNKNOWN, order_id=None))
    first = feed(core, press(K.CANCEL_ALL))
    again = core.handle(a_report(order_id="77"))
    numbers = [a.order_id for a in [*first, *again] if isinstance(a, CancelOrder)]
    assert numbers == [None, "77"]
    assert not [a for a in core.handle(a_report(order_id="77")) if isinstance(a, CancelOrder)]
