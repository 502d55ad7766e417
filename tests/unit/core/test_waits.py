"""Nothing inside the core waits unsaid: it tells when time alone does something, and does it."""

from __future__ import annotations

import pytest

from maemae.core.actions import Action, SubmitOrder
from maemae.core.events import Event, KillLevel, KillSet, PhaseChanged, TimePassed
from maemae.core.machine import TradingCore
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.terms import TradingState
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.builders import (
    NOON,
    SAMSUNG,
    a_config,
    a_core,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    rules,
    sleeve_of,
    target_weights,
)

E = ExecType
LATER = NOON + SECOND


def guarded(*events: Event) -> TradingCore:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, *events)
    return core


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def test_time_when_it_passes_moves_the_clock_forward_only() -> None:
    core = a_core(TimePassed(LATER), TimePassed(NOON))
    assert core.now == LATER


def test_time_when_nothing_waits_does_nothing() -> None:
    core = guarded()
    assert core.wakes_at() is None
    assert core.handle(TimePassed(NOON + 3_600 * SECOND)) == []


def test_exit_when_the_broker_rejected_it_goes_a_second_later_without_a_price() -> None:
    core = guarded(a_price(9_000), a_report(E.REJECTED, cl_ord_id=2))
    assert core.wakes_at() == LATER
    assert core.handle(TimePassed(LATER - 1)) == []
    assert names(core.handle(TimePassed(LATER))) == ["SubmitOrder"]
    assert core.wakes_at() is None


def test_liquidation_when_nobody_guards_the_instrument_tells_when_it_goes_on() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, KillSet(KillLevel.LIQUIDATE, "훈련", NOON), a_report(E.REJECTED, cl_ord_id=2))
    assert core.guards(SAMSUNG) == (0, 0)
    assert core.wakes_at() == LATER
    assert names(core.handle(TimePassed(LATER))) == ["SubmitOrder"]


@pytest.mark.parametrize("kill", [True, False])
def test_cancel_when_refused_is_asked_for_again_a_second_later(*, kill: bool) -> None:
    core = guarded(an_intent(price=9_100), a_report(cl_ord_id=2))
    feed(core, KillSet(KillLevel.LIQUIDATE, "훈련", NOON) if kill else a_price(9_600))
    assert core.wakes_at() is None
    feed(core, a_report(E.CANCEL_REJECTED, cl_ord_id=2, request_id=3))
    assert core.wakes_at() == LATER
    assert names(core.handle(TimePassed(LATER))) == ["CancelOrder"]


@pytest.mark.parametrize(
    "event",
    [PhaseChanged(Phase.AFTER_MARKET, NOON), rules(states=(InstrumentState.HALTED,))],
    ids=["market closed", "instrument halted"],
)
def test_exit_when_the_exchange_takes_nothing_waits_for_it_and_not_for_time(event: Event) -> None:
    core = guarded(a_price(9_000), a_report(E.REJECTED, cl_ord_id=2), event)
    assert core.wakes_at() is None
    assert core.handle(TimePassed(NOON + 60 * SECOND)) == []


def interrupted(*events: Event) -> TradingCore:
    return guarded(rules(states=(InstrumentState.VI,)), *events)


def test_stop_in_an_interruption_whose_end_is_lost_goes_when_it_must_be_over() -> None:
    core = interrupted(a_price(9_000))
    assert core.wakes_at() == NOON + VI_OVER_AFTER
    assert core.handle(TimePassed(NOON + VI_OVER_AFTER - 1)) == []
    assert names(core.handle(TimePassed(NOON + VI_OVER_AFTER))) == ["SubmitOrder"]
    assert core.market.instruments[SAMSUNG].states == ()
    assert core.wakes_at() is None


def test_kill_in_an_interruption_whose_end_is_lost_sells_when_it_must_be_over() -> None:
    core = interrupted(KillSet(KillLevel.LIQUIDATE, "훈련", LATER))
    assert names(core.handle(TimePassed(NOON + VI_OVER_AFTER))) == ["SubmitOrder"]


def test_interruption_when_told_again_lasts_from_then() -> None:
    core = interrupted(rules(states=(InstrumentState.VI,), at=LATER), a_price(9_000))
    assert core.wakes_at() == LATER + VI_OVER_AFTER
    assert names(core.handle(rules(at=LATER))) == ["SubmitOrder"]


def test_exit_when_the_gate_refuses_it_waits_for_a_change_and_not_for_time() -> None:
    core = guarded()
    core.state.trading_state = TradingState.HALTED
    feed(core, a_price(9_000))
    assert core.wakes_at() is None
    assert core.handle(TimePassed(NOON + 60 * SECOND)) == []


def test_exit_when_refused_as_a_repetition_goes_when_the_second_is_over() -> None:
    core = a_core()
    hold(core, 200, stop_loss=30_000)
    feed(core, rules(listed_shares=1_000))
    for _ in range(3):
        feed(core, a_price(9_000))
    assert names(core.handle(a_price(9_000))) == ["IntentRefused", "ExitRefused"]
    assert core.wakes_at() == LATER
    (sent,) = core.handle(TimePassed(LATER))
    assert isinstance(sent, SubmitOrder)
    assert sent.order.order_qty == 50


def test_wishes_when_the_core_restarts_in_an_open_market_are_due_at_once() -> None:
    closed = a_core(phase=Phase.CLOSED)
    feed(closed, an_intent(), target_weights({SAMSUNG: 500_000}))
    again = TradingCore(a_config(), closed.state)
    for event in (rules(), a_price(), PhaseChanged(Phase.CONTINUOUS, NOON)):
        again.observe(event)
    assert again.wakes_at() == NOON
    assert names(again.handle(TimePassed(NOON)))[:2] == ["IntentReleased", "SubmitOrder"]
    assert again.wakes_at() is None


def test_time_when_it_passes_sets_off_no_guard() -> None:
    core = guarded()
    core.observe(a_price(9_000))
    assert core.handle(TimePassed(LATER)) == []
    assert sleeve_of(core).protections[SAMSUNG].leaving is None


def test_exit_when_shares_come_while_leaving_is_due_at_once() -> None:
    core = guarded(an_intent(size=5, price=9_950), a_report(cl_ord_id=2))
    feed(core, a_price(9_000))
    filled = a_report(E.TRADE, 5, 9_950, cl_ord_id=2, exec_id="X")
    assert names(core.handle(filled))[-1] == "SubmitOrder"
    assert sleeve_of(core).selling == {SAMSUNG: 15}
    assert core.wakes_at() is None
