"""Wishes become orders once, wait for the market, and change only as far as the cash goes."""

from __future__ import annotations

from datetime import date, time, timedelta

import msgspec
import pytest

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    CancelOrder,
    FillBooked,
    IntentParked,
    IntentRefused,
    OrderReported,
    ReplaceOrder,
    SubmitOrder,
)
from maemae.core.config import CashRule
from maemae.core.events import Event, PhaseChanged, SessionStarted, TradingStateSet
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.state import book_hash
from maemae.domain.errors import InvalidTransitionError, InvalidValueError, UnknownRuleError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId
from maemae.domain.instant import kst_date, kst_nanos
from maemae.domain.intent import (
    MILLION,
    CancelIntent,
    Cash,
    Everything,
    ReplaceIntent,
    Shares,
    Size,
    Weight,
)
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.refusal import Reason
from maemae.domain.terms import Side, TradingState
from maemae.krx.costs import CostSchedule, Rounding
from maemae.krx.session import Phase
from tests.builders import (
    CHARGED,
    DAY_2,
    DAY_3,
    NOON,
    SAMSUNG,
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

CLOSED = PhaseChanged(Phase.CLOSED, NOON)
OPEN = PhaseChanged(Phase.PRE_OPEN_AUCTION, NOON)
E = ExecType


def quantities(actions: list[Action]) -> list[int]:
    return [action.order.order_qty for action in actions if isinstance(action, SubmitOrder)]


def alarms(actions: list[Action]) -> list[AlarmCode]:
    return [action.code for action in actions if isinstance(action, AlarmRaised)]


def reasons(actions: list[Action]) -> set[Reason]:
    refused = [action for action in actions if isinstance(action, IntentRefused)]
    return {refusal.reason for action in refused for refusal in action.refusals}


# ── wishes ───────────────────────────────────────────────────────────────────────────────


def test_wish_when_told_twice_is_sent_once() -> None:
    core = a_core(an_intent())
    assert core.handle(an_intent()) == []
    assert list(core.state.orders) == [1]


def test_wish_when_refused_and_told_again_is_not_asked_again() -> None:
    core = a_core(an_intent(size=0))
    assert core.handle(an_intent(size=0)) == []


def test_wish_when_the_market_is_closed_waits_and_is_sized_when_it_opens() -> None:
    core = a_core(CLOSED)
    (parked,) = core.handle(an_intent(size=Cash(1_000_000)))
    assert isinstance(parked, IntentParked)
    feed(core, SessionStarted(DAY_2, NOON), rules(day=DAY_2), a_price(8_000))
    assert quantities(core.handle(OPEN)) == [125]
    assert core.state.parked == []
    assert core.handle(OPEN) == []


@pytest.mark.parametrize("days", [0, 1])
def test_parked_wish_when_told_again_is_still_one_order(days: int) -> None:
    core = a_core(CLOSED, an_intent(), an_intent())
    if days:
        feed(core, SessionStarted(DAY_2, NOON), rules(day=DAY_2), an_intent())
    assert quantities(core.handle(OPEN)) == [10]


def test_wish_when_its_order_still_works_the_next_day_is_not_sent_again() -> None:
    core = a_core(an_intent(), SessionStarted(DAY_2, NOON), rules(day=DAY_2))
    assert core.handle(an_intent()) == []


def test_wish_when_it_was_filled_the_day_before_is_not_sent_again() -> None:
    core = a_core(an_intent(), a_fill(10), SessionStarted(DAY_2, NOON), rules(day=DAY_2))
    assert core.handle(an_intent()) == []


def test_wish_when_older_than_a_whole_session_is_refused_when_it_is_taken_in() -> None:
    core = a_core(SessionStarted(DAY_2, NOON), rules(day=DAY_2))
    assert quantities(core.handle(an_intent())) == [10]
    core = a_core(SessionStarted(DAY_3, NOON), rules(day=DAY_3))
    assert reasons(core.handle(an_intent())) == {Reason.INTENT_EXPIRED}
    feed(core, CLOSED)
    assert reasons(core.handle(an_intent(intent_id="closed"))) == {Reason.INTENT_EXPIRED}
    assert core.state.parked == []


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_parked_wish_when_trading_is_not_active_waits_until_it_is(state: TradingState) -> None:
    core = a_core(CLOSED, an_intent(), TradingStateSet(state, "시험", NOON))
    assert core.handle(OPEN) == []
    assert quantities(core.handle(TradingStateSet(TradingState.ACTIVE, "시험", NOON))) == [10]
    assert core.state.parked == []


def test_parked_wish_when_trading_becomes_active_before_the_open_waits_for_it() -> None:
    core = a_core(CLOSED, an_intent())
    assert len(core.handle(TradingStateSet(TradingState.ACTIVE, "시험", NOON))) == 1
    assert quantities(core.handle(OPEN)) == [10]


def test_wishes_when_they_waited_are_sent_oldest_first() -> None:
    core = a_core(CLOSED, an_intent(size=1, intent_id="b"), an_intent(size=2, intent_id="a"))
    assert quantities(core.handle(OPEN)) == [1, 2]


@pytest.mark.parametrize(
    ("size", "qty"),
    [
        (Cash(1_000_000), 100),
        (Cash(1_009_999), 100),
        (Weight(100_000), 100),
        (Weight(MILLION), 769),
        (Cash(10**12), 769),
    ],
)
def test_buy_when_sized_by_money_is_cut_to_what_cash_allows_at_worst(size: Size, qty: int) -> None:
    assert quantities(a_core().handle(an_intent(size=size))) == [qty]


def test_wish_when_larger_than_any_company_is_refused_for_a_number_that_can_be_written() -> None:
    (refused,) = a_core().handle(an_intent(size=10**18))
    assert isinstance(refused, IntentRefused)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(refused), type=IntentRefused) == refused


