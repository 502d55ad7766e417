"""Data checks against the calendar of the exchange; years it does not know are not judged."""

from __future__ import annotations

from datetime import date

import polars as pl

from maemae.krx.calendar import FIRST_YEAR, LAST_YEAR, sessions


def find_missing_sessions(bars: pl.DataFrame) -> pl.DataFrame:
    """
    Return the gaps: sessions between two bars of a symbol that have none.

    Columns: symbol, day (first missing session), last_day, sessions (how many).
    """
    calendar = sessions_around(bars["day"])
    days = bars.select("symbol", "day").unique(maintain_order=True)
    placed = days.join(calendar, on="day", how="inner", maintain_order="left")
    gaps = placed.with_columns(
        pl.col("index").shift().alias("before"), pl.col("symbol").shift().alias("owner")
    ).filter((pl.col("symbol") == pl.col("owner")) & (pl.col("index") - pl.col("before") > 1))
    return gaps.select(
        "symbol",
        calendar["day"].gather(gaps["before"] + 1).alias("day"),
        calendar["day"].gather(gaps["index"] - 1).alias("last_day"),
        (pl.col("index") - pl.col("before") - 1).alias("sessions"),
    )


def find_no_session(bars: pl.DataFrame) -> pl.DataFrame:
    """Return the bars on days without a session: symbol, day, for intraday bars time, close."""
    known = pl.col("day").dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    days = sessions_around(bars["day"])["day"].implode()
    where = [name for name in ("symbol", "day", "time") if name in bars.columns]
    return bars.filter(known & ~pl.col("day").is_in(days)).select(*where, "close")


def sessions_around(days: pl.Series) -> pl.DataFrame:
    """Return the known sessions from the first to the last of the days: day and its index."""
    first, last = days.min(), days.max()
    if not isinstance(first, date) or not isinstance(last, date):
        known: list[date] = []
    else:
        earliest, latest = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
        known = sessions(min(max(first, earliest), latest), max(min(last, latest), earliest))
    return (
        pl.DataFrame({"day": known}, schema={"day": pl.Date})
        .with_row_index("index")
        .with_columns(pl.col("index").cast(pl.Int64))
    )
