"""Precomputed firings are those of a program that sees one bar after another."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae import Strategy, Symbol, ta
from maemae.domain.intent import Intent
from maemae.domain.position import Position
from maemae.strategy.indicator import Indicator
from maemae.strategy.panel import Panel
from maemae.strategy.trigger import Trigger
from tests.strategy_runs import A, B, C, FakeBook, a_host, a_panel, run_all

FAST, SLOW = 2, 4
BARS = st.lists(st.tuples(*[st.sampled_from([0, 100, 110, 120, 130])] * 3), min_size=1, max_size=30)


def panel_of(rows: list[tuple[int, ...]]) -> Panel:
    first, second, third = zip(*rows, strict=True)
    return a_panel({C: first, A: second, B: third})  # rows out of the symbols' order


# ── the dense way: one instrument, one bar at a time, plain floats ───────────────────────


@dataclass(frozen=True)
class Seen:
    """What a trigger is at one bar."""

    holds: bool
    fires: bool
    ready: bool


NOTHING = Seen(holds=False, fires=False, ready=False)
Dense = Callable[[list[float]], list[Seen]]  # traded closes so far -> one entry a bar


def mean(closes: list[float], period: int) -> float:
    return math.fsum(closes[-period:]) / period if len(closes) >= period else math.nan


def series(closes: list[float]) -> list[tuple[float, float]]:
    lengths = range(1, len(closes) + 1)
    return [(mean(closes[:n], FAST), mean(closes[:n], SLOW)) for n in lengths]


def becoming(states: list[tuple[bool, bool]]) -> list[Seen]:
    before = [False, *(holds for holds, _ in states)]
    return [
        Seen(holds, holds and not was, ready)
        for (holds, ready), was in zip(states, before, strict=False)
    ]


def dense_cross(closes: list[float]) -> list[Seen]:
    values = series(closes)
    found = [Seen(holds=False, fires=False, ready=not math.isnan(values[0][1]))]
    for (fast_was, slow_was), (fast, slow) in pairwise(values):
        crossed = fast > slow and fast_was <= slow_was
        found.append(Seen(crossed, crossed, not math.isnan(slow)))
    return found


def dense_level(closes: list[float]) -> list[Seen]:
    return becoming([(fast > 112, not math.isnan(fast)) for fast, _ in series(closes)])


def dense_and(one: Dense, other: Dense) -> Dense:
    return lambda closes: [
        Seen(
            a.holds and b.holds, (a.fires and b.holds) or (a.holds and b.fires), a.ready and b.ready
        )
        for a, b in zip(one(closes), other(closes), strict=True)
    ]


def dense_or(one: Dense, other: Dense) -> Dense:
    return lambda closes: [
        Seen(a.holds or b.holds, a.fires or b.fires, a.ready and b.ready)
        for a, b in zip(one(closes), other(closes), strict=True)
    ]


def dense_not(one: Dense) -> Dense:
    return lambda closes: becoming([(a.ready and not a.holds, a.ready) for a in one(closes)])


Sparse = Callable[[Indicator, Indicator], Trigger]


def sparse_cross(fast: Indicator, slow: Indicator) -> Trigger:
    return fast.crosses_above(slow)


def sparse_level(fast: Indicator, slow: Indicator) -> Trigger:
    return fast.above(112)


CASES: dict[str, tuple[Sparse, Dense]] = {
    "cross": (sparse_cross, dense_cross),
    "level": (sparse_level, dense_level),
    "cross and level": (
        lambda f, s: sparse_cross(f, s) & sparse_level(f, s),
        dense_and(dense_cross, dense_level),
    ),
    "cross or level": (
        lambda f, s: sparse_cross(f, s) | sparse_level(f, s),
        dense_or(dense_cross, dense_level),
    ),
    "not level": (lambda f, s: ~sparse_level(f, s), dense_not(dense_level)),
    "level and not cross": (
        lambda f, s: sparse_level(f, s) & ~sparse_cross(f, s),
        dense_and(dense_level, dense_not(dense_cross)),
    ),
    "not either": (
        lambda f, s: ~(sparse_cross(f, s) | sparse_level(f, s)),
        dense_not(dense_or(dense_cross, dense_level)),
    ),
}


class Watching(Strategy):
    make: Sparse

    def setup(self) -> None:
        self.fired: list[Symbol] = []
        fast, slow = self.indicator(ta.sma, FAST), self.indicator(ta.sma, SLOW)
        self.when(type(self).make(fast, slow), self.fired.append)


@pytest.mark.parametrize("case", CASES)
@given(rows=BARS)
def test_trigger_fires_where_one_bar_after_another_says(
    case: str, rows: list[tuple[int, ...]]
) -> None:
    sparse, dense = CASES[case]
    panel = panel_of(rows)
    strategy: Watching = type("Watches", (Watching,), {"make": staticmethod(sparse)})()
    host = a_host(strategy, panel)
    wakes = set(host.wakes.tolist())

    for k in range(len(panel)):
        so_far = panel.until(k + 1)
        expected = []
        for symbol in sorted(panel.symbols):
            row = panel.row(symbol)
            closes = [float(c) for c in so_far.close[row] if c > 0]
            if so_far.traded[row, k] and dense(closes)[-1].fires:
                expected.append(symbol)
        strategy.fired.clear()
        host.run(k)
        assert strategy.fired == expected
        assert (k in wakes) == bool(expected)


# ── both forms of one strategy, and both ways to drive it ────────────────────────────────


class TriggerForm(Strategy):
    def setup(self) -> None:
        fast, slow = self.indicator(ta.sma, FAST), self.indicator(ta.sma, SLOW)
        self.when(fast.crosses_above(slow), self.enter)
        self.when(fast.crosses_below(slow), self.close)

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1, stop_loss=0.03, take_profit=0.09)


class BarForm(Strategy):
    def setup(self) -> None:
        self.fast, self.slow = self.indicator(ta.sma, FAST), self.indicator(ta.sma, SLOW)

    def on_bar(self, symbol: Symbol) -> None:
        if self.fast.crossed_above(self.slow, symbol):
            self.buy(symbol, weight=0.1, stop_loss=0.03, take_profit=0.09)
        elif self.fast.crossed_below(self.slow, symbol):
            self.close(symbol)


class ComparingForm(BarForm):
    def on_bar(self, symbol: Symbol) -> None:
        fast, slow = self.fast, self.slow
        was_above = fast.previous(symbol) >= slow.previous(symbol)
        was_below = fast.previous(symbol) <= slow.previous(symbol)
        if was_below and fast[symbol] > slow[symbol]:
            self.buy(symbol, weight=0.1, stop_loss=0.03, take_profit=0.09)
        elif was_above and fast[symbol] < slow[symbol]:
            self.close(symbol)


def holding() -> FakeBook:
    return FakeBook({A: Position(10, 1_000, 1), C: Position(5, 600, 1)})


@given(rows=BARS)
def test_every_form_of_a_strategy_gives_the_same_intents(rows: list[tuple[int, ...]]) -> None:
    panel = panel_of(rows)

    first, *others = (
        run_all(a_host(form(), panel, holding()), panel)
        for form in (TriggerForm, BarForm, ComparingForm)
    )

    assert others == [first, first]


@given(rows=BARS)
def test_sparse_driver_gives_the_same_intents_as_the_dense_one(
    rows: list[tuple[int, ...]],
) -> None:
    panel = panel_of(rows)
    host = a_host(TriggerForm(), panel, holding())

    dense = [wished for wished in run_all(a_host(TriggerForm(), panel, holding()), panel) if wished]
    sparse: list[list[Intent]] = [host.run(k) for k in host.wakes.tolist()]

    assert [wished for wished in sparse if wished] == dense
