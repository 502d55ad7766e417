"""What a dataset is like: how much of it there is, what is missing, and where it looks wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import polars as pl

from maemae.catalogue.calendar_checks import sessions_around
from maemae.catalogue.checks import CheckCode, Findings
from maemae.catalogue.manifest import Manifest

TROUBLE: Final = ("missing", "zero_volume", "jumps")
"""Columns of what looks wrong with a series."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """
    A whole dataset, or one year of it.

    Attributes:
        label: The year; empty for all of it.
        sessions: Days of the exchange.
        symbols: Series with a bar.
        bars: Bars.
        covered: Days of a symbol with a bar, of those from its first to its last one [ratio].
        missing: Days of a symbol without one.
        zero_volume: Bars in which nothing traded.
        jumps: Closes that moved further than the exchange allows.
    """

    label: str
    sessions: int
    symbols: int
    bars: int
    covered: float
    missing: int
    zero_volume: int
    jumps: int


class Statistics(msgspec.Struct, frozen=True, eq=False):
    """
    Attributes of a dataset.

    Attributes:
        manifest: What is declared about it.
        stored: Size of its files [bytes].
        whole: All of it.
        years: Each year, oldest first.
        symbols: A row a symbol: symbol, name, first, last, days, sessions, missing, longest_gap
            [sessions], zero_volume, jumps, value [won a day, in the middle]; the most troubled
            first.
    """

    manifest: Manifest
    stored: int
    whole: Totals
    years: Sequence[Totals]
    symbols: pl.DataFrame


def statistics_of(
    manifest: Manifest,
    bars: pl.DataFrame,
    instruments: pl.DataFrame,
    findings: Sequence[Findings],
    stored: int,
) -> Statistics:
    """
    Return what a dataset is like.

    Args:
        manifest: Of the dataset.
        bars: All of its bars.
        instruments: Their master.
        findings: Of the data check on them.
        stored: Size of its files [bytes].
    """
    calendar = sessions_around(bars["day"])
    found = {each.check.code: each.frame for each in findings}
    jumps = found.get(CheckCode.JUMP, _NONE)
    days = bars.select("symbol", "day").unique().join(calendar, on="day", how="semi")
    expected = instruments.select("symbol", "first", "last").join_where(
        calendar,
        pl.col("day") >= pl.col("first"),
        pl.col("day") <= pl.col("last"),
    )
    frames = (calendar, bars, days, expected, jumps)
    of_year = [
        _totals(str(year), *(_in_year(frame, year) for frame in frames))
        for year in sorted(set(calendar["day"].dt.year().to_list()))
    ]
    return Statistics(
        manifest=manifest,
        stored=stored,
        whole=_totals("", *frames),
        years=of_year,
        symbols=_symbols(bars, instruments, days, expected, found),
    )


def _in_year(frame: pl.DataFrame, year: int) -> pl.DataFrame:
    return frame.filter(pl.col("day").dt.year() == year)


def _totals(
    label: str,
    calendar: pl.DataFrame,
    bars: pl.DataFrame,
    days: pl.DataFrame,
    expected: pl.DataFrame,
    jumps: pl.DataFrame,
) -> Totals:
    return Totals(
        label=label,
        sessions=calendar.height,
        symbols=bars["symbol"].n_unique(),
        bars=bars.height,
        covered=days.height / expected.height if expected.height else 0.0,
        missing=expected.height - days.height,
        zero_volume=bars.filter(pl.col("volume") == 0).height,
        jumps=jumps.height,
    )


def _symbols(
    bars: pl.DataFrame,
    instruments: pl.DataFrame,
    days: pl.DataFrame,
    expected: pl.DataFrame,
    found: dict[CheckCode, pl.DataFrame],
) -> pl.DataFrame:
    gaps = found.get(CheckCode.MISSING_SESSION, _NONE)
    value = pl.col("value") if "value" in bars.columns else pl.col("close") * pl.col("volume")
    by_day = bars.group_by("symbol", "day").agg(value.sum().alias("value"))
    tables = (
        expected.group_by("symbol").agg(pl.len().cast(pl.Int64).alias("sessions")),
        days.group_by("symbol").agg(pl.len().cast(pl.Int64).alias("days")),
        bars.group_by("symbol").agg(
            (pl.col("volume") == 0).sum().cast(pl.Int64).alias("zero_volume")
        ),
        by_day.group_by("symbol").agg(pl.col("value").median().cast(pl.Int64)),
        _counted(found.get(CheckCode.JUMP, _NONE), "jumps"),
        gaps.group_by("symbol").agg(pl.col("sessions").max().alias("longest_gap"))
        if gaps.height
        else pl.DataFrame(schema={"symbol": pl.String, "longest_gap": pl.Int64}),
    )
    whole = instruments.select("symbol", "name", "first", "last")
    for table in tables:
        whole = whole.join(table, on="symbol", how="left")
    counts = ("sessions", "days", "zero_volume", "value", "jumps", "longest_gap")
    whole = whole.with_columns(pl.col(name).fill_null(0) for name in counts)
    whole = whole.with_columns((pl.col("sessions") - pl.col("days")).alias("missing"))
    return whole.sort(pl.sum_horizontal(TROUBLE), "symbol", descending=[True, False])


def _counted(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return frame.group_by("symbol").agg(pl.len().cast(pl.Int64).alias(name))


_NONE: Final = pl.DataFrame(schema={"symbol": pl.String, "day": pl.Date, "sessions": pl.Int64})
