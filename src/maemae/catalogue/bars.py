"""
Bars as the catalogue keeps them: one frame, sorted by symbol and time.

Columns: `symbol` (text of six), `day` (Date, Korean), `time` (Datetime ns UTC, intraday
only, at the declared end of the bar), `open`, `high`, `low`, `close` [won], `volume`
[shares], and of `value` [won], `base_price` [won], `shares`, `market`, `name`, `dept` those
that the source has. Numbers are Int64.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
import polars as pl

from maemae.catalogue import parsing
from maemae.catalogue.bar_refusals import (
    refuse_bad_numbers,
    refuse_bad_symbols,
    refuse_close_together,
    refuse_disorder,
    refuse_duplicates,
    refuse_impossible_days,
    refuse_no_time,
)
from maemae.catalogue.columns import (
    ADJUSTED,
    BAR_COLUMNS,
    NUMBERS_KEPT,
    PRICES,
    TEXTS_KEPT,
    find_columns,
    time_name,
)
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.markets import market_names
from maemae.catalogue.prints import prices_of_prints, told_apart
from maemae.domain.errors import SchemaError
from maemae.domain.terms import PriceBasis

ROW: Final = "row"
"""Number of a bar in its file, from 1; only while it is being judged."""


class Bars(msgspec.Struct, frozen=True):
    """
    Bars that passed, and what was done to them.

    Attributes:
        frame: The bars; see the module.
        columns: What was kept, ours first; a changed name reads `close=종가`.
        adjusted: Symbols whose series are adjusted.
        rounded_rows: Bars of adjusted series that were rounded to whole numbers.
    """

    frame: pl.DataFrame
    columns: tuple[str, ...]
    adjusted: frozenset[str]
    rounded_rows: int


def time_key(interval: Interval) -> str:
    """Return the column that tells the bars of one symbol apart."""
    return "day" if interval.is_daily else "time"


def bars_from_frame(source: pl.DataFrame, spec: ImportSpec) -> Bars:
    """
    Return the bars of a foreign frame, or refuse it at its first fault.

    Raises:
        SchemaError: Columns, types, symbols, times or the zone are not as declared.
        BadBarsError: A value is absent, negative, not whole where it must be, a day one on which
            nothing can have traded, or bars are unsorted, duplicate, or closer together than the
            declared interval.
    """
    is_tick = spec.interval.is_tick
    mapping = prices_of_prints(spec, source.columns) if is_tick else spec.columns
    found = find_columns(source.columns, mapping, needs_symbol=spec.symbol is None)
    if spec.symbol is not None and "symbol" in found:
        raise SchemaError(
            f"파일에 종목 열({found['symbol']})이 있습니다. symbol 은 주지 마세요.",
            f"The file has a symbol column ({found['symbol']}); leave the symbol out.",
        )
    key = time_key(spec.interval)
    frame = _typed(source, found, spec)
    names = {ours: found.get(ours, ours) for ours in (*BAR_COLUMNS, *NUMBERS_KEPT, "symbol")}
    refuse_bad_symbols(frame, names)
    refuse_no_time(frame, key, found[time_name(found)])
    refuse_impossible_days(frame, found[time_name(found)])
    raw = ~pl.col(ADJUSTED)
    refuse_bad_numbers(frame, names, raw)
    frame = _in_order(frame, key, sort=spec.sort)
    if is_tick:
        frame = told_apart(frame)
    refuse_duplicates(frame, key)
    refuse_close_together(frame, spec.interval)
    adjusted = frozenset(frame.filter(ADJUSTED)["symbol"].unique().to_list())
    rounded = frame.filter(_has_fraction(frame)).height
    return Bars(_whole(frame).drop(ROW, ADJUSTED), _kept(found), adjusted, rounded)


def content_hash(frame: pl.DataFrame) -> str:
    """Return the SHA-256 of the values, whatever file format or library version holds them."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        digest.update(f"{name}:{column.null_count()};".encode())
        if column.dtype == pl.String:
            runs = column.rle().struct.unnest()
            pairs = zip(runs["len"].to_list(), runs["value"].to_list(), strict=True)
            digest.update(";".join(f"{length}*{value}" for length, value in pairs).encode())
        else:
            if column.null_count():
                digest.update(column.is_null().to_numpy().tobytes())
            digest.update(column.to_physical().cast(pl.Int64).fill_null(0).to_numpy().tobytes())
    return digest.hexdigest()


