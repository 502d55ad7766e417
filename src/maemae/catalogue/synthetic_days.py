"""
What the synthetic market wants to do each day: returns, halts and volumes, before any rule.

The market rises, rests or falls in regimes of about 70 sessions; sectors and stocks drift
slowly of their own, so that trend and momentum have something to find; a weak pull keeps
prices near where they began over many years.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from maemae.catalogue.synthetic_universe import SECTORS
from maemae.domain.terms import Market, Product
from maemae.krx.instrument import Instrument
from maemae.strategy.panel import Flags, Ints

Floats = npt.NDArray[np.float64]

_REGIME_DRIFT: Final = np.array([0.0010, 0.0004, -0.0011])  # rising, resting, falling
_REGIME_NOISE: Final = np.array([0.007, 0.005, 0.014])
_REGIME_STAYS: Final = 0.986
_SECTOR_DRIFT: Final = (0.980, 0.0003)  # persistence, shock a day
_STOCK_DRIFT: Final = (0.970, 0.0004)
_SECTOR_NOISE: Final = 0.004
_FUND_NOISE: Final = 0.0008
_PULL: Final = 0.0015
_HALT_STARTS: Final = 0.0006
_LONGEST_HALT: Final = 5


class Days(msgspec.Struct, frozen=True):
    """
    Wishes of T days for S instruments, stocks first.

    Attributes:
        opening: Price wanted at the open [won, shape (T, S)].
        closing: Price wanted at the close [won, shape (T, S)].
        noise: Standard deviation of the path within a day [log, shape (S,)].
        halted: Whether the instrument stands still all day [shape (T, S)].
        volume: Shares to trade [shape (T, S)].
        start: Price wanted before the first day [won, shape (S,)].
    """

    opening: Floats
    closing: Floats
    noise: Floats
    halted: Flags
    volume: Ints
    start: Floats


def synthetic_days(
    rng: np.random.Generator, instruments: tuple[Instrument, ...], length: int
) -> Days:
    """Return the wishes of `length` days; instruments as `synthetic_instruments` orders them."""
    stocks = [item for item in instruments if item.product is Product.STOCK]
    own_noise = rng.uniform(0.010, 0.024, len(stocks))
    start = _start_prices(rng, instruments)
    change = _with_pull(_stock_changes(rng, len(stocks), own_noise, length))
    change = np.hstack([change, _fund_changes(rng, instruments, change)])
    noise = np.concatenate([own_noise, np.full(len(instruments) - len(stocks), 0.006)])
    halted = _halts(rng, len(stocks), len(instruments), length)
    gap = 0.3 * change + rng.normal(0.0, 0.3, change.shape) * noise
    level = np.cumsum(change, axis=0)
    opening, closing = start * np.exp(level - change + gap), start * np.exp(level)
    usual = np.exp(rng.uniform(11.0, 14.5, len(instruments)))
    busy = np.exp(rng.normal(0.0, 0.4, change.shape)) * (1 + 20 * np.abs(change))
    volume = np.where(halted, 0, usual * busy).astype(np.int64)
    return Days(opening, closing, noise, halted, volume, start)


def _start_prices(rng: np.random.Generator, instruments: tuple[Instrument, ...]) -> Floats:
    low = [3_000 if item.market is Market.KOSPI else 1_500 for item in instruments]
    high = [
        40_000 if item.product is Product.ETF or item.market is Market.KOSDAQ else 250_000
        for item in instruments
    ]
    return np.exp(rng.uniform(np.log(low), np.log(high)))


def _stock_changes(rng: np.random.Generator, stocks: int, own_noise: Floats, length: int) -> Floats:
    """Return log returns of the stocks [shape (T, stocks)]."""
    regimes = _regimes(rng, length)
    market = _REGIME_DRIFT[regimes] + _REGIME_NOISE[regimes] * rng.normal(size=length)
    beta = rng.uniform(0.6, 1.4, stocks)
    sectors = _slow_drift(rng, _SECTOR_DRIFT, (length, len(SECTORS)))
    sectors += rng.normal(0.0, _SECTOR_NOISE, sectors.shape)
    own = _slow_drift(rng, _STOCK_DRIFT, (length, stocks))
    own += own_noise * rng.normal(size=own.shape)
    return market[:, None] * beta + sectors[:, np.arange(stocks) % len(SECTORS)] + own


def _regimes(rng: np.random.Generator, length: int) -> Ints:
    """Return the regime of each day [0 rising, 1 resting, 2 falling]."""
    turns = rng.random(length) > _REGIME_STAYS
    turns[0] = True
    steps = rng.integers(1, len(_REGIME_DRIFT), length)
    return (np.cumsum(np.where(turns, steps, 0)) % len(_REGIME_DRIFT)).astype(np.int64)


def _slow_drift(
    rng: np.random.Generator, kind: tuple[float, float], shape: tuple[int, int]
) -> Floats:
    persistence, shock = kind
    shocks = rng.normal(0.0, shock, shape)
    drift = np.zeros(shape)
    now = np.zeros(shape[1])
    for day in range(shape[0]):
        now = persistence * now + shocks[day]
        drift[day] = now
    return drift


def _with_pull(change: Floats) -> Floats:
    """Pull the log price back to where it began."""
    pulled = np.empty_like(change)
    level = np.zeros(change.shape[1])
    for day in range(len(change)):
        pulled[day] = change[day] - _PULL * level
        level += pulled[day]
    return pulled


def _fund_changes(
    rng: np.random.Generator, instruments: tuple[Instrument, ...], stocks: Floats
) -> Floats:
    """Return log returns of the funds; the second follows KOSDAQ, the others KOSPI."""
    boards = np.array([item.market.value for item in instruments[: stocks.shape[1]]])
    kospi = stocks[:, boards == Market.KOSPI.value].mean(axis=1)
    kosdaq = stocks[:, boards == Market.KOSDAQ.value].mean(axis=1)
    funds = instruments[stocks.shape[1] :]
    followed = (kosdaq if number == 1 else kospi for number in range(len(funds)))
    columns = [fund.leverage * index for fund, index in zip(funds, followed, strict=True)]
    changes = np.column_stack(columns)
    return changes + rng.normal(0.0, _FUND_NOISE, changes.shape)


def _halts(rng: np.random.Generator, stocks: int, instruments: int, length: int) -> Flags:
    """Return halted days; funds are never halted, and neither is anyone on the first day."""
    starts = rng.random((length, stocks)) < _HALT_STARTS
    lengths = rng.integers(1, _LONGEST_HALT + 1, (length, stocks))
    halted = np.zeros((length, instruments), np.bool_)
    for day, stock in np.argwhere(starts).tolist():
        halted[max(1, day) : day + lengths[day, stock], stock] = True
    return halted
