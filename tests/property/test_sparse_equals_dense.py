"""A driver that skips quiet bars gives the very orders of one that feeds them all."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from maemae import Hold, Strategy, Symbol, param, split, start, ta, won
from maemae.domain.terms import PriceBasis
from maemae.research.backtest import ACCOUNT, BacktestPlan, BacktestResult, backtest
from maemae.strategy.panel import Panel
from tests.market import (
    LISTED,
    acting_panel,
    breaking_daily_panel,
    breaking_minute_panel,
    daily_panel,
    long_day_panel,
    minute_panel,
)

CASH = 50_000_000


class Crossing(Strategy):
    """Buys crossings with a stop and a target, so that guards and orders overlap."""

    fast = param(3, low=2, high=10)
    slow = param(7, low=3, high=20)
    weight = param(0.3, low=0.01, high=1.0)
    stop = param(0.01, low=0.001, high=0.2)

    def setup(self) -> None:
        fast, slow = self.indicator(ta.sma, self.fast), self.indicator(ta.sma, self.slow)
        self.when(fast.crosses_above(slow), self.enter)
        self.when(fast.crosses_below(slow), self.close)

    def enter(self, symbol: Symbol) -> None:
        self.buy(
            symbol, weight=self.weight, stop_loss=self.stop, take_profit=min(1.0, 2 * self.stop)
        )


class Resting(Crossing):
    """Leaves limit orders in the book below the market."""

    def enter(self, symbol: Symbol) -> None:
        price = self.bar(symbol).close
        self.buy(symbol, shares=7, limit=max(1, price - price % 100), stop_loss=self.stop)


class Leaving(Crossing):
    """Leaves by a trailing stop, a target in won, after some bars, or at a time of the day."""

    def enter(self, symbol: Symbol) -> None:
        close = self.bar(symbol).close
        at_two = Hold(bars=5) if close % 2 else Hold(sessions=2, until="14:07")
        trail = won(close // 50) if close % 3 else self.stop
        target = won(close // 20)
        self.buy(symbol, weight=self.weight, trail=trail, take_profit=target, hold=at_two)


class Parts(Crossing):
    """Orders that wait for a price or a time, and that go in parts."""

    def setup(self) -> None:
        super().setup()
        fast, slow = self.indicator(ta.sma, 2), self.indicator(ta.sma, 5)
        self.when(fast.crosses_above(slow), self.lighten)

    def enter(self, symbol: Symbol) -> None:
        close = self.bar(symbol).close
        way = close % 6
        if way == 0:
            rungs = split.ladder(0.005, 0.01, 0.02)
            self.buy(symbol, weight=0.2, split=rungs, stop_loss=0.03, sessions=2)
        elif way == 1:
            self.buy(symbol, weight=0.2, split=split.twap(3, minutes=45), trail=0.02)
        elif way == 2:
            level = start.above(close + close // 200 + 1)
            self.buy(symbol, weight=0.2, start=level, stop_loss=0.02, sessions=3)
        elif way == 3:
            later = start.at("10:40")
            self.buy(symbol, weight=0.2, start=later, split=split.equal(3), hold=Hold(bars=3))
        elif way == 4:
            self.buy(symbol, weight=0.2, start=start.closing(), take_profit=0.02)
        else:
            parts = split.weighted(1, 2, minutes=20)
            self.buy(symbol, weight=0.2, start=start.opening(), split=parts)

    def lighten(self, symbol: Symbol) -> None:
        held, close = self.position(symbol).qty, self.bar(symbol).close
        if held > 3:
            self.sell(symbol, shares=held // 2, split=split.twap(2, minutes=30), sessions=2)
        if held > 3 and held % 2:
            self.sell(symbol, start=start.below(close - close // 200), sessions=4)


class Rotation(Strategy):
    """Holds the two strongest and looks again every week."""

    def setup(self) -> None:
        self.strength = self.indicator(ta.roc, 3)
        self.every("week", self.rotate)

    def rotate(self) -> None:
        self.target_weights(dict.fromkeys(self.strength.latest().nlargest(2), 0.5))


STRATEGIES = st.sampled_from([Crossing, Resting, Leaving, Parts, Rotation])
PANELS = st.builds(
    lambda kind, seed, basis, count: kind(seed, basis, count),
    st.sampled_from(
        [
            daily_panel,
            minute_panel,
            breaking_daily_panel,
            breaking_minute_panel,
            long_day_panel,
            acting_panel,
        ]
    ),
    st.integers(0, 10_000),
    st.sampled_from([PriceBasis.RAW, PriceBasis.ADJUSTED]),
    st.integers(1, 4),
)


def run(strategy: type[Strategy], panel: Panel, *, dense: bool) -> BacktestResult:
    return backtest(strategy(), panel, BacktestPlan(cash=CASH, instruments=LISTED, dense=dense))


# A part that a phase let go within a bar that held nothing else.
@example(Parts, minute_panel(6818, PriceBasis.ADJUSTED, 4))
# A guard that the last price already reached when the market opened again.
@example(Resting, long_day_panel(114, PriceBasis.ADJUSTED, 3))  # bars after the regular session
@example(Crossing, daily_panel(154, PriceBasis.RAW, 1))
@example(Crossing, daily_panel(55, PriceBasis.RAW, 1))
@example(Crossing, daily_panel(83, PriceBasis.ADJUSTED, 1))
@example(Crossing, daily_panel(87, PriceBasis.ADJUSTED, 1))
@given(STRATEGIES, PANELS)
def test_sparse_and_dense_drivers_give_one_order_hash(
    strategy: type[Strategy], panel: Panel
) -> None:
    sparse, dense = run(strategy, panel, dense=False), run(strategy, panel, dense=True)

    assert sparse.order_hash == dense.order_hash
    assert sparse.summary == dense.summary


@given(STRATEGIES, PANELS)
def test_two_runs_give_one_book(strategy: type[Strategy], panel: Panel) -> None:
    first, second = run(strategy, panel, dense=False), run(strategy, panel, dense=False)

    assert (first.order_hash, first.book_hash) == (second.order_hash, second.book_hash)


@given(STRATEGIES, PANELS)
def test_sleeves_add_up_to_the_house_and_the_book_to_the_won(
    strategy: type[Strategy], panel: Panel
) -> None:
    result = run(strategy, panel, dense=False)
    account = result.house.account(ACCOUNT)
    (sleeve,) = result.state.sleeves.values()

    assert (sleeve.cash, sleeve.commission, sleeve.tax) == (
        account.cash,
        account.commission,
        account.tax,
    )
    assert {symbol: held.qty for symbol, held in sleeve.positions.items()} == {
        symbol: held.qty for symbol, held in account.holdings.items() if held.qty
    }
    cost = sum(held.cost for held in sleeve.positions.values())
    assert sleeve.cash == sleeve.flows + sleeve.realized - cost
    assert sleeve.reserved == 0
    assert result.curve.equity[-1] == result.summary.end_equity


@given(STRATEGIES, PANELS, st.integers(2, 60))
def test_orders_do_not_change_when_the_future_does(
    strategy: type[Strategy], panel: Panel, cut: int
) -> None:
    """Whatever a run did by a bar, it does when the panel ends there."""
    length = min(cut, len(panel))
    whole = run(strategy, panel, dense=False)
    known = int(panel.known[length - 1])
    short = run(strategy, panel.until(length), dense=False)

    assert [fill for fill in whole.fills if fill.at < known] == [
        fill for fill in short.fills if fill.at < known
    ]
