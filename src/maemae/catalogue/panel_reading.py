"""From stored bars to a panel: every symbol on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from maemae.catalogue.axis import daily_axis, intraday_axis
from maemae.catalogue.bars import time_key
from maemae.catalogue.manifest import Manifest
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import sessions
from maemae.strategy.panel import FIELDS, Ints, Panel

_Index = npt.NDArray[np.int64]


def session_bars(bars: pl.DataFrame) -> pl.DataFrame:
    """
    Return the bars that lie on sessions; nobody could trade the others.

    Raises:
        UnknownRuleError: The calendar does not know the first or the last day.
    """
    days = bars["day"].unique().sort()
    calendar = pl.Series(sessions(days[0], days[-1]), dtype=pl.Date)
    strays = days.filter(~days.is_in(calendar.implode()))
    return bars if strays.is_empty() else bars.filter(~pl.col("day").is_in(strays.implode()))


def panel_from_bars(
    bars: pl.DataFrame, symbols: Sequence[Symbol], manifest: Manifest, basis: PriceBasis
) -> Panel:
    """
    Return the bars as arrays of shape (S, T); 0 where a symbol has no bar.

    Args:
        bars: Bars of these symbols on sessions, in runs of one symbol.
        symbols: The rows of the panel, in order.
        manifest: Says what the times mean.
        basis: Basis of all the series.

    Raises:
        UnknownRuleError: The trading hours of a day are not known.
    """
    interval = manifest.bar_interval
    times = bars[time_key(interval)].to_physical().cast(pl.Int64).to_numpy()
    distinct, columns = _columns(times)
    if interval.is_daily:
        days = pl.Series(distinct, dtype=pl.Int64).cast(pl.Int32).cast(pl.Date).to_list()
        opened, known = daily_axis(days)
    else:
        opened, known = intraday_axis(distinct, interval, manifest.label)
    rows = _rows(bars["symbol"], symbols)
    shape = (len(symbols), len(distinct))
    fields: dict[str, Ints] = {}
    for name in FIELDS:
        fields[name] = np.zeros(shape, np.int64)
        fields[name][rows, columns] = bars[name].to_numpy()
    return Panel(tuple(symbols), opened, known, fields, basis)


def _columns(times: Ints) -> tuple[Ints, _Index]:
    """Return the distinct times, rising, and the place of each time among them."""
    distinct = pl.Series(times).unique().sort().to_numpy()
    return distinct, np.searchsorted(distinct, times)


def _rows(column: pl.Series, symbols: Sequence[Symbol]) -> _Index:
    place = {symbol: row for row, symbol in enumerate(symbols)}
    runs = column.rle().struct.unnest()
    owners = [place[symbol] for symbol in runs["value"].to_list()]
    return np.repeat(np.asarray(owners, np.int64), runs["len"].to_numpy())