def test_buy_when_cash_runs_short_and_the_rule_is_to_refuse_is_refused() -> None:
    core = a_core(cash_rule=CashRule.REFUSE)
    assert reasons(core.handle(an_intent(size=Weight(MILLION)))) == {Reason.NOT_ENOUGH_CASH}


@pytest.mark.parametrize("won", [0, 1, 12_999, 13_000, 13_010, 999_999, 10_000_000])
def test_buy_when_shrunk_is_the_largest_the_gate_takes(won: int) -> None:
    one = a_core(cash=won, schedule=CHARGED)
    found = sum(quantities(one.handle(an_intent(size=Cash(10**12)))))
    more = a_core(cash=won, schedule=CHARGED)
    assert reasons(more.handle(an_intent(size=found + 1))) == {Reason.NOT_ENOUGH_CASH}


def test_sale_of_everything_when_some_is_being_sold_takes_the_rest() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 4, price=10_500))
    wish = an_intent(Side.SELL, Everything(), intent_id="rest")
    assert quantities(core.handle(wish)) == [6]


def test_bounded_buy_when_the_band_is_near_stays_inside_it() -> None:
    core = a_core(a_price(12_900))
    feed(core, an_intent(within=50_000))
    assert core.state.orders[ClOrdId(1)].price == 13_000


# ── cancel and replace ───────────────────────────────────────────────────────────────────


def working(cash: int = 10_000_000, limits: Limits | None = None) -> TradingCore:
    """Return a core with one acknowledged buy of 100 shares at 10,000 won."""
    wish = an_intent(size=100, price=10_000)
    return a_core(wish, a_report(), cash=cash, limits=limits)


def test_cancel_when_asked_twice_is_sent_once() -> None:
    core = working()
    (canceled,) = core.handle(CancelIntent(ClOrdId(1), NOON))
    assert isinstance(canceled, CancelOrder)
    assert (canceled.cl_ord_id, canceled.orig_cl_ord_id, canceled.order_id) == (2, 1, "0000001")
    assert core.handle(CancelIntent(ClOrdId(1), NOON)) == []


