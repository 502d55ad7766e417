"""Trading goes as far as a person wants and the executor lets it; limits loosen over night."""

from __future__ import annotations

import pytest

from maemae.core.actions import (
    Action,
    CeilingChanged,
    IntentRefused,
    SleeveLimited,
    SubmitOrder,
    TradingStateChanged,
)
from maemae.core.events import (
    ArmingSet,
    CeilingSet,
    ExternalOrderSeen,
    LimitsSet,
    PhaseChanged,
    SessionStarted,
    TradingStateSet,
)
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import MINUTE
from maemae.domain.refusal import Reason
from maemae.domain.terms import Mode, Side, TradingState
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    DAY_2,
    HYNIX,
    NOON,
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
    sleeve_of,
    target_weights,
)
from tests.statements import an_external_order

S = TradingState


def bound(ceiling: TradingState) -> CeilingSet:
    return CeilingSet(ceiling, "복구", NOON)


def want(state: TradingState) -> TradingStateSet:
    return TradingStateSet(state, "사람", NOON)


def limit(limits: Limits) -> LimitsSet:
    return LimitsSet(ACCOUNT, SLEEVE, limits, NOON)


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


@pytest.mark.parametrize("wanted", S)
@pytest.mark.parametrize("ceiling", S)
def test_trading_when_wanted_and_bounded_goes_to_the_lower_of_both(
    wanted: TradingState, ceiling: TradingState
) -> None:
    order = [S.HALTED, S.REDUCING, S.ACTIVE]
    lower = order[min(order.index(wanted), order.index(ceiling))]
    for events in ((want(wanted), bound(ceiling)), (bound(ceiling), want(wanted))):
        core = a_core(*events, state=S.HALTED)
        state = core.state
        assert (state.trading_state, state.wanted_state, state.ceiling) == (lower, wanted, ceiling)
        feed(core, bound(S.ACTIVE))
        assert core.state.trading_state is wanted


def test_ceiling_when_set_says_both_facts_and_cancels_nothing() -> None:
    core = a_core(an_intent(price=9_900), a_report())
    changed, effective = core.handle(bound(S.HALTED))
    assert changed == CeilingChanged(S.HALTED, "복구")
    assert effective == TradingStateChanged(S.HALTED, "복구", S.ACTIVE)
    assert not core.state.orders[ClOrdId(1)].requests
    assert core.handle(bound(S.HALTED)) == []


def test_ceiling_when_below_what_is_wanted_anyway_changes_only_itself() -> None:
    core = a_core(want(S.HALTED))
    assert names(core.handle(bound(S.REDUCING))) == ["CeilingChanged"]


def test_ceiling_when_lifted_carries_out_what_waited() -> None:
    core = a_core(PhaseChanged(Phase.CLOSED, NOON), an_intent(), bound(S.HALTED))
    assert core.handle(PhaseChanged(Phase.CONTINUOUS, NOON)) == []
    assert names(core.handle(bound(S.ACTIVE)))[-2:] == ["IntentReleased", "SubmitOrder"]


def test_ceiling_when_raised_to_reducing_lets_exits_go_and_nothing_new() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, bound(S.HALTED), a_price(9_000))
    assert names(core.handle(bound(S.REDUCING)))[-1] == "SubmitOrder"
    assert names(core.handle(an_intent(intent_id="new"))) == ["IntentRefused"]


def test_ceiling_when_a_rebalancing_waits_for_its_sells_keeps_its_buys_waiting() -> None:
    core = a_core()
    hold(core, 100)
    feed(core, target_weights({HYNIX: 500_000}), bound(S.HALTED))
    assert "RebalanceEnded" not in names(core.handle(a_fill(100, 10_000, "X", 2)))
    assert names(core.handle(bound(S.ACTIVE)))[-2:] == ["SubmitOrder", "RebalanceEnded"]


def test_ceiling_when_the_executor_restarts_is_remembered() -> None:
    core = a_core(bound(S.REDUCING))
    again = TradingCore(a_config(), core.state)
    feed(again, want(S.HALTED), want(S.ACTIVE))
    assert again.state.trading_state is S.REDUCING


def test_halt_when_a_person_orders_elsewhere_cancels_only_what_is_ours() -> None:
    core = a_core(an_intent(price=9_900), a_report())
    feed(core, ExternalOrderSeen(an_external_order(symbol=HYNIX), NOON))
    assert names(core.handle(want(S.HALTED))) == ["TradingStateChanged", "CancelOrder"]


def test_limits_when_lowered_hold_at_once() -> None:
    asked = Limits(max_orders_per_day=7, max_daily_loss=1_000)
    (told,) = a_core().handle(limit(asked))
    assert told == SleeveLimited(ACCOUNT, SLEEVE, asked, None)


