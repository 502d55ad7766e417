"""
The sweep's kernel and the engine come to the same won: fills, cash, equity and orders.

Random strategies, parameters, plans and markets; whatever the kernel says it does not know is
no case, and such cases may be few.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from maemae import Hold, Strategy, Symbol, param, ta
from maemae.core.limits import Limits
from maemae.domain.terms import PriceBasis
from maemae.krx.costs import KIS_BANKIS, KIWOOM_PAPER, KIWOOM_REAL, CostSchedule, Rounding
from maemae.research.backtest import BACKTEST_LIMITS, BacktestPlan, BacktestResult, backtest
from maemae.research.sweep.field import Field, Runner
from maemae.research.sweep.kernel import layout
from maemae.research.sweep.kernel.layout import State
from maemae.research.sweep.kernel.scoring import score_of_state
from maemae.research.sweep.score import score_of_summary
from maemae.strategy.panel import Panel
from maemae.venue.assumptions import STRICT_KRX, ProportionalSlippage, TickSlippage, VolumeShare
from tests.market import LISTED, breaking_daily_panel, daily_panel


class Crossing(Strategy):
    """Buys crossings by weight, with a stop and a target."""

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


class Adding(Crossing):
    """Buys more of what falls, by cash, and never sells but at its stop or target."""

    def setup(self) -> None:
        level = self.indicator(ta.rsi, self.fast)
        self.when(level.below(40.0), self.enter)

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, cash=3_000_000, stop_loss=self.stop, take_profit=self.stop)


class Lots(Crossing):
    """Buys a fixed number of shares while it holds none, without a guard."""

    def enter(self, symbol: Symbol) -> None:
        if not self.position(symbol).qty:
            self.buy(symbol, shares=170)


class Trailing(Crossing):
    """Lets two rules buy and two close, so that wishes meet."""

    def setup(self) -> None:
        price, mean = self.indicator(ta.last), self.indicator(ta.sma, self.slow)
        self.when(price.above(mean), self.enter)
        self.when(price.below(self.indicator(ta.lowest, self.fast)), self.close)
        self.when(self.indicator(ta.roc, self.fast).below(0.0) | price.below(mean), self.close)

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=self.weight, stop_loss=self.stop)


class Following(Crossing):
    """Lets a stop follow the price, and leaves after some sessions."""

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=self.weight, trail=self.stop, hold=Hold(bars=self.fast))


class Piling(Crossing):
    """Lets two rules buy of one thing, each with other exits, and a third close it."""

    def setup(self) -> None:
        level = self.indicator(ta.rsi, self.fast)
        self.when(level.below(45.0), self.follow)
        self.when(level.above(50.0), self.wait)
        self.when(self.indicator(ta.roc, self.slow).below(-0.05), self.close)

    def follow(self, symbol: Symbol) -> None:
        self.buy(symbol, cash=2_000_000, trail=self.stop)

    def wait(self, symbol: Symbol) -> None:
        self.buy(symbol, shares=40, take_profit=self.stop, hold=Hold(sessions=3, bars=self.fast))


KINDS = (Crossing, Adding, Lots, Trailing, Following, Piling)
PARAMETERS = st.fixed_dictionaries(
    {
        "fast": st.integers(2, 10),
        "slow": st.integers(3, 20),
        "weight": st.sampled_from([0.01, 0.1, 0.3, 0.55, 1.0]),
        "stop": st.sampled_from([0.001, 0.004, 0.01, 0.03, 0.2]),
    }
)
SCHEDULES = st.builds(
    lambda schedule, rounding: msgspec.structs.replace(schedule, rounding=rounding),
    st.sampled_from([KIWOOM_REAL, KIWOOM_PAPER, KIS_BANKIS, CostSchedule("1", 7, 1_000, 1)]),
    st.sampled_from(list(Rounding)),
)
ASSUMED = st.sampled_from(
    [
        None,
        msgspec.structs.replace(STRICT_KRX, participation=VolumeShare(5_000)),
        msgspec.structs.replace(STRICT_KRX, slippage=TickSlippage(3)),
        msgspec.structs.replace(STRICT_KRX, slippage=TickSlippage(0)),
        msgspec.structs.replace(STRICT_KRX, slippage=ProportionalSlippage(7_001)),
    ]
)
LIMITS = st.sampled_from(
    [
        BACKTEST_LIMITS,
        Limits(max_positions=2, max_orders_per_sec=5_000),
        Limits(max_position_weight=200_000, max_orders_per_sec=5_000),
        Limits(max_order_value=5_000_000, max_orders_per_sec=5_000),
    ]
)
LISTINGS = st.sampled_from(
    [
        LISTED,
        {},
        {key: msgspec.structs.replace(each, listed_shares=9_000) for key, each in LISTED.items()},
    ]
)
PLANS = st.builds(
    BacktestPlan,
    cash=st.sampled_from([300_000, 2_345_678, 50_000_000, 3_000_000_000]),
    instruments=LISTINGS,
    schedule=SCHEDULES,
    assumptions=ASSUMED,
    limits=LIMITS,
)
MARKETS = st.tuples(
    st.sampled_from([daily_panel, daily_panel, breaking_daily_panel]),
    st.integers(0, 1_000_000),
    st.integers(1, 5),
)


def of_engine(result: BacktestResult) -> list[tuple[object, ...]]:
    return [
        (fill.symbol, fill.qty, fill.px, fill.commission, fill.tax, fill.at)
        for fill in result.fills
    ]


def of_kernel(state: State, panel: Panel) -> list[tuple[object, ...]]:
    fills = []
    for fill in state.fills[: state.sums[layout.FILLS]].tolist():
        time, row = fill[layout.F_TIME], fill[layout.F_ROW]
        at = panel.known[time] - 1 if fill[layout.F_INSIDE] else panel.opened[time]
        numbers = fill[layout.F_QTY : layout.F_TAX + 1]
        fills.append((panel.symbols[row], *numbers, int(at)))
    return fills


@pytest.mark.parametrize("basis", list(PriceBasis))  # 5,000 cases of each in a soak
@example(Crossing, {}, (daily_panel, 154, 1), BacktestPlan(instruments=LISTED))
@given(st.sampled_from(KINDS), PARAMETERS, MARKETS, PLANS)
def test_kernel_and_engine_come_to_the_same_won(
    basis: PriceBasis,
    kind: type[Crossing],
    values: dict[str, float],
    market: tuple[Callable[[int, PriceBasis, int], Panel], int, int],
    plan: BacktestPlan,
) -> None:
    make, seed, count = market
    panel = make(seed, basis, count)
    runner = Runner(Field("own", {}, panel, plan), kind=kind)
    assert runner.beyond is None, runner.beyond
    state = runner.state(values, fills=64)
    assume(state is not None)
    assert state is not None

    result = backtest(kind(**values), panel, plan)

    (sleeve,) = result.state.sleeves.values()
    assert of_kernel(state, panel) == of_engine(result)
    assert state.sums[layout.ORDERS] == result.orders
    assert state.curve.sum(axis=0).tolist() == result.curve.equity.tolist()
    assert state.curve[1].tolist() == result.curve.invested.tolist()
    assert state.sums[layout.CASH] == sleeve.cash
    assert score_of_state(plan.cash, state) == score_of_summary(result.summary)