def test_cancel_when_the_first_was_rejected_is_sent_again() -> None:
    core = working()
    feed(core, CancelIntent(ClOrdId(1), NOON), a_report(E.CANCEL_REJECTED, request_id=2))
    (canceled,) = core.handle(CancelIntent(ClOrdId(1), NOON))
    assert isinstance(canceled, CancelOrder)
    assert canceled.cl_ord_id == 3


@pytest.mark.parametrize("number", [1, 99])
def test_cancel_when_the_order_is_gone_does_nothing(number: int) -> None:
    core = a_core(an_intent(size=10), a_fill(10))
    assert core.handle(CancelIntent(ClOrdId(number), NOON)) == []


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_trading_when_it_is_closed_cancels_what_adds_risk_and_nothing_else(
    state: TradingState,
) -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(price=9_900), a_report(cl_ord_id=2))
    feed(core, an_intent(Side.SELL, 4, price=10_500, intent_id="s"), a_report(cl_ord_id=3))
    actions = core.handle(TradingStateSet(state, "시험", NOON))
    canceled = [action for action in actions if isinstance(action, CancelOrder)]
    assert [action.orig_cl_ord_id for action in canceled] == [2]


@pytest.mark.parametrize("first", [a_report(order_id="77"), a_fill(4)], ids=["ack", "fill"])
def test_cancel_when_the_number_was_not_known_is_sent_again_once_it_is(
    first: ExecutionReport,
) -> None:
    core = a_core(an_intent(price=10_000))
    (asked,) = core.handle(CancelIntent(ClOrdId(1), NOON))
    again = [a for a in feed(core, first, first) if isinstance(a, CancelOrder)]
    assert isinstance(asked, CancelOrder)
    assert [asked.order_id, *(a.order_id for a in again)] == [None, first.order_id]
    feed(core, a_report(E.CANCELED, request_id=again[0].cl_ord_id))
    assert (core.state.working, sleeve_of(core).reserved) == ({}, 0)


def test_replace_when_dearer_needs_only_the_difference_in_cash() -> None:
    core = working(1_050_000)
    (sent,) = core.handle(ReplaceIntent(ClOrdId(1), 10_500, 100, NOON))
    assert isinstance(sent, ReplaceOrder)
    assert sleeve_of(core).orderable == 0
    feed(core, a_report(E.REPLACED, price=10_500, order_qty=100, request_id=2, order_id="0000002"))
    assert core.state.orders[ClOrdId(1)].price == 10_500
    assert sleeve_of(core).orderable == 0


def test_replace_when_dearer_than_the_cash_is_refused() -> None:
    core = working(1_050_000)
    refused = core.handle(ReplaceIntent(ClOrdId(1), 10_510, 100, NOON))
    assert reasons(refused) == {Reason.NOT_ENOUGH_CASH}
    assert sleeve_of(core).orderable == 50_000


def test_replace_when_rejected_gives_the_difference_back() -> None:
    core = working(1_050_000)
    feed(core, ReplaceIntent(ClOrdId(1), 10_500, 100, NOON))
    feed(core, a_report(E.CANCEL_REJECTED, request_id=2))
    assert sleeve_of(core).orderable == 50_000


@pytest.mark.parametrize("asked", [ReplaceIntent(ClOrdId(1), 10_500, 100, NOON), None])
def test_request_when_its_outcome_is_unknown_leaves_order_and_reserve(
    asked: ReplaceIntent | None,
) -> None:
    core = working(1_050_000)
    feed(core, CancelIntent(ClOrdId(1), NOON) if asked is None else asked)
    order, reserved = core.state.orders[ClOrdId(1)], sleeve_of(core).reserved
    lost = a_report(E.OUTCOME_UNKNOWN, request_id=2)
    assert alarms(core.handle(lost)) == [AlarmCode.OUTCOME_UNKNOWN]
    assert (core.state.orders[ClOrdId(1)], sleeve_of(core).reserved) == (order, reserved)


