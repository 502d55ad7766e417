"""From the wish of one synthetic day to bars that keep the tick grid and the price limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import numpy as np

from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic_days import Floats
from maemae.domain.instant import MINUTE
from maemae.krx.band import price_band
from maemae.krx.instrument import Instrument
from maemae.krx.session import regular_close, regular_open
from maemae.krx.tick import TickTable, tick_table
from maemae.strategy.panel import Ints

_CLOSING_AUCTION: Final = 10  # minutes of order collection, without a trade until the end
_POINTS_A_DAY: Final = 24
_POINTS_A_BAR: Final = 4
_AUCTION_SHARE: Final = 0.06


class Rules(msgspec.Struct, frozen=True):
    """
    What the exchange allows on one day.

    Attributes:
        lower: Lower price limit [won, shape (S,)].
        upper: Upper price limit [won, shape (S,)].
        tables: Tick table of each instrument.
    """

    lower: Ints
    upper: Ints
    tables: tuple[TickTable, ...]

    def nearest(self, wanted: Floats) -> Ints:
        """Return the valid price nearest to each wanted one [won, shape (S, n)]."""
        lower, upper = self.lower[:, None], self.upper[:, None]
        inside = np.clip(wanted, lower, upper).astype(np.int64)
        prices = np.empty_like(inside)
        for table in dict.fromkeys(self.tables):
            rows = np.array([own is table or own == table for own in self.tables])
            chosen = inside[rows]
            band = np.maximum(np.searchsorted(table.starts, chosen, side="right") - 1, 0)
            tick = np.asarray(table.ticks, np.int64)[band]
            # Half a tick up, then down to the grid; the edge of a coarser band stays valid.
            prices[rows] = (chosen + tick // 2) // tick * tick
        return np.clip(prices, lower, upper)


class DayBars(msgspec.Struct, frozen=True):
    """Bars of one day: starts [ns, shape (B,)], prices [won] and volumes [shape (S, B)]."""

    starts: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints


def rules_of(instruments: Sequence[Instrument], base: Ints, day: date) -> Rules:
    """Return price limits and ticks of a day, given the base prices [won, shape (S,)]."""
    bands = [
        price_band(price, item, day) for price, item in zip(base.tolist(), instruments, strict=True)
    ]
    return Rules(
        lower=np.array([band.lower for band in bands], np.int64),
        upper=np.array([band.upper for band in bands], np.int64),
        tables=tuple(tick_table(item.market, item.product, day) for item in instruments),
    )


def bar_starts(day: date, interval: Interval) -> tuple[Ints, bool]:
    """
    Return the starts of the bars of a session and whether the last is the closing auction's.

    While orders for the closing auction are collected nothing trades, so short bars have a
    gap before the one in which the auction's price comes out.
    """
    opens, closes = regular_open(day), regular_close(day)
    if interval.minutes is None:
        return np.array([opens], np.int64), False
    minutes = (closes - opens) // MINUTE
    continuous = np.arange(0, minutes - _CLOSING_AUCTION, interval.minutes)
    auction = (minutes - 1) // interval.minutes * interval.minutes
    alone = bool(auction > continuous[-1])
    offsets = np.append(continuous, auction) if alone else continuous
    return opens + offsets.astype(np.int64) * MINUTE, alone


def day_bars(
    rng: np.random.Generator,
    ends: tuple[Ints, Ints],
    noise: Floats,
    volume: Ints,
    rules: Rules,
    layout: tuple[Ints, bool],
) -> DayBars:
    """
    Return the bars of one day on the grid and inside the limits.

    Args:
        rng: Source of the path.
        ends: Open and close of the day [won, shape (S,)].
        noise: Standard deviation of the path [log, shape (S,)].
        volume: Shares of the day [shape (S,)]; bars add up to it.
        rules: Limits and ticks of the day.
        layout: Starts of the bars, as `bar_starts` returns them.
    """
    starts, auction_alone = layout
    points = _POINTS_A_DAY if len(starts) == 1 else _POINTS_A_BAR
    first, last = ends
    path = rules.nearest(_bridge(rng, first, last, noise, len(starts) * points))
    path[:, 0], path[:, -1] = first, last
    if auction_alone:
        path[:, -points:] = last[:, None]
    path = path.reshape(len(first), len(starts), points)
    return DayBars(
        starts=starts,
        open=path[:, :, 0],
        high=path.max(axis=2),
        low=path.min(axis=2),
        close=path[:, :, -1],
        volume=_split(rng, volume, len(starts)),
    )


def _bridge(
    rng: np.random.Generator, first: Ints, last: Ints, noise: Floats, length: int
) -> Floats:
    """Return a random path from open to close [won, shape (S, length)]."""
    steps = rng.normal(size=(len(first), length)) / np.sqrt(length)
    walk = np.cumsum(steps, axis=1)
    time = np.linspace(0.0, 1.0, length)
    wander = (walk - walk[:, -1:] * time) * noise[:, None]
    level = np.log(first)[:, None] * (1 - time) + np.log(last)[:, None] * time
    return np.exp(level + wander)


def _split(rng: np.random.Generator, volume: Ints, bars: int) -> Ints:
    """Return the day's shares by bar: busy after the open, busier again at the close."""
    if bars == 1:
        return volume[:, None].copy()
    time = np.linspace(0.0, 1.0, bars)
    shape = 1 + 2.5 * np.exp(-time / 0.06) + 0.9 * np.exp((time - 1) / 0.05)
    weight = shape * np.exp(rng.normal(0.0, 0.5, (len(volume), bars)))
    weight[:, -1] += _AUCTION_SHARE * weight.sum(axis=1)
    share = weight / weight.sum(axis=1, keepdims=True)
    split = (volume[:, None] * share).astype(np.int64)
    return np.column_stack([split[:, :-1], volume - split[:, :-1].sum(axis=1)])
