"""A trading day begins once: counters at zero, settled cash free, losses counted net of flows."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from maemae.core.actions import IntentRefused, SubmitOrder
from maemae.core.entry_policy import EntryPolicy
from maemae.core.events import (
    InstrumentUpdated,
    LimitsSet,
    PhaseChanged,
    SessionStarted,
    SleeveResumed,
)
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.state import book_hash
from maemae.core.usage import session_loss
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import SleeveId
from maemae.domain.instant import DAY, SECOND
from maemae.domain.refusal import Reason
from maemae.domain.terms import Side
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    DAY_2,
    DAY_3,
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
    open_sleeve,
    rules,
    sleeve_of,
)


def flow(
    amount: int, kind: CashFlowKind = CashFlowKind.DEPOSIT, to: SleeveId | None = None
) -> CashFlow:
    return CashFlow(ACCOUNT, SLEEVE, kind, amount, NOON, to)


def day(session_date: date) -> SessionStarted:
    return SessionStarted(session_date, NOON)


def refused_for(core: TradingCore, intent_id: str = "next") -> set[Reason]:
    (action,) = core.handle(an_intent(intent_id=intent_id))
    if isinstance(action, IntentRefused):
        return {refusal.reason for refusal in action.refusals}
    return set()


def test_session_when_it_begins_resets_the_counters_of_orders() -> None:
    core = a_core(an_intent(), limits=Limits(max_orders_per_day=1, max_orders_per_sec=1))
    assert refused_for(core) == {Reason.TOO_MANY_ORDERS_TODAY, Reason.ORDER_RATE}
    feed(core, day(DAY_2), rules(day=DAY_2))
    assert refused_for(core, "tomorrow") == set()


def test_session_when_told_again_resets_nothing() -> None:
    limits = Limits(max_orders_per_day=1, max_daily_loss=10_000)
    core = a_core(limits=limits)
    hold(core, 10)
    feed(core, a_price(9_000))
    assert core.handle(day(DAY_1)) == []
    assert refused_for(core) == {Reason.TOO_MANY_ORDERS_TODAY, Reason.DAILY_LOSS}
    assert core.handle(an_intent(intent_id="hold-1")) == []


def test_session_when_it_lies_in_the_past_raises() -> None:
    core = a_core(day(DAY_2))
    with pytest.raises(InvalidValueError, match="cannot follow"):
        core.handle(day(DAY_1))


def test_session_when_it_begins_forgets_closed_orders_and_keeps_open_ones() -> None:
    core = a_core(an_intent(), an_intent(symbol=HYNIX, intent_id="other"), a_fill(10))
    feed(core, day(DAY_2))
    assert (list(core.state.orders), core.state.working) == ([2], {HYNIX: [2]})
    assert sleeve_of(core).reserved == 130_000


def test_sale_when_it_settles_on_the_second_day_can_be_withdrawn_then() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, an_intent(Side.SELL, 10), a_fill(10, 11_000, "X", 2))
    settled = CASH - 100_000
    assert sleeve_of(core).orderable == CASH + 10_000 - 198  # the tax on 110,000 won
    for today, free in ((DAY_2, settled), (DAY_3, CASH + 10_000 - 198)):
        # Both trades settle together: what comes in net is 9,802 won.
        assert sleeve_of(core).withdrawable >= settled
        feed(core, day(today))
        assert sleeve_of(core).withdrawable >= free
    assert sleeve_of(core).unsettled == {}


def test_cash_when_proceeds_have_not_settled_cannot_be_withdrawn() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, day(DAY_2), rules(day=DAY_2))
    feed(core, an_intent(Side.SELL, 10), a_fill(10, 11_000, "X", 2, NOON + 86_400 * SECOND))
    assert sleeve_of(core).withdrawable == CASH - 100_000
    feed(core, day(DAY_3))
    assert sleeve_of(core).withdrawable == CASH - 100_000
    feed(core, day(date(2024, 3, 7)))
    assert sleeve_of(core).withdrawable == CASH + 10_000 - 198


@pytest.mark.parametrize("amount", [-CASH - 1, -CASH + 129_999])
def test_withdrawal_when_more_than_is_free_raises_and_changes_nothing(amount: int) -> None:
    core = a_core(an_intent())
    with pytest.raises(InvalidValueError, match="can be withdrawn"):
        core.handle(flow(amount, CashFlowKind.WITHDRAWAL))
    assert (sleeve_of(core).cash, sleeve_of(core).flows) == (CASH, CASH)
    feed(core, flow(-CASH + 130_000, CashFlowKind.WITHDRAWAL))
    assert (sleeve_of(core).orderable, sleeve_of(core).withdrawable) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "flows", "realized"),
    [
        (CashFlowKind.DEPOSIT, 5_000, 0),
        (CashFlowKind.WITHDRAWAL, -5_000, 0),
        (CashFlowKind.DIVIDEND, 0, 5_000),
    ],
)
def test_flow_when_it_is_no_dividend_is_no_return(
    kind: CashFlowKind, flows: int, realized: int
) -> None:
    core = a_core(flow(flows + realized, kind))
    assert (sleeve_of(core).flows - CASH, sleeve_of(core).realized) == (flows, realized)
    assert sleeve_of(core).cash == CASH + flows + realized


def test_transfer_when_taken_leaves_one_sleeve_for_the_other_and_is_no_return() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    feed(core, flow(5_000, CashFlowKind.TRANSFER, OTHER_SLEEVE))
    mine, other = sleeve_of(core), sleeve_of(core, OTHER_SLEEVE)
    assert (mine.cash, other.cash) == (CASH - 5_000, CASH + 5_000)
    assert (mine.flows, other.flows) == (CASH - 5_000, CASH + 5_000)
    assert mine.realized == other.realized == 0
    with pytest.raises(InvalidValueError, match="can be withdrawn"):
        core.handle(flow(CASH - 4_999, CashFlowKind.TRANSFER, OTHER_SLEEVE))


@pytest.mark.parametrize(
    ("kind", "amount", "to"),
    [
        (CashFlowKind.DEPOSIT, -1, None),
        (CashFlowKind.DEPOSIT, 0, None),
        (CashFlowKind.DEPOSIT, 1, OTHER_SLEEVE),
        (CashFlowKind.WITHDRAWAL, 1, None),
        (CashFlowKind.DIVIDEND, -1, None),
        (CashFlowKind.TRANSFER, 1, None),
        (CashFlowKind.TRANSFER, -1, OTHER_SLEEVE),
        (CashFlowKind.TRANSFER, 1, SleeveId("nobody")),
    ],
)
def test_flow_when_its_sign_or_receiver_is_wrong_raises_and_moves_nothing(
    kind: CashFlowKind, amount: int, to: SleeveId | None
) -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    before = book_hash(core.state)
    with pytest.raises(InvalidValueError):
        core.handle(flow(amount, kind, to))
    assert book_hash(core.state) == before


@pytest.mark.parametrize(
    ("amount", "blocked"), [(0, True), (1_000_000, True), (-1_000_000, True)], ids=str
)
def test_daily_loss_when_money_moves_is_counted_net_of_it(amount: int, *, blocked: bool) -> None:
    core = a_core(limits=Limits(max_daily_loss=10_000))
    hold(core, 10)
    if amount:
        kind = CashFlowKind.DEPOSIT if amount > 0 else CashFlowKind.WITHDRAWAL
        feed(core, flow(amount, kind))
    feed(core, a_price(9_010))
    assert refused_for(core, "small") == set()
    feed(core, a_price(9_000))
    assert (refused_for(core, "large") == {Reason.DAILY_LOSS}) is blocked


def test_daily_loss_when_a_new_day_begins_starts_at_its_equity() -> None:
    core = a_core(limits=Limits(max_daily_loss=10_000))
    hold(core, 10)
    feed(core, a_price(9_000), day(DAY_2), rules(day=DAY_2))
    assert sleeve_of(core).opening_equity == CASH - 10_000
    assert refused_for(core) == set()


def test_session_when_a_price_is_missing_opens_at_cost() -> None:
    core = a_core()
    hold(core, 10)
    core.market.prices.clear()
    core.state.marks.clear()
    feed(core, day(DAY_2))
    assert sleeve_of(core).opening_equity == CASH


def test_session_when_begun_after_a_restart_opens_at_the_prices_it_remembers() -> None:
    core = a_core()
    hold(core, 10, 9_000)
    feed(core, a_price(8_000), day(DAY_2))
    again = TradingCore(core._desk.config, core.state)
    feed(again, day(DAY_3))
    assert sleeve_of(again).opening_equity == CASH - 10_000


def restarted(core: TradingCore, *rules_told: InstrumentUpdated) -> TradingCore:
    """Return the core of the next day, which saw no price of the day before."""
    again = TradingCore(core._desk.config, core.state)
    feed(again, *rules_told, day(DAY_2), PhaseChanged(core.market.phase, NOON))
    return again


def test_session_when_its_rules_were_told_opens_at_the_base_price() -> None:
    core = a_core(limits=Limits(max_daily_loss=10_000))
    hold(core, 10)  # at 10,000; closed at 13,000 while nobody looked
    again = restarted(core, rules(day=DAY_2, base_price=13_000))

    assert sleeve_of(again).opening_equity == CASH + 30_000
    assert sleeve_of(again).best_profit == 30_000
    assert again.state.marks == {SAMSUNG: 13_000}
    feed(again, a_price(12_010))
    assert refused_for(again, "small") == set()
    feed(again, a_price(12_000))
    assert refused_for(again, "large") == {Reason.DAILY_LOSS}


def test_session_when_only_the_rules_of_another_day_were_told_opens_at_what_is_known() -> None:
    core = a_core()
    hold(core, 10)
    again = restarted(core, rules(day=DAY_1, base_price=13_000))

    assert sleeve_of(again).opening_equity == CASH


IN_DOUBT = replace(rules(day=DAY_2, base_price=5_000, at=NOON + DAY), last_close=10_000)
"""An ex-date: half of the price went into shares that come later."""


@pytest.mark.parametrize("is_told_first", [True, False], ids=["a restart", "a night"])
def test_daily_loss_when_the_base_price_is_in_doubt_counts_from_it(*, is_told_first: bool) -> None:
    core = a_core(limits=Limits(max_daily_loss=10_000, entry=EntryPolicy(max_drawdown=1_000)))
    hold(core, 10)
    other = SessionStarted(DAY_2, NOON + DAY)
    feed(core, *((IN_DOUBT, other) if is_told_first else (other, IN_DOUBT)))

    assert SAMSUNG in core.state.base_doubts
    assert session_loss(core.market, sleeve_of(core)) == 0  # before a price of the new shares
    for price, loss in ((5_010, -100), (4_010, 9_900), (4_000, 10_000)):
        feed(core, a_price(price, at=NOON + DAY + 6_000 - price))
        assert session_loss(core.market, sleeve_of(core)) == loss
    assert {Reason.DAILY_LOSS, Reason.DRAWDOWN} <= refused_for(core, "large")


def test_drawdown_when_the_base_price_is_in_doubt_counts_from_it() -> None:
    core = a_core(limits=Limits(entry=EntryPolicy(max_drawdown=1_000)))
    hold(core, 10)
    feed(core, SessionStarted(DAY_2, NOON + DAY), IN_DOUBT, a_price(4_990, at=NOON + DAY))

    assert Reason.DRAWDOWN not in refused_for(core)


def test_session_when_begun_after_a_restart_and_a_fill_opens_at_the_price_of_the_fill() -> None:
    core = a_core()
    hold(core, 10, 9_000)
    feed(core, an_intent(Side.SELL, 1), a_fill(1, 8_000, "X", 2))
    taxed = sleeve_of(core).cash
    again = TradingCore(core._desk.config, core.state)
    feed(again, day(DAY_2))
    assert sleeve_of(again).opening_equity == taxed + 9 * 8_000


@pytest.mark.parametrize("hours", [-9, 9])
def test_report_when_its_clock_is_not_ours_does_not_move_the_time(hours: int) -> None:
    core = a_core(an_intent())
    feed(core, a_fill(10, at=NOON + hours * 3_600 * SECOND))
    assert core.now == NOON
    assert refused_for(core) == set()


def test_sleeve_when_opened_twice_or_without_account_or_money_raises() -> None:
    core = a_core()
    for command in (
        open_sleeve(),
        open_sleeve(OTHER_SLEEVE, cash=-1),
        CashFlow(ACCOUNT, OTHER_SLEEVE, CashFlowKind.DEPOSIT, 1, NOON),
        LimitsSet(ACCOUNT, OTHER_SLEEVE, Limits(), NOON),
        SleeveResumed(ACCOUNT, OTHER_SLEEVE, "시험", NOON),
    ):
        with pytest.raises(InvalidValueError):
            core.handle(command)
    assert list(core.state.sleeves) == [f"{ACCOUNT}\t{SLEEVE}"]


def test_sleeve_when_halted_trades_again_once_resumed() -> None:
    core = a_core(an_intent(), a_fill(12))
    assert refused_for(core) == {Reason.SLEEVE_HALTED}
    feed(core, SleeveResumed(ACCOUNT, SLEEVE, "확인", NOON))
    (action,) = core.handle(an_intent(intent_id="after"))
    assert isinstance(action, SubmitOrder)


def test_limits_when_set_hold_at_once() -> None:
    core = a_core(LimitsSet(ACCOUNT, SLEEVE, Limits(max_order_value=1), NOON))
    assert refused_for(core) == {Reason.VALUE_ABOVE_LIMIT}


def test_report_when_its_order_was_archived_is_alarmed_and_books_nothing() -> None:
    core = a_core(an_intent(), a_fill(10), day(DAY_2))
    before = sleeve_of(core).cash
    feed(core, a_report(), a_fill(10, exec_id="again"))
    assert (sleeve_of(core).cash, sleeve_of(core).positions[SAMSUNG].qty) == (before, 10)
