"""A run over a universe: others are not bought, whatever the strategy does; sales always go."""

from __future__ import annotations

import numpy as np
import pytest

from maemae import Strategy, ta
from maemae.domain.errors import BadBarsError
from maemae.domain.ids import Symbol
from maemae.domain.intent import Intent, OrderIntent, TargetWeights
from maemae.domain.terms import Side
from maemae.research.backtest import backtest
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import Panel
from tests.strategy_runs import ACCOUNT, SLEEVE, A, B, C, FakeBook, a_panel

INSIDE = np.array([[True, False, False], [False, True, True], [True, True, False]])


def limited() -> Panel:
    closes = {A: [1_000, 1_010, 1_020], B: [2_000, 2_010, 2_020], C: [3_000, 3_010, 3_020]}
    return a_panel(closes).among(INSIDE)


def wishes(strategy: Strategy, panel: Panel) -> tuple[list[list[Intent]], StrategyHost]:
    host = StrategyHost(strategy, panel, ACCOUNT, SLEEVE, FakeBook())
    return [host.run(k) for k in range(len(panel))], host


class BuyAll(Strategy):
    """Buy everything, and sell everything, each bar."""

    def setup(self) -> None:
        self.every("bar", self.act)

    def act(self) -> None:
        for symbol in self.symbols:
            self.buy(symbol, shares=1)
            self.sell(symbol, shares=1)


class Strongest(Strategy):
    """Hold the two highest, and note what is seen."""

    def setup(self) -> None:
        self.last = self.indicator(ta.last)
        self.seen: list[tuple[list[Symbol], tuple[Symbol, ...]]] = []
        self.every("bar", self.act)

    def act(self) -> None:
        self.seen.append((list(self.last.latest()), self.members))
        self.target_weights({A: 0.2, B: 0.2, C: 0.2})


def test_buys_of_others_are_left_out_and_sales_go() -> None:
    taken, host = wishes(BuyAll(), limited())

    bought = [
        {one.symbol for one in barrier if isinstance(one, OrderIntent) and one.side is Side.BUY}
        for barrier in taken
    ]
    sold = [
        sum(isinstance(one, OrderIntent) and one.side is Side.SELL for one in barrier)
        for barrier in taken
    ]
    assert bought == [{A, C}, {B, C}, {B}]
    assert sold == [3, 3, 3]
    assert host.universe is not None
    assert host.universe.turned_away == 4


def test_rebalancing_holds_members_only_and_rankings_are_of_them() -> None:
    strategy = Strongest()

    taken, _ = wishes(strategy, limited())

    targets = [one for barrier in taken for one in barrier if isinstance(one, TargetWeights)]
    assert [[symbol for symbol, _ in one.weights] for one in targets] == [[A, C], [B, C], [B]]
    assert strategy.seen == [([A, C], (A, C)), ([B, C], (B, C)), ([B], (B,))]


def test_without_a_universe_everybody_is_a_member() -> None:
    strategy = Strongest()
    panel = a_panel({A: [1_000, 1_010, 1_020], B: [2_000, 2_010, 2_020]})

    _, host = wishes(strategy, panel)

    assert host.universe is None
    assert strategy.seen[0] == ([A, B], (A, B))


def test_universe_goes_with_the_times_of_a_panel() -> None:
    panel = limited()

    assert np.array_equal(np.array(panel.until(2).members), INSIDE[:, :2])
    assert np.array_equal(np.array(panel.since(1).members), INSIDE[:, 1:])
    assert np.array_equal(np.array(panel.with_actions([]).members), INSIDE)


def test_universe_of_another_shape_is_refused() -> None:
    with pytest.raises(BadBarsError, match="universe has shape"):
        limited().among(INSIDE[:, :2])


def test_backtest_buys_nothing_that_is_outside_and_counts_it() -> None:
    closes = {symbol: [1_000 + 10 * k for k in range(6)] for symbol in (A, B)}
    inside = np.array([[True] * 6, [False] * 6])

    result = backtest(BuyAll(), a_panel(closes).among(inside))

    assert {fill.symbol for fill in result.fills if fill.qty > 0} == {A}
    assert result.turned_away == 6
