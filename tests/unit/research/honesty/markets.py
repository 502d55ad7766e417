"""Markets and strategies of which it is known whether they deserve to be believed."""

from __future__ import annotations

from datetime import date

import numpy as np

from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.kernel import Floats, kernel
from maemae.strategy.panel import Panel
from maemae.strategy.parameters import param
from tests.strategy_runs import session_times

SYMBOLS = 20
BARS = 800
_HELD = 5
_SPIKE = 5  # times the usual volume


def a_market(seed: int, *, edge: float = 0.0) -> Panel:
    """
    Return daily bars of random walks in which now and then the volume spikes.

    Args:
        seed: Of chance.
        edge: What the next five days rise after a spike, each [ratio]; 0 plants nothing.
    """
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.015, (SYMBOLS, BARS))
    spikes = rng.random((SYMBOLS, BARS)) < 0.02
    for lag in range(1, _HELD + 1):
        returns[:, lag:] += np.where(spikes[:, :-lag], edge, 0.0)
    close = (50_000 * np.exp(np.cumsum(returns, axis=1))).astype(np.int64) // 100 * 100 + 1_000
    opening = np.concatenate([close[:, :1], close[:, :-1]], axis=1)
    volume = (rng.uniform(0.8, 1.2, close.shape) * 1_000_000).astype(np.int64)
    fields = {
        "open": opening,
        "high": np.maximum(opening, close) + 100,
        "low": np.minimum(opening, close) - 100,
        "close": close,
        "volume": np.where(spikes, volume * _SPIKE, volume),
    }
    opened, known = session_times(date(2020, 1, 2), BARS)
    symbols = tuple(Symbol(f"{number:06d}") for number in range(10, 10 + SYMBOLS))
    return Panel(symbols, opened, known, fields, PriceBasis.ADJUSTED)


class AfterSpike(Strategy):
    """Buy after a spike of the volume, and hold for some days: the planted edge."""

    times = param(3.0, low=1.5, high=10.0)
    days = param(5, low=2, high=20)

    def setup(self) -> None:
        spike = self.indicator(relative_volume, 20)
        self.when(spike.crosses_above(self.times), self.enter)
        age = self.indicator(bars_since_spike, self.times, 20)
        self.when(age.crosses_above(self.days - 0.5), self.close)

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1)


@kernel(warmup=lambda period: period, inputs=("volume",))
def relative_volume(volume: Floats, period: int) -> Floats:
    """Volume over its average of the bars before."""
    mean = ta.sma(volume, period - 1)
    assert isinstance(mean, np.ndarray)
    return np.concatenate([[np.nan], volume[1:] / mean[:-1]])


@kernel(warmup=lambda times, period: period, inputs=("volume",))
def bars_since_spike(volume: Floats, times: float, period: int) -> Floats:
    """Bars since the last spike, at most 50."""
    relative = relative_volume(volume, period)
    bars = np.arange(float(len(volume)))
    places = np.where(np.nan_to_num(relative) > times, bars, -50.0)
    age: Floats = np.minimum(bars - np.maximum.accumulate(places), 50.0)
    return age


class AtRandom(Strategy):
    """Buy and sell by what looks like chance: the last digits of the volume."""

    modulus = param(40, low=20, high=80)

    def setup(self) -> None:
        draw = self.indicator(remainder, self.modulus)
        self.when(draw.below(0.5), self.enter)
        self.when(draw.above(self.modulus - 4.5), self.close)

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1)


@kernel(warmup=lambda modulus: 1, inputs=("volume",))
def remainder(volume: Floats, modulus: int) -> Floats:
    """What is left of the volume."""
    left: Floats = np.mod(volume, modulus)
    return left


class Peeks(Strategy):
    """Buy what will rise tomorrow, read from where no strategy should look."""

    def on_bar(self, symbol: Symbol) -> None:
        desk = self._seat()
        row, k = desk.panel.row(symbol), desk.cursor.k
        closes = desk.panel.close[row]
        if k + 1 < len(closes) and closes[k + 1] > closes[k] * 1.02:
            self.buy(symbol, weight=0.1)
        else:
            self.close(symbol)


class KnowsTheMean(Strategy):
    """Buy below the mean price of the whole data: a subtler way to look ahead."""

    def setup(self) -> None:
        self.mean = self._seat().panel.close.mean(axis=1)
        self.every("week", self.look)

    def look(self) -> None:
        rows = self._seat().panel.rows
        cheap = [s for s in self.symbols if self.history(s, 1)[-1] < self.mean[rows[s]]]
        self.target_weights(dict.fromkeys(cheap[:10], 0.1))


class LeansOnTheStart(Strategy):
    """Trade upon an indicator that sums up everything since the data began."""

    def setup(self) -> None:
        volume = self.indicator(ta.obv)
        self.when(volume.crosses_above(0.0), self.enter)

    def enter(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1)


class CountsBars(Strategy):
    """Trade every twentieth bar since the data began."""

    def setup(self) -> None:
        self.bars = 0
        self.every("bar", self.count)

    def count(self) -> None:
        self.bars += 1
        if self.bars % 20 == 0:
            self.buy(self.symbols[0], weight=0.1)
