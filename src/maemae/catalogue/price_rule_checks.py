"""Data checks against the tick tables and the daily price limits."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from maemae.catalogue.columns import PRICES
from maemae.domain.errors import UnknownRuleError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.band import PriceBand, price_band
from maemae.krx.instrument import Instrument
from maemae.krx.tick import TickTable, tick_table

MID_PRICE_TRADES_FROM: Final = date(2025, 3, 4)
"""From this day on trades may lie between ticks (see `maemae.krx.tick`)."""

_RULE: Final = ("market", "product", "day")


def find_off_tick(bars: pl.DataFrame) -> pl.DataFrame:
    """Return the traded bars with a price off the grid: symbol, day, (time), prices."""
    traded = _traded(bars).filter(pl.col("day") < MID_PRICE_TRADES_FROM)
    tables: list[TickTable] = []
    rules = traded.select(_RULE).unique()
    numbers = [_table_number(tables, *row) for row in rules.iter_rows()]
    traded = traded.join(
        rules.with_columns(pl.Series("table", numbers, pl.Int64)), on=_RULE, maintain_order="left"
    )
    wrong = np.zeros(traded.height, np.bool_)
    chosen = traded["table"].to_numpy()
    for number, table in enumerate(tables):
        rows = np.flatnonzero(chosen == number)
        for name in PRICES:
            wrong[rows] |= ~_on_grid(traded[name].gather(rows).to_numpy(), table)
    return _located(traded.filter(pl.Series(wrong)), *PRICES)


def find_outside_band(bars: pl.DataFrame) -> pl.DataFrame:
    """
    Return the traded bars with a price outside the limits of the day.

    Columns: symbol, day, (time), base_price, lower, upper, low, high.
    """
    far = _traded(bars).filter(
        # The limit is never nearer than 7 % of the base, so the rest need not be asked.
        (pl.col("base_price") > 0)
        & (
            ((pl.col("high") - pl.col("base_price")) * 20 > pl.col("base_price"))
            | ((pl.col("base_price") - pl.col("low")) * 20 > pl.col("base_price"))
        )
    )
    keys = far.select("base_price", "market", "product", "leverage", "day")
    bands = [_band(*row) for row in keys.iter_rows()]
    judged = far.with_columns(
        pl.Series("lower", [band and band.lower for band in bands], pl.Int64),
        pl.Series("upper", [band and band.upper for band in bands], pl.Int64),
    )
    outside = (pl.col("low") < pl.col("lower")) | (pl.col("high") > pl.col("upper"))
    return _located(judged.filter(outside), "base_price", "lower", "upper", "low", "high")


def _traded(bars: pl.DataFrame) -> pl.DataFrame:
    return bars.filter((pl.col("volume") > 0) & pl.all_horizontal(pl.col(p) > 0 for p in PRICES))


def _located(frame: pl.DataFrame, *figures: str) -> pl.DataFrame:
    where = [name for name in ("symbol", "day", "time") if name in frame.columns]
    return frame.select(*where, *figures)


def _table_number(tables: list[TickTable], market: str, product: str, day: date) -> int:
    """Return the place of the day's table in `tables`, adding it; -1 where none is known."""
    try:
        table = tick_table(Market(market), Product(product), day)
    except UnknownRuleError:
        return -1
    if table not in tables:
        tables.append(table)
    return tables.index(table)


def _on_grid(prices: npt.NDArray[np.int64], table: TickTable) -> npt.NDArray[np.bool_]:
    band = np.maximum(np.searchsorted(table.starts, prices, side="right") - 1, 0)
    on_grid: npt.NDArray[np.bool_] = prices % np.asarray(table.ticks, np.int64)[band] == 0
    return on_grid


def _band(base: int, market: str, product: str, leverage: int, day: date) -> PriceBand | None:
    instrument = Instrument(Symbol(""), "", Market(market), Product(product), leverage=leverage)
    try:
        return price_band(base, instrument, day)
    except UnknownRuleError:
        return None