def test_limits_when_raised_wait_for_the_next_session_field_by_field() -> None:
    core = a_core(limits=Limits(max_orders_per_day=10, collar=50_000, max_daily_loss=9))
    asked = Limits(max_orders_per_day=20, collar=40_000, max_daily_loss=None)
    (told,) = core.handle(limit(asked))
    present = Limits(max_orders_per_day=10, collar=40_000, max_daily_loss=9)
    assert told == SleeveLimited(ACCOUNT, SLEEVE, present, asked)
    assert sleeve_of(core).limits == present
    assert core.handle(SessionStarted(DAY_1, NOON)) == []
    again = TradingCore(a_config(), core.state)
    opened, loosened = again.handle(SessionStarted(DAY_2, NOON))
    assert type(opened).__name__ == "SessionOpened"
    assert loosened == SleeveLimited(ACCOUNT, SLEEVE, asked, None)
    assert (sleeve_of(again).limits, sleeve_of(again).pending_limits) == (asked, None)


def test_limits_when_lowered_after_a_raise_forget_the_raise() -> None:
    core = a_core(limits=Limits(max_positions=5))
    feed(core, limit(Limits(max_positions=9)), limit(Limits(max_positions=4)))
    feed(core, SessionStarted(DAY_2, NOON))
    assert sleeve_of(core).limits.max_positions == 4


@pytest.mark.parametrize(
    ("kind", "amount", "flows", "realized"),
    [
        (CashFlowKind.FEE, -500, 0, -500),
        (CashFlowKind.INTEREST, 300, 0, 300),
        (CashFlowKind.CORRECTION, 40, 40, 0),
        (CashFlowKind.CORRECTION, -40, -40, 0),
    ],
)
def test_cash_when_the_broker_books_it_is_return_or_flow_by_its_kind(
    kind: CashFlowKind, amount: int, flows: int, realized: int
) -> None:
    core = a_core(CashFlow(ACCOUNT, SLEEVE, kind, amount, NOON))
    sleeve = sleeve_of(core)
    assert (sleeve.cash, sleeve.flows) == (CASH + amount, CASH + flows)
    assert sleeve.realized == realized


@pytest.mark.parametrize(
    ("kind", "amount"),
    [(CashFlowKind.FEE, 1), (CashFlowKind.INTEREST, -1), (CashFlowKind.CORRECTION, 0)],
)
def test_cash_when_its_sign_cannot_be_raises(kind: CashFlowKind, amount: int) -> None:
    with pytest.raises(InvalidValueError, match="cannot be"):
        a_core().handle(CashFlow(ACCOUNT, SLEEVE, kind, amount, NOON))


def test_fee_when_it_is_not_withdrawable_is_booked_all_the_same() -> None:
    core = a_core(an_intent(Side.BUY, 900, price=11_000))
    feed(core, CashFlow(ACCOUNT, SLEEVE, CashFlowKind.FEE, -CASH, NOON))
    assert sleeve_of(core).cash == 0
    assert not core.state.orders[ClOrdId(1)].is_closed
    assert SAMSUNG in sleeve_of(core).buying


def test_arming_when_it_runs_out_stops_new_risk_and_lets_exits_go() -> None:
    core = a_core(mode=Mode.REAL)
    feed(core, ArmingSet(ACCOUNT, NOON + MINUTE, "시험", NOON))
    hold(core, 10)
    late = NOON + MINUTE
    feed(core, a_price(at=late))

    buy = feed(core, an_intent(intent_id="late", at=late))
    sale = feed(core, an_intent(Side.SELL, 10, intent_id="out", at=late))

    assert isinstance(buy[0], IntentRefused)
    assert [refusal.reason for refusal in buy[0].refusals] == [Reason.REAL_NOT_ARMED]
    assert isinstance(sale[0], SubmitOrder)


def test_arming_when_it_is_told_to_end_in_the_past_is_refused() -> None:
    core = a_core(mode=Mode.REAL)

    with pytest.raises(InvalidValueError, match="already"):
        feed(core, ArmingSet(ACCOUNT, NOON, "시험", NOON))


def test_disarming_stops_new_risk_at_once_and_of_an_unarmed_account_does_nothing() -> None:
    core = a_core(mode=Mode.REAL)
    assert feed(core, ArmingSet(ACCOUNT, 0, "시험", NOON)) == []
    feed(core, ArmingSet(ACCOUNT, NOON + MINUTE, "시험", NOON))

    feed(core, ArmingSet(ACCOUNT, 0, "시험", NOON))

    (refused,) = feed(core, an_intent())
    assert isinstance(refused, IntentRefused)
    assert [refusal.reason for refusal in refused.refusals] == [Reason.REAL_NOT_ARMED]
