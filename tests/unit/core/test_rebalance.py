"""Rebalancing: sells first, buys when they have ended, and no share sold or bought twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maemae.core.actions import Action, IntentParked, IntentRefused, SubmitOrder
from maemae.core.events import PhaseChanged, SessionStarted
from maemae.core.machine import TradingCore
from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.intent import MILLION
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Side
from maemae.krx.costs import KIWOOM_PAPER
from maemae.krx.session import Phase
from tests.builders import (
    DAY_2,
    DAY_3,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    a_core,
    a_fill,
    a_price,
    a_report,
    feed,
    hold,
    rules,
    sleeve_of,
    target_weights,
)

HALF = MILLION // 2


def sent(actions: list[Action]) -> dict[tuple[Symbol, Side], int]:
    orders = [action.order for action in actions if isinstance(action, SubmitOrder)]
    assert len({(order.symbol, order.side) for order in orders}) == len(orders)
    return {(order.symbol, order.side): order.order_qty for order in orders}


def holding_samsung(qty: int = 500) -> TradingCore:
    core = a_core()
    hold(core, qty)
    return core


def test_rebalance_when_something_must_go_sells_it_first_and_buys_when_it_is_gone() -> None:
    core = holding_samsung()
    assert sent(core.handle(target_weights({HYNIX: HALF}))) == {(SAMSUNG, Side.SELL): 500}
    assert sent(core.handle(a_fill(300, exec_id="X1", cl_ord_id=2))) == {}
    assert sent(core.handle(a_fill(200, exec_id="X2", cl_ord_id=2))) == {(HYNIX, Side.BUY): 499}
    assert not core.state.rebalances


@pytest.mark.parametrize("ending", [ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED])
def test_rebalance_when_a_sell_ends_unfilled_buys_with_what_there_is(ending: ExecType) -> None:
    core = holding_samsung()
    feed(core, target_weights({HYNIX: MILLION}))
    bought = sent(core.handle(a_report(ending, cl_ord_id=2)))
    assert bought == {(HYNIX, Side.BUY): 384}  # 5,000,000 won at the upper limit of 13,000


def test_rebalance_when_cash_runs_short_cuts_every_buy_by_the_same_share() -> None:
    found = sent(a_core().handle(target_weights({SAMSUNG: MILLION, HYNIX: HALF})))
    assert found == {(SAMSUNG, Side.BUY): 512, (HYNIX, Side.BUY): 256}


@given(
    st.lists(st.integers(1, MILLION), min_size=2, max_size=2),
    st.lists(st.integers(1, 60_000), min_size=2, max_size=2),
    st.integers(1, 5_000_000),
)
@example([1_000_000, 715_547], [6, 6], 41)  # two charges rounded up by a won each
def test_rebalance_when_cut_is_never_refused_for_want_of_cash(
    weights: list[int], prices: list[int], cash: int
) -> None:
    core = a_core(cash=cash, schedule=KIWOOM_PAPER)
    for symbol, price in zip((SAMSUNG, HYNIX), prices, strict=True):
        feed(core, rules(symbol, base_price=None), a_price(price, symbol))
    actions = core.handle(target_weights(dict(zip((SAMSUNG, HYNIX), weights, strict=True))))
    assert not [action for action in actions if isinstance(action, IntentRefused)]
    assert sleeve_of(core).orderable >= 0


def test_rebalance_when_already_there_does_nothing() -> None:
    core = holding_samsung()
    assert sent(core.handle(target_weights({SAMSUNG: HALF}))) == {}
    assert not core.state.rebalances


def test_rebalance_when_told_again_does_nothing() -> None:
    core = holding_samsung()
    feed(core, target_weights({HYNIX: HALF}))
    assert core.handle(target_weights({HYNIX: HALF})) == []


def test_rebalance_when_a_sell_is_on_its_way_sells_only_what_is_missing() -> None:
    core = holding_samsung()
    assert sent(core.handle(target_weights({SAMSUNG: 200_000}))) == {(SAMSUNG, Side.SELL): 300}
    again = target_weights({SAMSUNG: 200_000}, intent_id="weights-2")
    assert sent(core.handle(again)) == {}
    lower = target_weights({SAMSUNG: 100_000}, intent_id="weights-3")
    assert sent(core.handle(lower)) == {(SAMSUNG, Side.SELL): 100}


def test_rebalance_when_a_buy_is_on_its_way_buys_no_more_of_it() -> None:
    core = a_core(target_weights({SAMSUNG: 100_000}))
    assert sent(core.handle(target_weights({SAMSUNG: 100_000}, intent_id="weights-2"))) == {}


def test_rebalance_when_an_instrument_has_no_price_leaves_it_alone() -> None:
    naver = Symbol("035420")
    found = sent(a_core(rules(naver)).handle(target_weights({naver: HALF, HYNIX: 100_000})))
    assert found == {(HYNIX, Side.BUY): 100}


def test_rebalance_when_a_holding_has_no_price_changes_nothing_named() -> None:
    core = holding_samsung()
    del core.market.prices[SAMSUNG]
    assert sent(core.handle(target_weights({SAMSUNG: 100_000, HYNIX: 100_000}))) == {}


def test_rebalance_when_the_market_is_closed_waits_for_it_and_looks_again() -> None:
    core = holding_samsung()
    feed(core, PhaseChanged(Phase.CLOSED, NOON))
    (parked,) = core.handle(target_weights({HYNIX: HALF}))
    assert isinstance(parked, IntentParked)
    feed(core, SessionStarted(DAY_2, NOON), rules(day=DAY_2), rules(HYNIX, day=DAY_2))
    feed(core, a_price(5_000, HYNIX))
    opened = core.handle(PhaseChanged(Phase.PRE_OPEN_AUCTION, NOON))
    assert sent(opened) == {(SAMSUNG, Side.SELL): 500}
    assert core.state.parked == []
    bought = sent(core.handle(a_fill(500, exec_id="X", cl_ord_id=2)))
    assert bought == {(HYNIX, Side.BUY): 768}  # 9,991,000 won at 13,000 after the tax


def test_rebalance_when_its_sells_end_after_the_close_buys_the_next_morning() -> None:
    core = holding_samsung()
    feed(core, target_weights({HYNIX: 100_000}), PhaseChanged(Phase.CLOSED, NOON))
    assert sent(core.handle(a_report(ExecType.EXPIRED, cl_ord_id=2))) == {}
    feed(core, SessionStarted(DAY_2, NOON), rules(HYNIX, day=DAY_2))
    opened = core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))
    assert sent(opened) == {(HYNIX, Side.BUY): 100}


def test_rebalance_when_a_newer_one_comes_follows_the_newer() -> None:
    core = holding_samsung()
    feed(core, target_weights({HYNIX: HALF}))
    feed(core, target_weights({}, intent_id="weights-2"))
    assert sent(core.handle(a_fill(500, exec_id="X", cl_ord_id=2))) == {}


@pytest.mark.parametrize("phase", [Phase.CONTINUOUS, Phase.CLOSED])
def test_rebalance_when_the_sleeve_does_not_exist_is_refused_at_once(phase: Phase) -> None:
    core = a_core(phase=phase)
    (refused,) = core.handle(target_weights({SAMSUNG: HALF}, sleeve_id=OTHER_SLEEVE))
    assert isinstance(refused, IntentRefused)
    assert refused.refusals[0].reason is Reason.UNKNOWN_ACCOUNT
    assert core.handle(PhaseChanged(Phase.CONTINUOUS, NOON)) == []


def test_rebalance_when_older_than_a_whole_session_is_refused_and_sells_nothing() -> None:
    core = holding_samsung()
    feed(core, SessionStarted(DAY_3, NOON), rules(day=DAY_3), rules(HYNIX, day=DAY_3))
    (refused,) = core.handle(target_weights({HYNIX: HALF}))
    assert isinstance(refused, IntentRefused)
    assert refused.refusals[0].reason is Reason.INTENT_EXPIRED


LATE = DAY_3 + timedelta(days=14)


def test_rebalance_when_its_sells_end_weeks_later_buys_nothing() -> None:
    core = holding_samsung()
    feed(core, target_weights({HYNIX: HALF}), PhaseChanged(Phase.CLOSED, NOON))
    feed(core, a_report(ExecType.EXPIRED, cl_ord_id=2), SessionStarted(LATE, NOON))
    feed(core, rules(HYNIX, day=LATE))
    actions = core.handle(PhaseChanged(Phase.CONTINUOUS, NOON))
    (reason,) = [done.refusals[0].reason for done in actions if isinstance(done, IntentRefused)]
    assert reason is Reason.INTENT_EXPIRED
    assert (sent(actions), core.state.rebalances) == ({}, {})


def test_rebalance_when_told_again_the_next_day_does_nothing() -> None:
    core = holding_samsung()
    feed(core, target_weights({SAMSUNG: HALF}), SessionStarted(DAY_2, NOON), rules(day=DAY_2))
    assert core.handle(target_weights({SAMSUNG: HALF})) == []


def test_rebalance_when_bounded_sends_limits_on_the_tick() -> None:
    core = a_core()
    feed(core, target_weights({SAMSUNG: 100_000}, within=5_500))
    assert core.state.orders[ClOrdId(1)].price == 10_050


def test_rebalance_with_a_band_leaves_what_is_near_its_target_alone() -> None:
    core = holding_samsung(520)
    near = target_weights({SAMSUNG: HALF}, band=20_001)
    assert sent(core.handle(near)) == {}
    far = target_weights({SAMSUNG: HALF}, band=20_000, intent_id="far")
    assert sent(core.handle(far)) == {(SAMSUNG, Side.SELL): 20}


def test_rebalance_with_a_band_buys_what_is_new_and_what_has_fallen_short() -> None:
    core = holding_samsung(480)
    wish = target_weights({SAMSUNG: HALF, HYNIX: 10_000}, band=20_001)
    assert sent(core.handle(wish)) == {(HYNIX, Side.BUY): 10}
    wish = target_weights({SAMSUNG: HALF, HYNIX: 10_000}, band=20_000, intent_id="far")
    assert sent(core.handle(wish)) == {(SAMSUNG, Side.BUY): 20}


def test_rebalance_with_a_band_sells_what_is_not_named_however_little() -> None:
    assert sent(holding_samsung(1).handle(target_weights({}, band=MILLION))) == {
        (SAMSUNG, Side.SELL): 1
    }