def test_replace_when_filled_in_part_asks_about_the_rest_only() -> None:
    core = working(1_000_000)
    feed(core, a_fill(60))
    refused = core.handle(ReplaceIntent(ClOrdId(1), 10_000, 60, NOON))
    assert reasons(refused) == {Reason.QTY_NOT_POSITIVE}
    (sent,) = core.handle(ReplaceIntent(ClOrdId(1), 9_990, 100, NOON))
    assert isinstance(sent, ReplaceOrder)


def test_replace_of_a_sale_when_larger_than_the_holding_is_refused() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 4, price=10_500), a_report(cl_ord_id=2))
    assert reasons(core.handle(ReplaceIntent(ClOrdId(2), 10_500, 11, NOON))) == {
        Reason.NOT_ENOUGH_SELLABLE
    }
    feed(core, ReplaceIntent(ClOrdId(2), 10_500, 10, NOON))
    assert sleeve_of(core).sellable(SAMSUNG) == 0


@pytest.mark.parametrize(
    "events",
    [
        (),
        (a_report(), CancelIntent(ClOrdId(1), NOON)),
        (a_report(), a_fill(100)),
        (a_report(E.OUTCOME_UNKNOWN, order_id=None),),
    ],
    ids=["not acknowledged", "being canceled", "filled", "in doubt"],
)
def test_replace_when_the_order_cannot_take_one_is_refused(events: tuple[Event, ...]) -> None:
    core = a_core(an_intent(size=100, price=10_000), *events)
    refused = core.handle(ReplaceIntent(ClOrdId(1), 9_900, 100, NOON))
    assert reasons(refused) == {Reason.ORDER_NOT_WORKING}


def test_replace_when_new_risk_is_over_the_limits_is_refused() -> None:
    core = working(limits=Limits(max_order_value=1_000_000))
    refused = core.handle(ReplaceIntent(ClOrdId(1), 10_000, 101, NOON))
    assert reasons(refused) == {Reason.VALUE_ABOVE_LIMIT}


# ── reports ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "report",
    [
        a_report(),
        a_report(at=NOON + 5),
        a_report(E.TRADE_CORRECT, 5, 9_900, ref="F1", at=NOON + 1),
        a_report(E.TRADE_CANCEL, ref="F1", at=NOON + 1),
        a_report(E.REPLACED, price=9_900, order_qty=12, at=NOON + 2),
        a_report(E.CANCELED),
        a_report(E.EXPIRED),
        a_report(E.REJECTED),
    ],
)
def test_report_when_told_again_is_no_news(report: ExecutionReport) -> None:
    core = a_core(an_intent(price=10_000))
    if report.exec_type in {E.TRADE_CORRECT, E.TRADE_CANCEL}:
        feed(core, a_fill(4))
    assert core.handle(report) != []
    assert core.handle(report) == []
    assert core.handle(msgspec.structs.replace(report, exec_id=ExecId("by the stream"))) == []


def test_answer_when_it_settles_a_request_is_told_once() -> None:
    core = a_core(an_intent(price=10_000), a_report(), CancelIntent(ClOrdId(1), NOON))
    answer = a_report(E.CANCEL_REJECTED, request_id=2)
    assert core.handle(answer) == [OrderReported(answer, NOON)]
    assert core.handle(answer) == []


def test_answer_when_a_lost_request_is_told_again_is_alarmed() -> None:
    core = a_core(an_intent(price=10_000), a_report(), CancelIntent(ClOrdId(1), NOON))
    lost = a_report(E.OUTCOME_UNKNOWN, request_id=2)
    assert alarms(core.handle(lost)) == [AlarmCode.OUTCOME_UNKNOWN]
    assert core.state.orders[ClOrdId(1)].is_cancel_pending


