"""Corporate actions: sleeves sum to the account, guards follow the shares, cash comes in time."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.core.actions import Action, CancelOrder, CorporateActionTaken, SessionOpened
from maemae.core.allocation import allocate
from maemae.core.events import CorporateActionDue, PhaseChanged, SessionStarted
from maemae.core.machine import TradingCore
from maemae.core.state import Protection, book_hash
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.position import Position
from maemae.domain.terms import Cause, Side
from maemae.krx.session import Phase
from tests.builders import (
    DAY_2,
    DAY_3,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    sleeve_of,
)

BOTH = (SLEEVE, OTHER_SLEEVE)
PAY = date(2024, 4, 19)


def held(mine: int, other: int = 0) -> TradingCore:
    core = a_core(sleeves=BOTH, cash=100_000_000)
    hold(core, mine, stop_loss=30_000, take_profit=90_000)
    if other:
        hold(core, other, sleeve_id=OTHER_SLEEVE)
    return core


def take(core: TradingCore, action: CorporateAction) -> list[Action]:
    return core.handle(CorporateActionDue(action, NOON))


def change(numerator: int, denominator: int, cash: int = 9_000) -> ShareChange:
    return ShareChange(SAMSUNG, DAY_2, NOON, numerator, denominator, cash)


def shares(core: TradingCore, symbol: Symbol = SAMSUNG) -> list[int]:
    found = [sleeve_of(core, name).positions.get(symbol) for name in BOTH]
    return [0 if position is None else position.qty for position in found]


def gained(core: TradingCore, action: CorporateAction) -> list[int]:
    """Return the cash that an action brings each sleeve."""
    before = [sleeve_of(core, name).cash for name in BOTH]
    take(core, action)
    return [sleeve_of(core, name).cash - was for name, was in zip(BOTH, before, strict=True)]


@given(
    mine=st.integers(1, 900),
    other=st.integers(0, 900),
    numerator=st.integers(1, 7),
    denominator=st.integers(1, 7),
    merged=st.booleans(),
)
def test_share_change_when_sleeves_share_an_account_sums_to_its_floor(
    mine: int, other: int, numerator: int, denominator: int, *, merged: bool
) -> None:
    core = held(mine, other)
    action: CorporateAction = change(numerator, denominator)
    if merged:
        action = Merger(SAMSUNG, DAY_2, NOON, HYNIX, numerator, denominator, 9_000)
    costs = sum(sleeve_of(core, name).positions[SAMSUNG].cost for name in BOTH[: 1 + (other > 0)])
    cash = gained(core, action)
    whole, rest = divmod((mine + other) * numerator, denominator)
    assert sum(shares(core, HYNIX if merged else SAMSUNG)) == whole
    assert sum(cash) == rest * 9_000 // denominator
    left = [sleeve_of(core, name) for name in BOTH]
    now = sum(position.cost for sleeve in left for position in sleeve.positions.values())
    assert now - costs == sum(sleeve.realized for sleeve in left) - sum(cash)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_allocation_when_divided_loses_nothing_and_is_fair(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)
        assert part == 0 or weight > 0


def test_split_when_guarded_halves_the_guard_and_the_price() -> None:
    core = held(10)
    take(core, change(2, 1))
    assert sleeve_of(core).positions[SAMSUNG] == Position(20, 100_000, NOON)
    assert sleeve_of(core).protections[SAMSUNG] == Protection(4_850, 5_450)
    assert core.market.equity(sleeve_of(core)) == 100_000_000
    assert feed(core, a_price(5_000)) == []


def test_reverse_split_when_guarded_raises_the_guard() -> None:
    core = held(25)
    cash = gained(core, change(1, 10))
    assert (shares(core), cash) == ([2, 0], [4_500, 0])
    assert sleeve_of(core).protections[SAMSUNG] == Protection(97_000, 109_000)


def test_reverse_split_when_less_than_a_share_is_left_ends_holding_and_guard() -> None:
    core = held(4)
    cash = gained(core, change(1, 10))
    assert (shares(core), cash) == ([0, 0], [3_600, 0])
    assert (sleeve_of(core).protections, core.state.guarded) == ({}, {})
    assert sleeve_of(core).realized == 3_600 - 40_000


@pytest.mark.parametrize(
    ("action", "cancels"),
    [
        (change(2, 1), 1),
        (Merger(SAMSUNG, DAY_2, NOON, HYNIX, 1, 2, 0), 1),
        (Delisting(SAMSUNG, DAY_2, NOON, 0), 1),
        (CashDividend(SAMSUNG, DAY_2, NOON, 361, PAY), 0),
        (RightsIssue(SAMSUNG, DAY_2, NOON, 1, 5, 900), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_orders_when_shares_change_are_canceled(action: CorporateAction, cancels: int) -> None:
    core = held(10)
    feed(core, an_intent(Side.SELL, 5, price=10_500), a_report(cl_ord_id=2))
    found = [done for done in take(core, action) if isinstance(done, CancelOrder)]
    assert len(found) == cancels


def test_dividend_when_earned_is_receivable_until_it_is_paid() -> None:
    core = held(10, 5)
    assert gained(core, CashDividend(SAMSUNG, DAY_2, NOON, 361, PAY)) == [0, 0]
    # 15 x 361 = 5,415 won, 833 withheld, 4,582 left for 10 and 5 shares.
    assert [sleeve_of(core, name).receivable for name in BOTH] == [{PAY: 3_055}, {PAY: 1_527}]
    assert sleeve_of(core).realized == 3_055
    assert core.market.equity(sleeve_of(core)) == 100_003_055
    assert sleeve_of(core).tax + sleeve_of(core, OTHER_SLEEVE).tax == 833
    cash = sleeve_of(core).cash
    feed(core, SessionStarted(date(2024, 4, 18), NOON))
    assert sleeve_of(core).cash == cash
    feed(core, SessionStarted(date(2024, 4, 22), NOON))
    assert (sleeve_of(core).cash, sleeve_of(core).receivable) == (cash + 3_055, {})


def test_dividend_that_is_paid_on_its_ex_date_is_cash_at_once() -> None:
    core = held(10, 5)
    feed(core, SessionStarted(DAY_2, NOON))
    assert gained(core, CashDividend(SAMSUNG, DAY_2, NOON, 361, DAY_2)) == [3_055, 1_527]
    assert [sleeve_of(core, name).receivable for name in BOTH] == [{}, {}]


def test_dividend_when_the_shares_are_sold_before_it_is_paid_is_still_paid() -> None:
    core = held(10)
    take(core, CashDividend(SAMSUNG, DAY_2, NOON, 361, DAY_3))
    take(core, Delisting(SAMSUNG, DAY_2, NOON, 0))
    feed(core, SessionStarted(DAY_3, NOON))
    assert sleeve_of(core).cash == 100_000_000 - 100_000 + 3_055  # 3,610 less 555 withheld


def test_rights_when_issued_are_sold_whole_by_the_account() -> None:
    core = held(7, 4)  # 11 shares bring 2 rights, not 1 and 0
    assert gained(core, RightsIssue(SAMSUNG, DAY_2, NOON, 1, 5, 900)) == [1_145, 655]
    assert shares(core) == [7, 4]
    # a right is worth 180 won of a share of 10,000: stop and target keep their distance to it
    assert sleeve_of(core).protections[SAMSUNG] == Protection(9_525, 10_704)
    assert core.market.prices[SAMSUNG] == 9_820


def test_merger_when_the_successor_is_held_already_joins_it() -> None:
    core = held(10)
    hold(core, 6, 10_000, symbol=HYNIX)
    take(core, Merger(SAMSUNG, DAY_2, NOON, HYNIX, 1, 2, 0))
    assert sleeve_of(core).positions == {HYNIX: Position(11, 160_000, NOON)}
    assert core.guards(HYNIX) == (19_400, 21_800)
    assert core.guards(SAMSUNG) == (0, 0)


@pytest.mark.parametrize(
    ("stop_loss", "take_profit", "guards"),
    [
        (30_000, 90_000, (19_400, 10_900)),
        (None, 90_000, (19_400, 10_900)),
        (30_000, None, (19_400, 21_800)),
    ],
)
def test_merger_when_the_successor_has_a_guard_keeps_the_tighter_price_of_each_kind(
    stop_loss: int | None, take_profit: int | None, guards: tuple[int, int]
) -> None:
    core = held(10)  # 9,700 and 10,900 won, twice that in shares of the successor
    hold(core, 6, 10_000, symbol=HYNIX, stop_loss=stop_loss, take_profit=take_profit)
    take(core, Merger(SAMSUNG, DAY_2, NOON, HYNIX, 1, 2, 0))
    assert core.guards(HYNIX) == guards


def test_merger_when_the_successor_has_the_higher_stop_keeps_it() -> None:
    core = held(10)
    hold(core, 6, 10_000, symbol=HYNIX, stop_loss=30_000)
    take(core, Merger(SAMSUNG, DAY_2, NOON, HYNIX, 2, 1, 0))
    assert core.guards(HYNIX) == (9_700, 5_450)


def test_dividends_when_two_share_an_ex_date_are_two() -> None:
    core = held(10)
    take(core, CashDividend(SAMSUNG, DAY_2, NOON, 361, PAY))
    take(core, CashDividend(SAMSUNG, DAY_2, NOON, 1_000, PAY))
    take(core, CashDividend(SAMSUNG, DAY_2, NOON, 361, DAY_3))
    assert sleeve_of(core).receivable == {PAY: 3_055 + 8_460, DAY_3: 3_055}


def test_delisting_when_it_pays_nothing_loses_the_cost() -> None:
    core = held(10, 3)
    assert gained(core, Delisting(SAMSUNG, DAY_2, NOON, 70)) == [700, 210]
    assert (shares(core), core.state.guarded) == ([0, 0], {})
    assert sleeve_of(core).realized == 700 - 100_000


def test_action_when_nobody_holds_the_instrument_does_nothing() -> None:
    core = a_core()
    for action in (change(2, 1), CashDividend(Symbol("035420"), DAY_2, NOON, 1, PAY)):
        assert [type(done) for done in take(core, action)] == [CorporateActionTaken]


def test_sleeves_when_only_one_holds_leave_the_other_alone() -> None:
    core = held(10)
    before = sleeve_of(core, SleeveId(OTHER_SLEEVE)).cash
    take(core, change(1, 3))
    assert sleeve_of(core, OTHER_SLEEVE).cash == before


@pytest.mark.parametrize(
    "action", [change(5, 1), CashDividend(SAMSUNG, DAY_2, NOON, 361, PAY)], ids=["split", "cash"]
)
def test_action_when_told_again_changes_nothing(action: CorporateAction) -> None:
    core = held(10)
    take(core, action)
    book, price = book_hash(core.state), core.market.prices[SAMSUNG]
    assert take(core, action) == []
    assert (book_hash(core.state), core.market.prices[SAMSUNG]) == (book, price)


def test_split_when_told_again_and_replayed_gives_the_same_price() -> None:
    core, replayed = held(10), held(10)
    event = CorporateActionDue(change(5, 1), NOON)
    for _ in range(2):
        replayed.repeat(event, core.handle(event))
    assert replayed.market.prices[SAMSUNG] == core.market.prices[SAMSUNG] == 2_000


def test_split_when_a_position_is_being_left_goes_on_leaving_it() -> None:
    core = held(10)
    feed(core, PhaseChanged(Phase.CLOSED, NOON), a_price(9_700))
    take(core, change(2, 1))
    assert sleeve_of(core).protections[SAMSUNG] == Protection(4_850, 5_450, Cause.STOP)


def test_session_when_a_split_came_before_a_restart_opens_at_cost_not_at_the_old_price() -> None:
    core = held(10)
    feed(core, SessionStarted(DAY_2, NOON))
    take(core, change(5, 1))
    again = TradingCore(core._desk.config, core.state)
    (opened,) = again.handle(SessionStarted(DAY_3, NOON))
    assert isinstance(opened, SessionOpened)
    assert opened.equities[0][2] == 100_000_000


@pytest.mark.parametrize(
    ("lacking", "left", "realized"),
    [
        (4, Position(6, 60_000, NOON), -40_000),
        (10, None, -100_000),
        (12, Position(-2, 0, NOON), -100_000),
    ],
)
def test_merger_when_shares_of_the_successor_are_lacking_fills_the_gap_first(
    lacking: int, left: Position | None, realized: int
) -> None:
    core = held(10)
    sleeve = sleeve_of(core)
    sleeve.positions[HYNIX] = Position(-lacking, 0, NOON)
    take(core, Merger(SAMSUNG, DAY_2, NOON, HYNIX, 1, 1, 0))
    assert sleeve.positions == ({} if left is None else {HYNIX: left})
    assert sleeve.realized == realized


def test_wishes_when_parked_over_a_split_are_told_in_new_shares_and_keep_their_order() -> None:
    core = a_core(cash=100_000_000)
    feed(core, PhaseChanged(Phase.CLOSED, NOON), a_price(10_000))
    limit = an_intent(Side.BUY, 7, price=10_250)
    other = an_intent(Side.BUY, 3, intent_id="wish-2", symbol=HYNIX)
    feed(core, limit, other)
    take(core, change(10, 1))
    first, second = core.state.parked
    assert isinstance(first, OrderIntent)
    assert (first.intent_id, first.size, first.price) == (limit.intent_id, Shares(70), 1_025)
    assert second == other


def test_wishes_when_parked_over_a_reverse_split_may_come_to_nothing() -> None:
    core = a_core(cash=100_000_000)
    feed(core, PhaseChanged(Phase.CLOSED, NOON), a_price(10_000))
    feed(core, an_intent(Side.SELL, 7, price=10_250))
    take(core, change(1, 10))
    (parked,) = core.state.parked
    assert isinstance(parked, OrderIntent)
    assert (parked.size, parked.price) == (Shares(0), 102_500)
