"""The broker's word about an account: booked to the won, said once, and strange shares shut in."""

from __future__ import annotations

import pytest

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    CancelOrder,
    CashAdjusted,
    HoldingAdjusted,
    IntentRefused,
    SymbolQuarantined,
)
from maemae.core.events import (
    Event,
    ExternalOrderSeen,
    KillLevel,
    KillSet,
    PhaseChanged,
    SymbolReleased,
)
from maemae.core.machine import TradingCore
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId
from maemae.domain.intent import Everything
from maemae.domain.position import Position
from maemae.domain.refusal import Reason
from maemae.domain.statement import StatedStatus
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_config,
    a_core,
    a_fill,
    a_price,
    an_intent,
    feed,
    hold,
    open_sleeve,
    sleeve_of,
)
from tests.statements import an_account, an_external_order

RELEASED = SymbolReleased(ACCOUNT, SAMSUNG, "대체출고", NOON)
PAID = 42_000 - 75  # for 4 shares at 10,500 won, after tax
LEFT = CASH - 100_000  # cash once 10 shares at 10,000 won are held


def holding(*events: Event) -> TradingCore:
    """Return a core whose one strategy holds 10 shares for 100,000 won."""
    core = a_core()
    hold(core, 10)
    feed(core, *events)
    return core


def sold_but_not_filled(stop_loss: int | None = None) -> TradingCore:
    """Return a core whose 10 shares are gone by the statement, but in no fill of the sale."""
    core = a_core()
    hold(core, 10, stop_loss=stop_loss)
    order = an_external_order(Side.SELL, 10, 10_500, status=StatedStatus.CANCELED)
    feed(core, ExternalOrderSeen(order, NOON), an_account(LEFT))
    return core


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def refusals(actions: list[Action]) -> list[Reason]:
    told = [action for action in actions if isinstance(action, IntentRefused)]
    return [refusal.reason for action in told for refusal in action.refusals]


def test_account_when_it_agrees_changes_nothing() -> None:
    assert holding().handle(an_account(LEFT, (SAMSUNG, 10, 100_000))) == []


def test_account_when_cash_differs_books_it_as_a_flow_and_says_so_once() -> None:
    core = holding()
    stated = an_account(LEFT - 77, (SAMSUNG, 10, 100_000))
    added, adjusted, alarm = core.handle(stated)
    assert type(added).__name__ == "SleeveAdded"
    assert adjusted == CashAdjusted(ACCOUNT, EXTERNAL_SLEEVE, -77, NOON)
    assert alarm == AlarmRaised(AlarmCode.MISMATCH, "-77", NOON, account_id=ACCOUNT)
    sleeve = sleeve_of(core, EXTERNAL_SLEEVE)
    assert (sleeve.cash, sleeve.flows, sleeve.realized) == (-77, -77, 0)
    assert core.handle(stated) == []
    assert TradingCore(a_config(), core.state).handle(stated) == []


def test_account_when_it_has_more_shares_books_them_and_shuts_the_instrument_in() -> None:
    core = holding()
    stated = an_account(LEFT, (SAMSUNG, 15, 155_000))
    actions = core.handle(stated)
    assert names(actions) == ["SleeveAdded", "HoldingAdjusted", "AlarmRaised", "SymbolQuarantined"]
    assert actions[1] == HoldingAdjusted(ACCOUNT, EXTERNAL_SLEEVE, SAMSUNG, 5, 51_666, NOON)
    assert actions[3] == SymbolQuarantined(ACCOUNT, SAMSUNG, 5, NOON)
    sleeve = sleeve_of(core, EXTERNAL_SLEEVE)
    assert sleeve.positions == {SAMSUNG: Position(5, 51_666, NOON)}
    assert (sleeve.flows, sleeve.realized) == (51_666, 0)
    assert core.handle(stated) == []


@pytest.mark.parametrize(("qty", "cost"), [(7, 70_000), (0, 0)])
def test_account_when_it_has_fewer_shares_than_a_sleeve_takes_them_from_it_at_cost(
    qty: int, cost: int
) -> None:
    core = holding()
    stated = an_account(LEFT, *([(SAMSUNG, qty, cost)] if qty else []))
    actions = core.handle(stated)
    gone = 10 - qty
    assert [action for action in actions if isinstance(action, HoldingAdjusted)] == [
        HoldingAdjusted(ACCOUNT, EXTERNAL_SLEEVE, SAMSUNG, -gone, 0, NOON),
        HoldingAdjusted(ACCOUNT, SLEEVE, SAMSUNG, -gone, cost - 100_000, NOON),
        HoldingAdjusted(ACCOUNT, EXTERNAL_SLEEVE, SAMSUNG, gone, 0, NOON),
    ]
    assert [action for action in actions if isinstance(action, AlarmRaised)] == [
        AlarmRaised(AlarmCode.MISMATCH, f"-{gone}", NOON, symbol=SAMSUNG, account_id=ACCOUNT),
        AlarmRaised(
            AlarmCode.SOLD_ELSEWHERE,
            f"{SLEEVE} {SAMSUNG} -{gone}",
            NOON,
            symbol=SAMSUNG,
            account_id=ACCOUNT,
        ),
    ]
    assert core.state.quarantined == {SAMSUNG: [ACCOUNT]}
    mine = sleeve_of(core)
    assert mine.positions == ({SAMSUNG: Position(qty, cost, NOON)} if qty else {})
    assert (mine.flows, mine.realized) == (CASH + cost - 100_000, 0)
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions == {}
    assert core.handle(stated) == []


