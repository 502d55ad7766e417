"""
What could be chosen among on a day, by what was known then: names that are gone included.

A filter looks at bars up to the day and no further, and at designations that were known by then.
With daily bars a strategy decides after the close, so that day's bar counts; within a day the last
one that counts is the session's before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import polars as pl

from maemae.catalogue.designations import KOREAN, Designation
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market
from maemae.krx.calendar import is_session
from maemae.krx.session import regular_close
from maemae.strategy.panel import Flags, Ints

VALUE_SESSIONS: Final = 20
"""Sessions over which traded value is averaged."""


class UniverseSpec(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an instrument must be; what is None is not asked for.

    Attributes:
        text: As a person wrote it.
        markets: Boards.
        cap: Close times listed shares, at least [won].
        value: Traded a day, mean of `VALUE_SESSIONS`, at least [won].
        price: Close, at least [won].
        age: Bars so far, at least.
        top: That many of the largest, by capitalisation, or traded value where it is not known.
        without: Marks that it must not bear.
        condition: Recorded condition search that it must fulfil, as was known at the moment.
    """

    text: str
    markets: frozenset[Market] | None = None
    cap: int | None = None
    value: int | None = None
    price: int | None = None
    age: int | None = None
    top: int | None = None
    without: frozenset[Designation] = frozenset()
    condition: str | None = None


def members(
    spec: UniverseSpec,
    bars: pl.DataFrame,
    instruments: pl.DataFrame,
    designations: pl.DataFrame | None,
) -> pl.DataFrame:
    """
    Return who belongs on which day: symbol, day, and since when that is known [ns, UTC].

    Args:
        spec: What they must be.
        bars: Bars sorted by symbol and time, from before the first day that matters.
        instruments: Their master; its board counts where the bars have none.
        designations: See `maemae.catalogue.designations`.

    Raises:
        MissingDataError: The data does not say what is asked for.
    """
    _require_columns(spec, bars, designations)
    days = _by_day(bars, instruments)
    fits = _fits(spec)
    chosen = days.filter(pl.all_horizontal(fits)) if fits else days
    chosen = _undesignated(spec, chosen, designations)
    if spec.top is not None:
        size = "cap" if "cap" in days.columns else "mean_value"
        order = chosen.sort("day", size, "symbol", descending=[False, True, False])
        chosen = order.group_by("day", maintain_order=True).head(spec.top)
    return chosen.select("symbol", "day")


def mask_of(found: pl.DataFrame, symbols: Sequence[Symbol], days: Ints, *, is_daily: bool) -> Flags:
    """
    Return who belongs at which time of a panel [shape (S, T)].

    Args:
        found: See `members`.
        symbols: Rows of the panel.
        days: Korean day of each time, counted from 1970 [shape (T,)].
        is_daily: Whether the bar of a day is complete when it is decided upon.
    """
    dates = found["day"].to_physical().cast(pl.Int64).to_numpy()
    known = np.unique(np.concatenate((dates, days)))
    table = np.zeros((len(symbols), len(known) + 1), np.bool_)
    rows = {symbol: row for row, symbol in enumerate(symbols)}
    owners = np.array([rows.get(Symbol(one), -1) for one in found["symbol"].to_list()], np.int64)
    there = owners >= 0
    table[owners[there], np.searchsorted(known, dates[there]) + 1] = True
    return table[:, np.searchsorted(known, days) + (1 if is_daily else 0)]


def _require_columns(
    spec: UniverseSpec, bars: pl.DataFrame, designations: pl.DataFrame | None
) -> None:
    if spec.cap is not None and "shares" not in bars.columns:
        raise MissingDataError(
            "이 데이터에는 날마다의 상장주식수(shares 열)가 없어 시가총액을 모릅니다. cap 대신 "
            "value>=10억 처럼 거래대금을 쓰세요.",
            "The data has no listed shares of each day (column shares), so no capitalisation. Use "
            "traded value, such as value>=1000000000, instead of cap.",
        )
    told = {Designation.HALTED} | (_OF_DEPT.keys() if "dept" in bars.columns else set())
    if designations is not None:
        told = set(Designation)
    unknown = sorted(spec.without - told)
    if unknown:
        words = ", ".join(word for word, designation in KOREAN.items() if designation in unknown)
        raise MissingDataError(
            f"이 데이터는 {words} 지정을 모릅니다. `maemae data designations` 로 지정 기록을 "
            "넣으세요.",
            f"The data does not tell of {', '.join(unknown).lower()}. Bring designations in with "
            "`maemae data designations`.",
        )


def _by_day(bars: pl.DataFrame, instruments: pl.DataFrame) -> pl.DataFrame:
    """Return one row a symbol and day, with everything that a filter looks at."""
    value = pl.col("value") if "value" in bars.columns else pl.col("close") * pl.col("volume")
    last = [pl.col(name).last() for name in ("shares", "market", "dept") if name in bars.columns]
    days = bars.group_by("symbol", "day", maintain_order=True).agg(
        pl.col("close").last(),
        pl.col("volume").sum(),
        value.sum().alias("value"),
        *last,
    )
    if "market" not in days.columns:
        days = days.join(instruments.select("symbol", "market"), on="symbol", how="left")
    days = days.with_columns(
        pl.int_range(1, pl.len() + 1).over("symbol").alias("age"),
        pl.col("value")
        .rolling_mean(VALUE_SESSIONS, min_samples=1)
        .over("symbol")
        .alias("mean_value"),
        (pl.col("volume") == 0).alias(Designation.HALTED.value),
    )
    if "shares" in days.columns:
        days = days.with_columns((pl.col("close") * pl.col("shares")).alias("cap"))
    return days.with_columns(
        pl.col("dept").fill_null("").str.starts_with(word).alias(designation.value)
        for designation, word in _OF_DEPT.items()
        if "dept" in days.columns
    )


def _fits(spec: UniverseSpec) -> list[pl.Expr]:
    least = {"cap": spec.cap, "mean_value": spec.value, "close": spec.price, "age": spec.age}
    fits = [pl.col(name) >= limit for name, limit in least.items() if limit is not None]
    if spec.markets is not None:
        fits.append(pl.col("market").is_in([market.value for market in spec.markets]))
    return fits


def _undesignated(
    spec: UniverseSpec, days: pl.DataFrame, designations: pl.DataFrame | None
) -> pl.DataFrame:
    """Leave out what was designated on the day, as far as that was known at its end."""
    for designation in spec.without:
        if designation.value in days.columns:
            days = days.filter(~pl.col(designation.value))
    if designations is None or not spec.without:
        return days
    told = designations.filter(
        pl.col("kind").is_in([designation.value for designation in spec.without])
    )
    found = (
        days.select("symbol", "day")
        .join(told, on="symbol")
        .join(_closes(days["day"]), on="day")
        .filter(
            pl.col("day").is_between("since", "until")
            & (pl.col("known_at").dt.epoch("ns") <= pl.col("closes"))
        )
    )
    return days.join(found.select("symbol", "day"), on=["symbol", "day"], how="anti")


def _closes(days: pl.Series) -> pl.DataFrame:
    """Return when each day of a session is over [ns]."""
    known = [day for day in days.unique().sort().to_list() if is_session(day)]
    closes = [int(regular_close(day)) for day in known]
    return pl.DataFrame({"day": known, "closes": closes}, {"day": pl.Date, "closes": pl.Int64})


_OF_DEPT: Final = {Designation.MANAGED: "관리종목", Designation.ATTENTION: "투자주의환기"}
"""Marks that the official files tell by the segment (소속부) of a KOSDAQ company."""