def test_rejection_when_told_again_does_not_hold_back_the_next_exit() -> None:
    core = a_core()
    hold(core)
    feed(core, an_intent(Side.SELL, intent_id="sell"))
    rejected = a_report(E.REJECTED, cl_ord_id=2)
    feed(core, rejected, a_price(at=NOON + 900_000_000), rejected)
    assert sleeve_of(core).rejected_at == {SAMSUNG: NOON}


def test_fill_when_it_comes_twice_is_booked_once() -> None:
    core = a_core(an_intent(), a_fill(4))
    assert core.handle(a_fill(4)) == []
    assert sleeve_of(core).cash == 9_960_000


def test_fill_when_it_comes_after_the_cancel_is_booked_and_alarmed() -> None:
    core = a_core(an_intent(), a_report(), a_report(E.CANCELED))
    assert alarms(core.handle(a_fill(4))) == [AlarmCode.LATE_FILL]
    assert sleeve_of(core).positions[SAMSUNG].qty == 4
    assert sleeve_of(core).buying == {}


def test_fill_when_larger_than_the_order_halts_the_sleeve() -> None:
    core = a_core(an_intent())
    assert alarms(core.handle(a_fill(12))) == [AlarmCode.OVERFILL]
    assert sleeve_of(core).halted
    assert sleeve_of(core).positions[SAMSUNG].qty == 12


def test_sale_when_more_goes_than_was_held_halts_the_sleeve_and_is_remembered() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 10))
    codes = alarms(core.handle(a_fill(12, 11_000, "X", 2)))
    assert codes == [AlarmCode.OVERSOLD, AlarmCode.OVERFILL]
    assert sleeve_of(core).positions[SAMSUNG].qty == -2


def test_report_when_nobody_knows_the_order_is_alarmed() -> None:
    assert alarms(a_core().handle(a_fill(4, cl_ord_id=9))) == [AlarmCode.UNKNOWN_ORDER]


def test_report_when_the_outcome_is_unknown_keeps_everything_reserved() -> None:
    core = a_core(an_intent())
    lost = a_report(E.OUTCOME_UNKNOWN, order_id=None)
    assert alarms(core.handle(lost)) == [AlarmCode.OUTCOME_UNKNOWN]
    assert core.state.orders[ClOrdId(1)].status is OrderStatus.UNKNOWN
    assert sleeve_of(core).orderable == 10_000_000 - 130_000


def test_fill_when_it_cannot_be_leaves_the_book_as_it_was() -> None:
    core = a_core(an_intent())
    with pytest.raises((InvalidTransitionError, InvalidValueError)):
        core.handle(a_fill(-4))
    assert sleeve_of(core).positions == {}
    assert core.state.orders[ClOrdId(1)].fills == ()


def test_sale_when_filled_before_the_instrument_is_known_leaves_the_book_as_it_was() -> None:
    before = a_core()
    hold(before, 10)
    feed(before, an_intent(Side.SELL, 10))
    core = TradingCore(before._desk.config, before.state)
    with pytest.raises(InvalidValueError, match="not been described"):
        core.handle(a_fill(10, 11_000, "X", 2))
    assert not core.state.orders[ClOrdId(2)].fills
    core.observe(rules())
    feed(core, a_fill(10, 11_000, "X", 2))
    assert sleeve_of(core).positions == {}


def test_correction_when_it_overtakes_its_fill_is_booked_once() -> None:
    core = a_core(an_intent())
    corrected = a_report(E.TRADE_CORRECT, 7, 9_990, ref="F1", at=NOON + 1)
    assert AlarmCode.FILL_REVISED in alarms(core.handle(corrected))
    feed(core, a_fill(10), corrected)
    assert core.state.orders[ClOrdId(1)].cum_qty == 7
    assert sleeve_of(core).positions[SAMSUNG].qty == 7
    assert sleeve_of(core).cash == 10_000_000 - 7 * 9_990


def test_bust_when_its_day_is_outside_the_calendar_leaves_the_book_as_it_was() -> None:
    core = a_core(an_intent(), a_fill(10))
    before = book_hash(core.state)
    with pytest.raises(UnknownRuleError):
        core.handle(a_report(E.TRADE_CANCEL, ref="F1", at=kst_nanos(date(2035, 1, 4), time(12))))
    assert book_hash(core.state) == before