def test_account_when_shares_are_missing_takes_external_ones_then_the_largest_holding() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 4)
    hold(core, 6, sleeve_id=OTHER_SLEEVE)
    cash = 2 * CASH - 100_000
    feed(core, an_account(cash, (SAMSUNG, 13, 130_000)), an_account(cash, (SAMSUNG, 2, 20_000)))
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions == {}
    assert sleeve_of(core, OTHER_SLEEVE).positions == {}
    assert sleeve_of(core).positions[SAMSUNG].qty == 2


def test_account_when_shares_are_missing_ends_guards_and_cancels_sales_of_them() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, an_intent(Side.SELL, 4, intent_id="low", price=11_000))
    feed(core, an_intent(Side.SELL, 6, intent_id="high", price=11_500))
    actions = core.handle(an_account(LEFT, (SAMSUNG, 4, 40_000)))
    assert [a.orig_cl_ord_id for a in actions if isinstance(a, CancelOrder)] == [3]
    assert SAMSUNG in sleeve_of(core).protections
    actions = core.handle(an_account(LEFT))
    assert [a.orig_cl_ord_id for a in actions if isinstance(a, CancelOrder)] == [2]
    assert sleeve_of(core).protections == {}
    assert "SubmitOrder" not in names(core.handle(a_price(9_000)))


def test_account_when_a_fill_may_still_explain_missing_shares_takes_them_from_nobody() -> None:
    core = holding(ExternalOrderSeen(an_external_order(Side.SELL, 4, 10_500), NOON))
    feed(core, an_account(LEFT + PAID, (SAMSUNG, 6, 60_000)))
    assert sleeve_of(core).positions[SAMSUNG].qty == 10
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions[SAMSUNG].qty == -4
    feed(core, a_fill(4, 10_500, "X", 2))
    assert sleeve_of(core).positions[SAMSUNG].qty == 6
    feed(core, an_account(LEFT + PAID, (SAMSUNG, 6, 60_000)))
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions == {}
    assert (sleeve_of(core).cash, sleeve_of(core).realized) == (LEFT + PAID, PAID - 40_000)
    assert sleeve_of(core, EXTERNAL_SLEEVE).cash == 0


def test_account_when_fills_explain_only_some_missing_shares_takes_the_others() -> None:
    core = holding(ExternalOrderSeen(an_external_order(Side.SELL, 4, 10_500), NOON))
    feed(core, an_account(LEFT, (SAMSUNG, 3, 30_000)))
    assert sleeve_of(core).positions[SAMSUNG].qty == 7
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions[SAMSUNG].qty == -4


def test_account_when_shares_taken_from_a_sleeve_come_back_they_are_external() -> None:
    core = holding(an_account(LEFT, (SAMSUNG, 4, 40_000)))
    feed(core, an_account(LEFT, (SAMSUNG, 10, 100_000)))
    assert sleeve_of(core).positions[SAMSUNG].qty == 4
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions == {SAMSUNG: Position(6, 60_000, NOON)}


def test_account_when_shares_from_elsewhere_go_they_go_at_their_average_cost() -> None:
    core = holding(an_account(LEFT, (SAMSUNG, 16, 166_000)))
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions[SAMSUNG].cost == 62_250
    feed(core, an_account(LEFT, (SAMSUNG, 12, 124_500)))
    sleeve = sleeve_of(core, EXTERNAL_SLEEVE)
    assert (sleeve.positions[SAMSUNG].cost, sleeve.flows) == (20_750, 20_750)


def test_account_when_an_instrument_comes_in_two_rows_adds_them() -> None:
    rows = ((SAMSUNG, 4, 40_000), (SAMSUNG, 6, 60_000))
    assert holding().handle(an_account(LEFT, *rows)) == []


