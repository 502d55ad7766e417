"""
A synthetic KRX market: a function of a seed, for demonstrations and tests.

Every price is on the tick grid of its day and inside the limits of its base price; days and
hours are those of the exchange. Companies and codes are invented, and nothing about the
prices is a claim about any real market.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np
import polars as pl

from maemae.catalogue.interval import DAY, Interval
from maemae.catalogue.synthetic_days import Days, synthetic_days
from maemae.catalogue.synthetic_paths import DayBars, bar_starts, day_bars, rules_of
from maemae.catalogue.synthetic_universe import synthetic_instruments
from maemae.domain.errors import MissingDataError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.near_match import did_you_mean
from maemae.krx.calendar import sessions
from maemae.krx.instrument import Instrument
from maemae.strategy.panel import FIELDS, Ints


class SyntheticMarket(msgspec.Struct, frozen=True):
    """
    A synthetic market, ready to be imported with basis RAW.

    Attributes:
        interval: Length of the bars.
        instruments: What is listed.
        bars: symbol, date (daily) or datetime (intraday, start of the bar, UTC), open, high,
            low, close [won], volume [shares], base_price [won], market, name; sorted by
            symbol and time. A halted day is a daily bar with zero open, high, low and
            volume, and no intraday bars.
        master: The instruments as a master file would have them.
    """

    interval: Interval
    instruments: dict[Symbol, Instrument]
    bars: pl.DataFrame
    master: pl.DataFrame


def synthetic_market(
    seed: int,
    *,
    first: date,
    last: date,
    interval: Interval = DAY,
    symbols: Sequence[Symbol] | None = None,
) -> SyntheticMarket:
    """
    Return the synthetic market of a seed.

    The same seed and days give the same open, close and volume of each day whatever interval
    and symbols are asked for; the way between, and so high and low, differs by interval.

    Args:
        seed: Any whole number from 0.
        first: First day.
        last: Last day.
        interval: Length of the bars.
        symbols: Instruments to return; None for all 43.

    Raises:
        MissingDataError: There is no session from `first` to `last`.
        UnknownSymbolError: The market has no such symbol.
        UnknownRuleError: The calendar or the tick tables do not know the days.
    """
    listed = synthetic_instruments()
    chosen = _chosen(listed, symbols)
    days = sessions(first, last)
    if not days:
        raise MissingDataError(
            f"{first} ~ {last} 에는 거래일이 없습니다. 기간을 넓히세요.",
            f"There is no session from {first} to {last}. Choose a wider range.",
        )
    rows = [row for row, item in enumerate(listed) if item.symbol in chosen]
    bars = _frame(listed, rows, _simulate(seed, listed, days, interval), days, interval)
    kept = {listed[row].symbol: listed[row] for row in rows}
    return SyntheticMarket(interval, kept, bars, _master(list(kept.values())))


def _chosen(listed: tuple[Instrument, ...], symbols: Sequence[Symbol] | None) -> frozenset[Symbol]:
    names = {str(item.symbol): item.name for item in listed}
    if symbols is None:
        return frozenset(item.symbol for item in listed)
    for symbol in symbols:
        if symbol not in names:
            near = did_you_mean(symbol, names)
            raise UnknownSymbolError(
                f"합성 시장에 {symbol} 종목은 없습니다.{near.ko} 종목코드를 확인하세요.",
                f"The synthetic market has no {symbol}.{near.en} Check the code.",
            )
    return frozenset(symbols)


def _simulate(
    seed: int, listed: tuple[Instrument, ...], days: list[date], interval: Interval
) -> list[tuple[Ints, DayBars]]:
    """Return the base prices [won, shape (S,)] and the bars of each day."""
    wishes_seed, paths_seed = np.random.SeedSequence(seed).spawn(2)
    wishes = synthetic_days(np.random.default_rng(wishes_seed), listed, len(days))
    rng = np.random.default_rng(paths_seed)
    base = rules_of(listed, wishes.start.astype(np.int64), days[0]).nearest(wishes.start[:, None])
    base = base[:, 0]
    simulated = []
    for number, day in enumerate(days):
        bars = _one_day(rng, wishes, number, base, listed, (day, interval))
        simulated.append((base, bars))
        base = bars.close[:, -1]
    return simulated


def _one_day(
    rng: np.random.Generator,
    wishes: Days,
    number: int,
    base: Ints,
    listed: tuple[Instrument, ...],
    when: tuple[date, Interval],
) -> DayBars:
    day, interval = when
    rules = rules_of(listed, base, day)
    ends = rules.nearest(np.stack([wishes.opening[number], wishes.closing[number]], axis=1))
    bars = day_bars(
        rng,
        (ends[:, 0], ends[:, 1]),
        wishes.noise,
        wishes.volume[number],
        rules,
        bar_starts(day, interval),
    )
    halted = wishes.halted[number]
    for prices in (bars.open, bars.high, bars.low):
        prices[halted] = 0
    bars.close[halted] = base[halted, None]
    return bars


def _frame(
    listed: tuple[Instrument, ...],
    rows: list[int],
    simulated: list[tuple[Ints, DayBars]],
    days: list[date],
    interval: Interval,
) -> pl.DataFrame:
    """Return the chosen instruments' bars, symbol by symbol."""
    lengths = [len(bars.starts) for _, bars in simulated]
    total = sum(lengths)

    def column(parts: list[Ints]) -> Ints:
        return np.concatenate(parts, axis=1)[rows].ravel()

    values = {name: column([getattr(bars, name) for _, bars in simulated]) for name in FIELDS}
    values["base_price"] = column(
        [np.repeat(base[:, None], len(bars.starts), axis=1) for base, bars in simulated]
    )
    starts = np.tile(np.concatenate([bars.starts for _, bars in simulated]), len(rows))
    chosen = [listed[row] for row in rows]
    frame = pl.DataFrame(values).with_columns(
        _repeated([item.symbol for item in chosen], total).alias("symbol"),
        _repeated([item.market.value for item in chosen], total).alias("market"),
        _repeated([item.name for item in chosen], total).alias("name"),
        _times(starts, days * len(rows), interval),
    )
    order = ("symbol", "date" if interval.is_daily else "datetime", *FIELDS)
    frame = frame.select(*order, "base_price", "market", "name")
    return frame if interval.is_daily else frame.filter(pl.col("volume") > 0)


def _times(starts: Ints, days: list[date], interval: Interval) -> pl.Series:
    if interval.is_daily:
        return pl.Series("date", days, pl.Date)
    return pl.Series("datetime", starts).cast(pl.Datetime("ns", "UTC"))


def _repeated(texts: Sequence[str], times: int) -> pl.Series:
    return pl.Series(texts, dtype=pl.String).gather(np.repeat(np.arange(len(texts)), times))


def _master(instruments: list[Instrument]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "symbol": [item.symbol for item in instruments],
            "name": [item.name for item in instruments],
            "market": [item.market.value for item in instruments],
            "product": [item.product.value for item in instruments],
            "shares": [item.listed_shares for item in instruments],
            "leverage": [item.leverage for item in instruments],
        }
    )
