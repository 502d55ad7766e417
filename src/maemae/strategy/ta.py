"""
Bundled kernels: technical indicators over TA-Lib.

Every period is in bars that traded. Prices are in won, so a moving average is in won too;
`rsi` and `adx` run from 0 to 100 and `roc` is in percent, as charts show them.

Source: TA-Lib's functions, as measured against their definitions on 2026-11-21 with
version 0.8.2 (`tests/unit/strategy/test_ta.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import unwrap
from typing import Any

import numpy as np

from maemae.domain.errors import StrategyError
from maemae.domain.near_match import suggestion
from maemae.strategy.kernel import Floats, kernel

__all__ = [
    "adx", "atr", "bbands", "breakout", "ema", "highest", "kernel", "last", "lowest", "macd",
    "obv", "roc", "rsi", "sma", "stdev", "turnover", "volatility", "volume_mean", "wma",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name.startswith("__"):
        raise AttributeError(name)
    hint = suggestion(name, __all__)
    raise StrategyError(
        f"ta 에 {name} 지표는 없습니다. {hint.ko} 종가 그대로는 ta.last, 고가는 "
        'self.indicator(ta.last, of="high") 입니다.',
        f"ta has no {name}. {hint.en} The close itself is ta.last, the high "
        'self.indicator(ta.last, of="high").',
    )


@cache
def _talib(name: str) -> Callable[..., Any]:
    """
    Return a function of TA-Lib, as it is compiled.

    It is imported once it computes: it takes pandas along, and most processes never need it. Around
    each function it puts one that asks whether it was handed a frame, which none of ours is.
    """
    function: Callable[..., Any] = unwrap(getattr(import_module("talib"), name))
    return function


@kernel(warmup=lambda: 1)
def last(series: Floats) -> Floats:
    """What the series itself says, to be compared with others [unit of the series]."""
    return series


@kernel(warmup=lambda period: period)
def sma(series: Floats, period: int) -> Floats:
    """Simple moving average of the last `period` bars [unit of the series]."""
    values: Floats = _talib("SMA")(series, period)
    return values


@kernel(warmup=lambda period: period)
def ema(series: Floats, period: int) -> Floats:
    """Exponential moving average, started at the simple one [unit of the series]."""
    values: Floats = _talib("EMA")(series, period)
    return values


@kernel(warmup=lambda period: period)
def wma(series: Floats, period: int) -> Floats:
    """Average weighted 1 to `period`, the newest bar most [unit of the series]."""
    values: Floats = _talib("WMA")(series, period)
    return values


@kernel(warmup=lambda period: period + 1)
def rsi(series: Floats, period: int) -> Floats:
    """Relative strength index by Wilder [0 to 100]."""
    values: Floats = _talib("RSI")(series, period)
    return values


@kernel(warmup=lambda period: period + 1)
def roc(series: Floats, period: int) -> Floats:
    """Change against `period` bars ago [percent]."""
    values: Floats = _talib("ROC")(series, period)
    return values


@kernel(
    warmup=lambda fast=12, slow=26, signal=9: max(fast, slow) + signal - 1,
    outputs=("line", "signal", "histogram"),
)
def macd(
    series: Floats, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[Floats, Floats, Floats]:
    """Difference of two exponential averages, its own average, and what lies between."""
    values: tuple[Floats, Floats, Floats] = _talib("MACD")(series, fast, slow, signal)
    return values


@kernel(warmup=lambda period, width=2.0: period, outputs=("upper", "middle", "lower"))
def bbands(series: Floats, period: int, width: float = 2.0) -> tuple[Floats, Floats, Floats]:
    """Bollinger bands, `width` standard deviations around the simple average."""
    values: tuple[Floats, Floats, Floats] = _talib("BBANDS")(series, period, width, width)
    return values


@kernel(warmup=lambda period: period + 1, inputs=("high", "low", "close"))
def atr(high: Floats, low: Floats, close: Floats, period: int) -> Floats:
    """Average true range by Wilder [won]."""
    values: Floats = _talib("ATR")(high, low, close, period)
    return values


@kernel(warmup=lambda period: 2 * period, inputs=("high", "low", "close"))
def adx(high: Floats, low: Floats, close: Floats, period: int) -> Floats:
    """Average directional index by Wilder: strength of a trend, not its sign [0 to 100]."""
    values: Floats = _talib("ADX")(high, low, close, period)
    return values


@kernel(warmup=lambda period: period)
def highest(series: Floats, period: int) -> Floats:
    """Highest of the last `period` bars, this one included [unit of the series]."""
    values: Floats = _talib("MAX")(series, period)
    return values


@kernel(warmup=lambda period: period)
def lowest(series: Floats, period: int) -> Floats:
    """Lowest of the last `period` bars, this one included [unit of the series]."""
    values: Floats = _talib("MIN")(series, period)
    return values


@kernel(warmup=lambda period: period)
def stdev(series: Floats, period: int) -> Floats:
    """Standard deviation of the last `period` bars, as of a population [unit of the series]."""
    values: Floats = _talib("STDDEV")(series, period)
    return values


@kernel(warmup=lambda period: period, inputs=("volume",))
def volume_mean(volume: Floats, period: int) -> Floats:
    """Average volume of the last `period` bars [shares]."""
    values: Floats = _talib("SMA")(volume, period)
    return values


@kernel(warmup=lambda: 1, inputs=("close", "volume"))
def obv(close: Floats, volume: Floats) -> Floats:
    """On-balance volume: volume added on rises and taken off on falls [shares]."""
    values: Floats = _talib("OBV")(close, volume)
    return values


@kernel(warmup=lambda period: period, inputs=("close", "volume"))
def turnover(close: Floats, volume: Floats, period: int) -> Floats:
    """Average value traded in the last `period` bars: volume times close [won]."""
    values: Floats = _talib("SMA")(close * volume, period)
    return values


@kernel(warmup=lambda period: period + 1)
def volatility(series: Floats, period: int) -> Floats:
    """Standard deviation of the last `period` changes from bar to bar [ratio a bar]."""
    values = np.full(len(series), np.nan)
    changes = series[1:] / series[:-1] - 1.0
    values[1:] = _talib("STDDEV")(changes, period)
    return values


@kernel(warmup=lambda k, bars=1: bars + 1, inputs=("open", "high", "low", "day"))
def breakout(
    opening: Floats, high: Floats, low: Floats, day: Floats, k: float, bars: int = 1
) -> Floats:
    """
    The day's open and `k` times the range of the day before: what a breakout must pass [won].

    Args:
        opening: First price of each bar [won].
        high: Highest price of each bar [won].
        low: Lowest price of each bar [won].
        day: Number of each bar's day.
        k: Share of the range, such as 0.5.
        bars: Bars of a day; only says how long the warm-up is.
    """
    firsts = np.flatnonzero(np.diff(day, prepend=-1.0))
    ranges = np.maximum.reduceat(high, firsts) - np.minimum.reduceat(low, firsts)
    before = np.concatenate([[np.nan], ranges[:-1]])
    levels = opening[firsts] + k * before
    return np.repeat(levels, np.diff(np.append(firsts, len(day))))
