"""Small hand-made frames of bars for the tests of the catalogue."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import DAY, BarLabel, Interval
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import sessions

SEOUL = ZoneInfo("Asia/Seoul")


def a_spec(
    basis: PriceBasis = PriceBasis.RAW,
    *,
    dataset: str = "sample",
    interval: Interval = DAY,
    label: BarLabel = BarLabel.START,
    replace: bool = False,
    sort: bool = False,
) -> ImportSpec:
    """Return declarations for a frame of this module."""
    return ImportSpec(
        dataset=dataset, basis=basis, interval=interval, label=label, replace=replace, sort=sort
    )


def daily_bars(
    *symbols: str, count: int = 5, first: date = date(2024, 1, 2), close: int = 70_000
) -> pl.DataFrame:
    """Return bars of the first sessions from a day on, rising by 100 won a day."""
    days = sessions(first, first + timedelta(days=2 * count + 10))[:count]
    closes = [close + 100 * number for number in range(count)]
    return pl.concat(
        pl.DataFrame(
            {
                "symbol": [symbol] * count,
                "date": days,
                "open": closes,
                "high": [price + 200 for price in closes],
                "low": [price - 200 for price in closes],
                "close": closes,
                "volume": [1_000 + number for number in range(count)],
            }
        )
        for symbol in (symbols or ("005930",))
    )


def minute_bars(
    symbol: str = "005930", *, start: datetime | None = None, count: int = 5, step: int = 5
) -> pl.DataFrame:
    """Return intraday bars with aware times, from 09:00 of 2024-01-03 unless told."""
    begin = start or datetime(2024, 1, 3, 9, 0, tzinfo=SEOUL)
    times = [begin + timedelta(minutes=step * number) for number in range(count)]
    bars = daily_bars(symbol, count=count).drop("date")
    return bars.with_columns(pl.Series("datetime", times, pl.Datetime("us", "Asia/Seoul")))


def with_value(bars: pl.DataFrame, column: str, row: int, value: object) -> pl.DataFrame:
    """Return the bars with one value changed."""
    values = bars[column].to_list()
    values[row] = value
    return bars.with_columns(pl.Series(column, values, strict=False))
