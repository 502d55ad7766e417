"""Corporate actions of a run: what becomes of books, prices and rules, to the won."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae import Strategy
from maemae.core.actions import Action
from maemae.core.events import Event, InstrumentUpdated
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.refusal import Reason
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import sessions
from maemae.krx.session import regular_close, regular_open
from maemae.research.backtest import ACCOUNT, BacktestPlan, BacktestResult, backtest
from maemae.research.reporting import EXIT_REASONS
from maemae.simulation.reference import last_sessions
from maemae.strategy.panel import FIELDS, Panel
from tests.hand_made_bars import Scripted
from tests.market import LISTED, SYMBOLS
from tests.strategy_runs import raises

A, B = SYMBOLS[:2]
DAYS = sessions(date(2025, 9, 1), date(2025, 9, 30))
LONG_AGO = kst_nanos(date(2025, 8, 1), time(9))
CASH = 10_000_000

Script = Mapping[int, Callable[[Strategy], object]]
Rows = Mapping[Symbol, Sequence[int]]


def market(closes: Rows, *actions: CorporateAction, basis: PriceBasis = PriceBasis.RAW) -> Panel:
    """Return a bar of one price a session, 100,000 shares; 0 for a session without a trade."""
    prices = np.array(list(closes.values()), np.int64)
    days = DAYS[: prices.shape[1]]
    fields = dict.fromkeys(FIELDS[:4], prices) | {"volume": 100_000 * (prices > 0)}
    panel = Panel(
        tuple(closes),
        np.array([regular_open(day) for day in days], np.int64),
        np.array([regular_close(day) for day in days], np.int64),
        fields,
        basis,
    )
    return panel.with_actions(actions)


def run(panel: Panel, script: Script, *, dense: bool = False) -> BacktestResult:
    strategy = Scripted()
    strategy.script = script
    return backtest(strategy, panel, BacktestPlan(cash=CASH, instruments=LISTED, dense=dense))


def buy(
    qty: int = 100, symbol: Symbol = A, stop_loss: float | None = None
) -> Callable[[Strategy], object]:
    return lambda strategy: strategy.buy(symbol, shares=qty, stop_loss=stop_loss)


def sell(symbol: Symbol = A) -> Callable[[Strategy], object]:
    return lambda strategy: strategy.close(symbol)


def require_agreement(result: BacktestResult) -> None:
    """See that core, house and curve have the same cash and the same shares."""
    (sleeve,) = result.state.sleeves.values()
    account = result.house.account(ACCOUNT)
    assert account.cash == sleeve.cash
    held = {symbol: each.qty for symbol, each in account.holdings.items()}
    assert held == {symbol: each.qty for symbol, each in sleeve.positions.items()}
    owed = sum(sleeve.receivable.values())
    assert sum(each.amount for each in account.dividends) == owed
    assert result.curve.equity[-1] == sleeve.cash + owed + result.curve.invested[-1]


def test_dividend_when_announced_before_the_ex_date_counts_from_that_day() -> None:
    dividend = CashDividend(A, DAYS[3], LONG_AGO, 500, DAYS[6])
    result = run(market({A: [10_000] * 9}, dividend), {0: buy()})
    (change,) = result.changes
    assert (change.cash, change.new_qty) == (42_300, 100)  # 50,000 less 7,700 withheld
    assert np.diff(result.curve.equity).tolist()[2] == 42_300
    assert np.diff(result.curve.equity).tolist()[5] == 0
    (sleeve,) = result.state.sleeves.values()
    assert sleeve.receivable == {}
    require_agreement(result)


def test_dividend_when_announced_after_the_ex_date_counts_once_it_is_paid() -> None:
    late = CashDividend(A, DAYS[3], kst_nanos(DAYS[5], time(17)), 500, DAYS[7])
    script = {0: buy(), 4: sell()}  # entitled on the ex-date, and gone before anybody knew
    result = run(market({A: [10_000] * 9}, late), script)
    (change,) = result.changes
    assert (change.cash, change.qty, change.new_qty) == (42_300, 0, 0)
    assert np.diff(result.curve.equity).tolist()[6] == 42_300
    assert len(result.trips) == 1
    require_agreement(result)


def test_dividend_when_bought_on_the_ex_date_is_not_earned() -> None:
    dividend = CashDividend(A, DAYS[3], LONG_AGO, 500, DAYS[6])
    result = run(market({A: [10_000] * 9}, dividend), {2: buy()})
    assert len(result.fills) == 1
    assert list(result.changes) == []


def test_rights_when_held_are_sold_and_stop_and_base_follow() -> None:
    rights = RightsIssue(A, DAYS[3], LONG_AGO, 1, 5, 5_000)  # 1,000 won a share
    closes = [10_000, 10_000, 10_000, 9_000, 8_950, 9_000]
    result = run(market({A: closes}, rights), {0: buy(stop_loss=0.08)})
    assert [fill.qty for fill in result.fills] == [100]  # 9,200 would have fired at 9,000
    (sleeve,) = result.state.sleeves.values()
    assert sleeve.protections[A].stop_px == 8_280
    (change,) = result.changes
    assert change.cash == 100_000
    assert result.curve.equity[3] == result.curve.equity[2]
    require_agreement(result)


def test_bonus_of_a_tenth_when_a_share_is_broken_pays_it_out() -> None:
    bonus = ShareChange(A, DAYS[2], LONG_AGO, 11, 10, 9_090)
    result = run(market({A: [10_000, 10_000, 9_090, 9_090]}, bonus), {0: buy(15)})
    (change,) = result.changes
    assert (change.qty, change.new_qty, change.cash) == (15, 16, 4_545)  # half a share
    require_agreement(result)


def test_reverse_split_when_nothing_whole_is_left_is_a_trade_for_cash() -> None:
    merged = ShareChange(A, DAYS[2], LONG_AGO, 1, 10, 10_000)
    result = run(market({A: [1_000, 1_000, 10_000, 10_000]}, merged), {0: buy(7)})
    (trip,) = result.trips
    assert (trip.reason, trip.qty, trip.proceeds) == ("SHARE_CHANGE", 7, 7_000)
    assert trip.reason in EXIT_REASONS
    require_agreement(result)


def test_merger_when_held_goes_on_as_the_successor() -> None:
    merger = Merger(A, DAYS[3], LONG_AGO, B, 1, 2, 20_000)
    closes = {A: [10_000, 10_000, 10_000, 0, 0], B: [20_000] * 5}
    result = run(market(closes, merger), {0: buy(11), 3: sell(B)})
    assert [(fill.symbol, fill.qty) for fill in result.fills] == [(A, 11), (B, -5)]
    (trip,) = result.trips
    assert (trip.symbol, trip.qty, trip.cost) == (B, 5, 110_000)
    require_agreement(result)


def test_delisting_when_held_books_the_cash_and_shows_the_loss() -> None:
    gone = Delisting(A, DAYS[12], kst_nanos(DAYS[2], time(18)), 120)
    closes = [10_000] * 5 + [3_000, 900, 500, 400, 300, 200, 150] + [0] * 3
    result = run(market({A: closes, B: [5_000] * 15}, gone), {0: buy(), 6: sell(), 7: buy()})
    (trip,) = result.trips
    assert (trip.reason, trip.qty, trip.cost, trip.proceeds) == (
        "DELISTING",
        100,
        1_000_000,
        12_000,
    )
    assert trip.reason in EXIT_REASONS
    # in its last seven sessions a strategy neither sells nor buys: 정리매매 is for people
    assert len(result.fills) == 1
    assert result.refusals[Reason.INSTRUMENT_BLOCKED] == 2
    assert result.curve.invested[11] == 15_000
    assert result.curve.invested[12] == 0
    assert result.curve.equity[-1] == CASH - 988_000 - result.fills[0].commission
    require_agreement(result)


def test_last_sessions_are_seven_and_fall_freely_without_a_break() -> None:
    assert last_sessions(DAYS[12]) == tuple(DAYS[5:12])
    gone = Delisting(A, DAYS[12], kst_nanos(DAYS[2], time(18)), 0)
    closes = [10_000] * 5 + [2_000] * 7 + [0]
    result = run(market({A: closes, B: [5_000] * 13}, gone), {0: buy(), 4: buy(1, B)})
    assert result.fills[0].symbol == A
    assert [fill.symbol for fill in result.fills] == [A, B]


def test_wish_when_parked_over_a_split_is_sized_and_priced_in_new_shares() -> None:
    split = ShareChange(A, DAYS[2], LONG_AGO, 10, 1, 0)
    closes = [10_000, 10_000, 1_000, 1_000]
    bought = run(market({A: closes, B: closes}, split), {1: buy(10)})
    assert list(bought.fills) == []  # the day itself is one of ex-rights: nobody buys
    assert bought.refusals[Reason.INSTRUMENT_BLOCKED] == 1
    sold = run(
        market({A: closes}, split),
        {0: buy(10), 1: lambda strategy: strategy.sell(A, shares=10, limit=9_990)},
    )
    assert [(fill.qty, fill.px) for fill in sold.fills] == [(10, 10_000), (-100, 1_000)]
    require_agreement(sold)


class Rules:
    """A journal that keeps the base prices that were told."""

    def __init__(self) -> None:
        self.bases: dict[date, int | None] = {}

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        del actions
        if isinstance(event, InstrumentUpdated):
            self.bases[event.session_date] = event.base_price

    def commit(self) -> None:
        """Keep nothing."""


def test_band_on_the_ex_date_is_measured_from_the_base_in_new_shares() -> None:
    split = ShareChange(A, DAYS[2], LONG_AGO, 3, 1, 0)
    panel = market({A: [10_000, 10_000, 3_335, 3_335]}, split)
    rules = Rules()
    strategy = Scripted()
    strategy.script = {0: buy(stop_loss=0.5)}
    backtest(strategy, panel, BacktestPlan(cash=CASH, instruments=LISTED), journal=rules)
    assert rules.bases[DAYS[2]] == 3_335  # 3,333 rounded up to the tick of 5


def test_actions_that_adjusted_prices_tell_already_are_refused() -> None:
    split = ShareChange(A, DAYS[2], LONG_AGO, 3, 1, 0)
    with raises(InvalidValueError, "Adjusted prices", "delistings only"):
        market({A: [10_000] * 4}, split, basis=PriceBasis.ADJUSTED)
    gone = Delisting(A, DAYS[2], LONG_AGO, 3)
    assert market({A: [10_000] * 4}, gone, basis=PriceBasis.ADJUSTED).actions == (gone,)


def test_actions_that_are_told_of_twice_are_refused() -> None:
    split = ShareChange(A, DAYS[2], LONG_AGO, 3, 1, 0)
    with raises(InvalidValueError, "twice", str(DAYS[2])):
        market({A: [10_000] * 4}, split, split)
    paid, special = (CashDividend(A, DAYS[2], LONG_AGO, won, DAYS[3]) for won in (3, 5))
    assert len(market({A: [10_000] * 4}, paid, special).actions) == 2
    with raises(InvalidValueError, "twice", str(DAYS[2])):  # the core would book it once
        market({A: [10_000] * 4}, paid, paid)


def test_action_when_before_the_first_bar_changes_nothing() -> None:
    split = ShareChange(A, DAYS[0], LONG_AGO, 3, 1, 0)
    result = run(market({A: [10_000] * 4}, split), {0: buy()})
    assert list(result.changes) == []
    require_agreement(result)


RATIOS = st.tuples(st.integers(1, 50), st.integers(1, 50))


@st.composite
def actions(draw: st.DrawFn) -> CorporateAction:
    """Draw any action on A but a merger."""
    day = draw(st.sampled_from(DAYS[1:14]))
    known = draw(st.sampled_from([LONG_AGO, kst_nanos(day, time(18))]))
    up, down = draw(RATIOS)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return ShareChange(A, day, LONG_AGO, up, down, draw(st.integers(0, 50_000)))
    if kind == 1:
        paid = DAYS[min(15, DAYS.index(day) + draw(st.integers(1, 5)))]
        return CashDividend(A, day, known, draw(st.integers(1, 900)), paid)
    if kind == 2:
        return RightsIssue(A, day, LONG_AGO, 1, draw(st.integers(2, 9)), draw(st.integers(0, 999)))
    return Delisting(A, day, LONG_AGO, draw(st.integers(0, 9_000)))


@settings(max_examples=60, deadline=None)
@given(st.lists(actions(), max_size=3, unique_by=lambda one: (type(one), one.ex_date)), st.data())
def test_books_when_anything_happens_agree_to_the_won(
    given_actions: list[CorporateAction], data: st.DataObject
) -> None:
    closes = {
        symbol: data.draw(
            st.lists(st.just(0) | st.integers(900, 1_200).map(lambda n: n * 10), min_size=16,
                     max_size=16)
        )
        for symbol in (A, B)
    }  # fmt: skip
    script = {
        place: data.draw(st.sampled_from([buy(), buy(3, stop_loss=0.1), sell(), buy(5, B)]))
        for place in range(0, 14, 3)
    }
    panel = market(closes, *given_actions)
    sparse, dense = run(panel, script), run(panel, script, dense=True)
    require_agreement(sparse)
    assert sparse.order_hash == dense.order_hash
    assert sparse.book_hash == dense.book_hash
