"""Small random markets for tests: on the tick, with halts, inside the band or breaking out."""

from __future__ import annotations

from datetime import date, time
from typing import Final

import numpy as np

from maemae.domain.corporate_action import (
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, kst_nanos
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.band import price_band
from maemae.krx.calendar import sessions
from maemae.krx.instrument import Instrument
from maemae.krx.session import regular_close, regular_open
from maemae.krx.tick import TickTable, tick_table
from maemae.strategy.panel import FIELDS, Ints, Panel

SYMBOLS: Final = tuple(Symbol(f"{number:06d}") for number in range(10, 60, 10))
LISTED: Final = {
    symbol: Instrument(symbol, f"시험{symbol}", Market.KOSDAQ, Product.STOCK, 50_000_000)
    for symbol in SYMBOLS
}
_DAYS: Final = sessions(date(2025, 9, 1), date(2025, 12, 30))  # CSAT day and year's end inside


def daily_panel(seed: int, basis: PriceBasis, count: int) -> Panel:
    """Return 60 daily bars of up to five instruments."""
    days = _DAYS[-60:]
    opened = np.array([regular_open(day) for day in days], np.int64)
    known = np.array([regular_close(day) for day in days], np.int64)
    return _panel(seed, basis, count, opened, known, days)


def minute_panel(seed: int, basis: PriceBasis, count: int) -> Panel:
    """Return four sessions of 15-minute bars of up to five instruments."""
    days = _DAYS[-34:-30]
    opened = np.concatenate(
        [np.arange(regular_open(day), regular_close(day), 15 * MINUTE) for day in days]
    ).astype(np.int64)
    of_bar = [day for day in days for _ in range(len(opened) // len(days))]
    return _panel(seed, basis, count, opened, opened + 15 * MINUTE, of_bar)


def breaking_daily_panel(seed: int, basis: PriceBasis, count: int) -> Panel:
    """Return a daily panel whose prices jump now and then, as at a split nobody tells of."""
    return _breaking(daily_panel(seed, basis, count), seed)


def breaking_minute_panel(seed: int, basis: PriceBasis, count: int) -> Panel:
    """Return a panel of 15-minute bars that jump between sessions and within them."""
    return _breaking(minute_panel(seed, basis, count), seed)


def acting_panel(seed: int, basis: PriceBasis, count: int) -> Panel:
    """Return a daily panel whose shares are split, merged, given rights, and leave; raw only."""
    rng = np.random.default_rng([seed, 2])
    panel = (daily_panel, breaking_daily_panel)[seed % 2](seed, PriceBasis.RAW, count)
    known_at = int(panel.opened[0]) - 1
    told: list[CorporateAction] = []
    for symbol in panel.symbols:
        ex_date = panel.dates[int(rng.integers(1, len(panel)))]
        up, down = ((5, 1), (1, 10), (3, 2), (7, 3))[int(rng.integers(4))]
        other = panel.symbols[int(rng.integers(count))]
        told += (
            [ShareChange(symbol, ex_date, known_at, up, down, 1_000)],
            [RightsIssue(symbol, ex_date, known_at, 1, 5, 100)],
            [Delisting(symbol, ex_date, known_at, 123)],
            [Merger(symbol, ex_date, known_at, other, up, down, 500)] if other > symbol else [],
            [],
        )[int(rng.integers(5))]
    return panel.with_actions(told)


def long_day_panel(seed: int, basis: PriceBasis, count: int) -> Panel:
    """Return four sessions of hours, with markets before and after, and a closing print."""
    days = _DAYS[-30:-26]
    clocks = [
        *(time(8), time(8, 45), time(9), time(9, 15)),
        *(time(hour) for hour in range(10, 16)),
        *(time(15, 15), time(15, 30), time(16), time(18)),
    ]
    of_bar = [day for day in days for _ in clocks]
    opened = np.array([kst_nanos(day, clock) for day in days for clock in clocks], np.int64)
    return _panel(seed, basis, count, opened, opened + 15 * MINUTE, of_bar)


def _breaking(panel: Panel, seed: int) -> Panel:
    """Let prices rise fivefold or fall to a fifth from random bars on."""
    rng = np.random.default_rng([seed, 1])
    up = np.cumsum(rng.random(panel.close.shape) < 0.02, axis=1)
    factor = np.where(up % 2 == rng.integers(0, 2), 5, 1)
    fields = {name: getattr(panel, name) * factor for name in FIELDS[:4]}
    fields["volume"] = panel.volume.copy()
    _trade_at_openings(panel, fields)
    return Panel(panel.symbols, panel.opened, panel.known, fields, panel.basis)


def _trade_at_openings(panel: Panel, fields: dict[str, Ints]) -> None:
    """Let every instrument trade in the first bar of a session: that print tells the base."""
    for first in panel.session_starts.tolist():
        for row in np.flatnonzero(~panel.traded[:, first]).tolist():
            later = np.flatnonzero(panel.traded[row, first:])
            if len(later):
                for values in fields.values():
                    values[row, first] = values[row, first + later[0]]


def _panel(
    seed: int, basis: PriceBasis, count: int, opened: Ints, known: Ints, days: list[date]
) -> Panel:
    rng = np.random.default_rng(seed)
    symbols = SYMBOLS[:count]
    fields = {
        name: np.zeros((count, len(opened)), np.int64)
        for name in ("open", "high", "low", "close", "volume")
    }
    for row, symbol in enumerate(symbols):
        close = int(rng.integers(1_000, 60_000))
        for index, day in enumerate(days):
            if rng.random() < 0.03:
                continue  # halted: nothing trades
            table = tick_table(LISTED[symbol].market, LISTED[symbol].product, day)
            base = table.ceil(close)
            limits = price_band(base, LISTED[symbol], day)
            moves = np.exp(rng.normal(0, 0.02, 4)) * base
            prices = sorted(_on_grid(table, price, limits.lower, limits.upper) for price in moves)
            first, last = rng.permutation(prices[1:3]).tolist()
            fields["open"][row, index], fields["close"][row, index] = first, last
            fields["low"][row, index], fields["high"][row, index] = prices[0], prices[3]
            fields["volume"][row, index] = int(rng.integers(1, 20_000))
            close = last
    return Panel(symbols, opened, known, fields, basis)


def _on_grid(table: TickTable, price: float, lower: int, upper: int) -> int:
    return min(max(table.floor(int(price)), lower), upper)
