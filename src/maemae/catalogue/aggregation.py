"""
Longer bars of shorter ones, and of prints, by the sessions of the exchange.

A bar begins at the opening plus a multiple of its length: at 10:00 on the first session of a
year. The print of the opening auction is the first of the first bar. That of the closing auction
comes up to half a minute after the close, later after an interruption; it goes where its instant
lies, which is a bar of its own from 15:30 on if the length divides the session, and the last one
if it does not. What trades before the opening, and from ten minutes after the close on, is of
other markets and left out. Where nothing traded there is no bar.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
import polars as pl

from maemae.catalogue.columns import NUMBERS_KEPT, PRICES, TEXTS_KEPT
from maemae.catalogue.interval import BarLabel, Interval
from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import MINUTE
from maemae.krx.calendar import is_session
from maemae.krx.session import regular_close, regular_open

CLOSING_TAIL: Final = 10 * MINUTE
"""After the scheduled close, before trading at the closing price begins [ns]."""


class Aggregate(msgspec.Struct, frozen=True):
    """
    Longer bars.

    Attributes:
        frame: With `datetime` at their beginning [UTC], or `date` for whole sessions.
        left_out: Bars or prints that are not of a regular session.
    """

    frame: pl.DataFrame
    left_out: int


def aggregate(bars: pl.DataFrame, length: Interval, label: BarLabel, wanted: Interval) -> Aggregate:
    """
    Return longer bars; volume and value are conserved.

    A bar in which nothing traded does not move a price, unless nothing traded in any of them.

    Args:
        bars: Intraday bars or prints, sorted by symbol and time; see `maemae.catalogue.bars`.
        length: How long they are.
        label: Which end of them their time names.
        wanted: How long the others shall be.

    Raises:
        InvalidValueError: The one length is no multiple of the other.
        UnknownRuleError: The trading hours of a day are not known.
    """
    _require_multiple(length, wanted)
    placed = bars.join(_hours(bars["day"]), on="day", how="left", maintain_order="left")
    begin = pl.col("time").to_physical() - (length.nanos if label is BarLabel.END else 0)
    inside = placed.filter(
        begin.is_between("opens", pl.col("closes") + CLOSING_TAIL, closed="left").fill_null(
            value=False
        )
    )
    frame = inside.with_columns(_place(begin, wanted), *_value(inside))
    grouped = frame.group_by("symbol", "day", "place", maintain_order=True).agg(_figures(frame))
    return Aggregate(_labelled(grouped, wanted), bars.height - inside.height)


def _require_multiple(length: Interval, wanted: Interval) -> None:
    if length.is_daily or wanted.is_tick or wanted == length:
        fits = False
    elif wanted.is_daily or length.is_tick:
        fits = True
    else:
        fits = wanted.nanos % length.nanos == 0
    if not fits:
        raise InvalidValueError(
            f"{length} 봉으로 {wanted} 봉을 만들 수 없습니다. {length} 의 배수나 1d 를 쓰세요.",
            f"{length} bars do not make {wanted} ones. Use a multiple of {length}, or 1d.",
        )


def _hours(days: pl.Series) -> pl.DataFrame:
    """Return opening and close of each day with a session [ns]."""
    known: list[date] = [day for day in days.unique().sort().to_list() if is_session(day)]
    return pl.DataFrame(
        {
            "day": known,
            "opens": [int(regular_open(day)) for day in known],
            "closes": [int(regular_close(day)) for day in known],
        },
        schema={"day": pl.Date, "opens": pl.Int64, "closes": pl.Int64},
    )


def _place(begin: pl.Expr, wanted: Interval) -> pl.Expr:
    """Return the beginning of the longer bar in which a shorter one begins [ns]."""
    if wanted.is_daily:
        return pl.col("opens").alias("place")
    into = (begin - pl.col("opens")) // wanted.nanos
    return (pl.col("opens") + into * wanted.nanos).alias("place")


def _value(bars: pl.DataFrame) -> list[pl.Expr]:
    """Return what was paid; of prints without it, it is price times shares."""
    is_print = bars.select((pl.col("high") == pl.col("low")).all()).item()
    if "value" in bars.columns or not is_print:
        return []
    return [(pl.col("close") * pl.col("volume")).alias("value")]


def _figures(frame: pl.DataFrame) -> list[pl.Expr]:
    traded = (pl.col("volume") > 0) | (pl.col("volume").max() == 0)
    how = {
        "open": pl.col("open").filter(traded).first(),
        "high": pl.col("high").filter(traded).max(),
        "low": pl.col("low").filter(traded).min(),
        "close": pl.col("close").filter(traded).last(),
    }
    sums = [pl.col(name).sum() for name in ("volume", "value") if name in frame.columns]
    rest = [
        pl.col(name).drop_nulls().last()
        for name in (*NUMBERS_KEPT, *TEXTS_KEPT)
        if name in frame.columns and name != "value"
    ]
    return [*(how[name] for name in PRICES), *sums, *rest]


def _labelled(grouped: pl.DataFrame, wanted: Interval) -> pl.DataFrame:
    if wanted.is_daily:
        return grouped.drop("place").rename({"day": "date"})
    begin = pl.from_epoch("place", time_unit="ns").dt.replace_time_zone("UTC")
    return grouped.with_columns(begin.alias("datetime")).drop("place", "day")