def test_bust_when_the_order_was_full_puts_it_back_to_work() -> None:
    core = a_core(an_intent(), a_fill(10), a_report(E.TRADE_CANCEL, ref="F1"))
    assert core.state.working == {SAMSUNG: [1]}
    assert sleeve_of(core).orderable == 10_000_000 - 130_000
    assert sleeve_of(core).buying == {SAMSUNG: 1}


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("side", Side)
def test_charges_when_a_fill_is_corrected_are_those_of_the_final_fills(
    rounding: Rounding, side: Side
) -> None:
    schedule = CostSchedule("시험", 15, 100_000, cut=10, rounding=rounding)
    revised, straight = a_core(schedule=schedule), a_core(schedule=schedule)
    for core in (revised, straight):
        hold(core, 300, 9_000)
        feed(core, an_intent(side, 200))
    first = a_fill(33, 10_010, "A", 2)
    feed(revised, first, a_fill(16, 10_020, "B", 2))
    feed(revised, a_report(E.TRADE_CORRECT, 64, 9_990, cl_ord_id=2, ref="B", at=NOON + 1))
    feed(revised, a_fill(33, 10_030, "C", 2))
    feed(revised, a_report(E.TRADE_CANCEL, cl_ord_id=2, ref="C", at=NOON + 1))
    feed(straight, first, a_fill(64, 9_990, "B", 2))
    one, other = sleeve_of(revised), sleeve_of(straight)
    assert (one.commission, one.tax, one.cash) == (other.commission, other.tax, other.cash)
    assert revised.state.turnover == straight.state.turnover


def test_booking_when_filled_says_when_the_cash_settles() -> None:
    (_, booked) = a_core(an_intent()).handle(a_fill(10))
    assert isinstance(booked, FillBooked)
    assert str(booked.settles) == "2024-03-06"


def test_replace_when_the_old_terms_fill_meanwhile_keeps_the_cash_of_the_new_ones() -> None:
    core = a_core()
    feed(core, an_intent(price=10_000, size=Shares(100)), a_report(cl_ord_id=1))
    feed(core, ReplaceIntent(ClOrdId(1), 10_000, 200, NOON))
    feed(core, a_fill(cl_ord_id=1, qty=100, px=10_000))

    assert core.state.orders[ClOrdId(1)].status is OrderStatus.PENDING_REPLACE
    assert sleeve_of(core).reserved >= 100 * 10_000


def test_replace_when_the_order_is_at_market_is_refused() -> None:
    core = a_core()
    feed(core, an_intent(), a_report(cl_ord_id=1))

    (action,) = core.handle(ReplaceIntent(ClOrdId(1), 10_000, 20, NOON))
    assert isinstance(action, IntentRefused)
    assert [refusal.reason for refusal in action.refusals] == [Reason.ORDER_NOT_WORKING]


def test_replace_counts_towards_the_orders_of_the_day() -> None:
    core = a_core()
    feed(core, an_intent(price=10_000), a_report(cl_ord_id=1))
    before = sleeve_of(core).orders_today
    feed(core, ReplaceIntent(ClOrdId(1), 9_990, 10, NOON))
    assert sleeve_of(core).orders_today == before + 1


def test_wish_when_a_whole_session_went_by_is_refused_as_expired() -> None:
    core = a_core()
    feed(core, CLOSED, an_intent(intent_id="old"))
    later = kst_nanos(DAY_2 + timedelta(days=14), time(8, 30))
    feed(core, SessionStarted(kst_date(later), later))

    actions = core.handle(PhaseChanged(Phase.PRE_OPEN_AUCTION, later))
    refusals = [action.refusals for action in actions if isinstance(action, IntentRefused)]
    assert [refusal.reason for (refusal,) in refusals] == [Reason.INTENT_EXPIRED]