def test_account_when_stated_first_is_all_external_without_an_alarm() -> None:
    core = TradingCore(a_config())
    actions = core.handle(an_account(5_000_000, (SAMSUNG, 3, 33_000), (HYNIX, 2, 50_000)))
    assert names(actions) == ["SleeveAdded", "CashAdjusted", "HoldingAdjusted", "HoldingAdjusted"]
    sleeve = sleeve_of(core, EXTERNAL_SLEEVE)
    assert (sleeve.cash, sleeve.flows) == (5_000_000, 5_083_000)
    assert core.state.quarantined == {}
    feed(core, open_sleeve(cash=0))
    move = CashFlow(ACCOUNT, EXTERNAL_SLEEVE, CashFlowKind.TRANSFER, 5_000_000, NOON, SLEEVE)
    feed(core, move)
    assert (sleeve_of(core).cash, sleeve.cash) == (5_000_000, 0)
    assert core.handle(an_account(5_000_000, (SAMSUNG, 3, 33_000), (HYNIX, 2, 50_000))) == []


def test_account_when_it_is_empty_at_first_is_known_from_then_on() -> None:
    core = TradingCore(a_config())
    assert names(core.handle(an_account(0))) == ["SleeveAdded"]
    assert core.handle(an_account(0)) == []
    assert "AlarmRaised" in names(core.handle(an_account(1)))


def test_account_that_is_not_ours_raises() -> None:
    stranger = an_account(0)
    other = type(stranger)(AccountId("X-9"), 0, (), NOON)
    with pytest.raises(InvalidValueError, match="no cost schedule"):
        a_core().handle(other)


@pytest.mark.parametrize("status", [StatedStatus.WORKING, StatedStatus.CANCELED])
def test_account_when_an_order_from_elsewhere_explains_the_shares_shuts_nothing_in(
    status: StatedStatus,
) -> None:
    order = an_external_order(order_qty=5, status=status)
    core = holding(ExternalOrderSeen(order, NOON))
    explained = core.handle(an_account(LEFT - 49_500, (SAMSUNG, 15, 149_500)))
    assert names(explained) == ["CashAdjusted", "AlarmRaised", "HoldingAdjusted", "AlarmRaised"]


@pytest.mark.parametrize(("qty", "side"), [(16, Side.BUY), (5, Side.BUY), (15, Side.SELL)])
def test_account_when_an_order_from_elsewhere_cannot_explain_the_shares_shuts_in(
    qty: int, side: Side
) -> None:
    order = an_external_order(side, 5, 9_900 if side is Side.BUY else 10_500)
    core = holding(ExternalOrderSeen(order, NOON))
    feed(core, an_account(LEFT, (SAMSUNG, qty, qty * 10_000)))
    assert core.state.quarantined == {SAMSUNG: [ACCOUNT]}


def test_instrument_when_shut_in_takes_no_new_risk_until_released() -> None:
    core = holding(an_account(LEFT, (SAMSUNG, 15, 150_000)))
    assert refusals(core.handle(an_intent(intent_id="buy"))) == [Reason.INSTRUMENT_BLOCKED]
    assert refusals(core.handle(an_intent(intent_id="other", symbol=HYNIX))) == []
    assert names(core.handle(RELEASED)) == ["QuarantineLifted"]
    assert core.state.quarantined == {}
    assert refusals(core.handle(an_intent(intent_id="later"))) == []
    assert core.handle(RELEASED) == []


def test_instrument_when_shut_in_can_be_left_up_to_what_the_broker_has() -> None:
    core = holding(an_account(LEFT, (SAMSUNG, 4, 40_000)))
    assert refusals(core.handle(an_intent(Side.SELL, 5, intent_id="5"))) == [
        Reason.NOT_ENOUGH_SELLABLE
    ]
    assert names(core.handle(an_intent(Side.SELL, Everything(), intent_id="all"))) == [
        "SubmitOrder"
    ]
    assert sleeve_of(core).selling == {SAMSUNG: 4}
    assert refusals(core.handle(an_intent(Side.SELL, 1, intent_id="1"))) == [
        Reason.NOT_ENOUGH_SELLABLE
    ]


def test_stop_when_the_shares_are_back_goes_at_once() -> None:
    core = sold_but_not_filled(stop_loss=30_000)
    feed(core, a_price(9_000))
    assert sleeve_of(core).selling == {}
    actions = core.handle(an_account(LEFT, (SAMSUNG, 10, 100_000)))
    assert names(actions)[-1] == "SubmitOrder"


def test_liquidation_when_the_shares_are_back_goes_on() -> None:
    core = sold_but_not_filled()
    feed(core, KillSet(KillLevel.LIQUIDATE, "훈련", NOON))
    actions = core.handle(an_account(LEFT, (SAMSUNG, 10, 100_000)))
    assert names(actions)[-1] == "SubmitOrder"


def test_account_when_the_market_is_closed_is_booked_as_well() -> None:
    core = holding(PhaseChanged(Phase.CLOSED, NOON))
    feed(core, an_account(LEFT + 1, (SAMSUNG, 10, 100_000)))
    assert core.state.session_date == DAY_1
    assert sum(sleeve.cash for sleeve in core.state.account(ACCOUNT)) == LEFT + 1
