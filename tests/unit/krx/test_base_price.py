"""Base prices: from the close, and from corporate actions that really happened."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.base_price import (
    ex_distribution_base,
    ex_rights_base,
    next_base_price,
    split_base,
)
from maemae.krx.calendar import next_session
from maemae.krx.instrument import Instrument
from maemae.krx.tick import tick_table
from tests.shared_data import shared

KOSPI = Instrument(Symbol("005930"), "", Market.KOSPI, Product.STOCK)
KOSDAQ = Instrument(Symbol("268600"), "", Market.KOSDAQ, Product.STOCK)
ETF = Instrument(Symbol("069500"), "", Market.KOSPI, Product.ETF)


@pytest.mark.parametrize(
    ("close", "day", "base"),
    [
        (257_750, date(2025, 3, 5), 258_000),
        (258_000, date(2025, 3, 5), 258_000),
        (224_900, date(2023, 1, 25), 224_900),
        (4_997, date(2026, 9, 15), 5_000),
    ],
)
def test_base_follows_the_close_and_is_rounded_up_since_2025_03_04(
    close: int, day: date, base: int
) -> None:
    assert next_base_price(250_000, close, KOSPI, day) == base


def test_base_when_nothing_traded_is_kept() -> None:
    assert next_base_price(70_100, None, KOSPI, date(2026, 1, 5)) == 70_100


@pytest.mark.parametrize(
    ("symbol", "instrument", "day", "close", "before", "after", "base"),
    [
        ("003560", KOSPI, date(2024, 1, 4), 3_585, 3, 1, 10_760),
        ("007460", KOSPI, date(2023, 1, 19), 572, 3, 1, 1_720),
        ("072520", KOSDAQ, date(2022, 1, 20), 823, 5, 1, 4_115),
        ("089230", KOSDAQ, date(2024, 2, 13), 215, 10, 1, 2_150),
        ("106080", KOSDAQ, date(2022, 1, 11), 3_110, 2, 1, 6_220),
        ("138360", KOSDAQ, date(2023, 1, 27), 4_480, 1, 2, 2_240),
        ("a split leaving fractions", KOSPI, date(2026, 1, 5), 10_010, 1, 3, 3_340),
    ],
)
def test_split_base_of_real_days(
    symbol: str, instrument: Instrument, day: date, close: int, before: int, after: int, base: int
) -> None:
    assert split_base(close, before, after, instrument, day) == base, symbol


@pytest.mark.parametrize(
    ("symbol", "day", "close", "held", "issued", "paid", "base"),
    [
        ("268600", date(2021, 2, 1), 288_100, 1, 1, 0, 144_100),  # 144,050 raised to tick 100
        ("058970", date(2022, 1, 17), 41_700, 1, 1, 0, 20_850),
        ("086960", date(2023, 1, 9), 7_080, 1, 3, 0, 1_770),
        ("079370", date(2024, 1, 16), 52_800, 1, 2, 0, 17_600),
        ("a rights issue", date(2026, 1, 5), 10_000, 10, 3, 7_000, 9_310),
        ("an issue above the market", date(2026, 1, 5), 10_000, 10, 3, 10_000, 10_000),
    ],
)
def test_ex_rights_base_of_real_days(
    symbol: str, day: date, close: int, held: int, issued: int, paid: int, base: int
) -> None:
    assert ex_rights_base(close, held, issued, paid, KOSDAQ, day) == base, symbol


def test_distribution_lowers_the_base_of_a_fund() -> None:
    assert ex_distribution_base(35_000, 123, ETF, date(2026, 1, 29)) == 34_880


def test_cash_dividend_does_not_move_the_base_of_a_share() -> None:
    with pytest.raises(InvalidValueError, match="cash dividend"):
        ex_distribution_base(70_000, 361, KOSPI, date(2026, 1, 29))


@pytest.mark.parametrize("bad", [0, -1])
def test_base_price_when_a_figure_is_not_positive_raises(bad: int) -> None:
    day = date(2026, 1, 5)
    with pytest.raises(InvalidValueError):
        next_base_price(1_000, bad, KOSPI, day)
    with pytest.raises(InvalidValueError):
        split_base(1_000, bad, 1, KOSPI, day)
    with pytest.raises(InvalidValueError):
        ex_rights_base(1_000, bad, 1, 0, KOSPI, day)
    with pytest.raises(InvalidValueError):
        ex_rights_base(1_000, 1, -1, 0, KOSPI, day)
    with pytest.raises(InvalidValueError):
        ex_distribution_base(100, 100, ETF, day)


# Official bases that differ from the close of the session before: ex-rights and splits of
# traded shares, and relistings, capital reductions and revaluations of halted ones.
CORPORATE_ACTION_DAYS_TRADED = 48
CORPORATE_ACTION_DAYS_HALTED = 30


@pytest.mark.thorough
def test_official_base_is_the_close_except_on_days_of_corporate_actions() -> None:
    path = shared("daily_marcap_krx_official_2021_2024_janfeb.parquet")
    rows = pl.read_parquet(path).with_columns(
        day=pl.col("datetime").dt.date(), market=pl.col("market").str.split(" ").list.first()
    )
    pairs = rows.sort("symbol", "day").select(
        "symbol", "market", "day", "base_price",
        pl.col("day", "close", "volume").shift().over("symbol").name.prefix("last_"),
    ).drop_nulls()  # fmt: skip
    sessions = {day: next_session(day) for day in pairs["last_day"].unique()}

    differing = {True: 0, False: 0}
    for symbol, market, day, base, last_day, close, volume in pairs.iter_rows():
        if sessions[last_day] != day:
            continue
        listed = Instrument(Symbol(symbol), "", Market(market), Product.STOCK)
        traded = close if volume else None
        differing[volume > 0] += next_base_price(close, traded, listed, day) != base

    assert differing == {
        True: CORPORATE_ACTION_DAYS_TRADED,
        False: CORPORATE_ACTION_DAYS_HALTED,
    }


@pytest.mark.thorough
def test_official_bases_are_on_the_grid_except_on_the_day_it_changed() -> None:
    path = shared("daily_marcap_krx_official_2021_2024_janfeb.parquet")
    rows = pl.read_parquet(path).select(
        pl.col("market").str.split(" ").list.first(),
        pl.col("datetime").dt.date().alias("day"),
        "base_price",
    )

    off_grid = {
        day
        for market, day, base in rows.unique().iter_rows()
        if base and not tick_table(Market(market), Product.STOCK, day).is_on_grid(base)
    }

    assert off_grid == {date(2023, 1, 25)}