def _typed(source: pl.DataFrame, found: Mapping[str, str], spec: ImportSpec) -> pl.DataFrame:
    columns = [pl.int_range(1, source.height + 1, eager=True).alias(ROW)]
    columns.append(_symbols(source, found, spec))
    columns.extend(_times(source[found[time_name(found)]], spec))
    columns.extend(parsing.numbers(source[found[name]]).alias(name) for name in BAR_COLUMNS)
    columns.extend(
        parsing.numbers(source[found[name]]).fill_nan(None).alias(name)
        for name in NUMBERS_KEPT
        if name in found
    )
    columns.extend(
        parsing.texts(source[found[name]]).alias(name) for name in TEXTS_KEPT if name in found
    )
    if ADJUSTED in found:
        columns.append(parsing.flags(source[found[ADJUSTED]]).alias(ADJUSTED))
    frame = pl.DataFrame(columns)
    if "market" in found:
        frame = frame.with_columns(market_names(frame["market"]))
    return _with_series_basis(frame, spec.basis)


def _with_series_basis(frame: pl.DataFrame, basis: PriceBasis) -> pl.DataFrame:
    """Mark whole series as adjusted: the basis cannot change within one."""
    if ADJUSTED not in frame.columns:
        return frame.with_columns(pl.lit(basis is PriceBasis.ADJUSTED).alias(ADJUSTED))
    marked = frame.filter(ADJUSTED)["symbol"].unique()
    return frame.with_columns(pl.col("symbol").is_in(marked.implode()).alias(ADJUSTED))


def _symbols(source: pl.DataFrame, found: Mapping[str, str], spec: ImportSpec) -> pl.Series:
    if spec.symbol is not None:
        return pl.repeat(str(spec.symbol), source.height, dtype=pl.String, eager=True).alias(
            "symbol"
        )
    return parsing.texts(source[found["symbol"]]).alias("symbol")


def _times(column: pl.Series, spec: ImportSpec) -> list[pl.Series]:
    if spec.interval.is_daily:
        return [parsing.days(column).alias("day")]
    time = parsing.instants(column, spec.tz).alias("time")
    return [parsing.days(time).alias("day"), time]


def _in_order(frame: pl.DataFrame, key: str, *, sort: bool) -> pl.DataFrame:
    if sort:
        return frame.sort("symbol", key, maintain_order=True)
    if not frame["symbol"].is_sorted():
        frame = frame.sort("symbol", maintain_order=True)
    refuse_disorder(frame, key)
    return frame


def _has_fraction(frame: pl.DataFrame) -> pl.Expr:
    broken = [name for name in BAR_COLUMNS if frame[name].dtype == pl.Float64]
    return pl.any_horizontal(pl.lit(value=False), *(pl.col(n) != pl.col(n).floor() for n in broken))


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Round half up; a positive price never becomes 0, for 0 means that nothing traded."""
    halves = [n for n in frame.columns if frame[n].dtype == pl.Float64]
    rounded = frame.with_columns((pl.col(name) + 0.5).floor().cast(pl.Int64) for name in halves)
    return rounded.with_columns(
        pl.when(frame[name] > 0).then(pl.max_horizontal(pl.col(name), 1)).otherwise(0).alias(name)
        for name in PRICES
        if name in halves
    )


def _kept(found: Mapping[str, str]) -> tuple[str, ...]:
    order = ("symbol", time_name(found), *BAR_COLUMNS, *NUMBERS_KEPT, *TEXTS_KEPT, ADJUSTED)
    return tuple(
        ours if ours == found[ours] else f"{ours}={found[ours]}" for ours in order if ours in found
    )
