"""Panels written bar by bar, and a strategy that acts at given instants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import NamedTuple

import numpy as np

from maemae import Strategy
from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, kst_nanos
from maemae.domain.terms import PriceBasis
from maemae.krx.session import regular_close, regular_open
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.strategy.panel import FIELDS, Panel
from tests.market import LISTED

DAYS = (date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 3), date(2025, 9, 4))


class Bar(NamedTuple):
    """One bar of one price, or of open, high, low and close [won]."""

    opened: int
    known: int
    prices: tuple[int, int, int, int]


def minute(day: date, clock: time, *prices: int) -> Bar:
    """Return a bar of one minute."""
    opened = kst_nanos(day, clock)
    return Bar(opened, opened + MINUTE, _four(prices))


def daily(day: date, *prices: int) -> Bar:
    """Return a bar of a regular session."""
    return Bar(regular_open(day), regular_close(day), _four(prices))


def _four(prices: Sequence[int]) -> tuple[int, int, int, int]:
    first, high, low, close = prices if len(prices) == 4 else [prices[0]] * 4
    return first, high, low, close


def panel_of(bars: Mapping[Symbol, Sequence[Bar]], basis: PriceBasis = PriceBasis.RAW) -> Panel:
    """Return a panel of bars at the same times, 100,000 shares in each; none at a price of 0."""
    times = next(iter(bars.values()))
    fields = {
        name: np.array([[bar.prices[place] for bar in row] for row in bars.values()], np.int64)
        for place, name in enumerate(FIELDS[:4])
    }
    fields["volume"] = 100_000 * (fields["open"] > 0)
    opened = np.array([bar.opened for bar in times], np.int64)
    known = np.array([bar.known for bar in times], np.int64)
    return Panel(tuple(bars), opened, known, fields, basis)


class Scripted(Strategy):
    """Does what its script says once each bar of a number is known."""

    script: Mapping[int, Callable[[Strategy], object]] = {}

    def setup(self) -> None:
        self.bars = 0
        self.every("bar", self.step)

    def step(self) -> None:
        act = self.script.get(self.bars)
        self.bars += 1
        if act is not None:
            act(self)


def run(
    panel: Panel, script: Mapping[int, Callable[[Strategy], object]], *, dense: bool = False
) -> BacktestResult:
    """Run a script, keyed by the number of the bar after which each act comes."""
    strategy = Scripted()
    strategy.script = script
    return backtest(strategy, panel, BacktestPlan(instruments=LISTED, dense=dense))


def trades(result: BacktestResult) -> list[tuple[Symbol, int, int]]:
    """Return instrument, shares and price of every fill."""
    return [(fill.symbol, fill.qty, fill.px) for fill in result.fills]
