"""Price limits: every official vector to the won, and the rules outside the sample."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.band import NO_BAND, PriceBand, listing_day_band, price_band
from maemae.krx.instrument import Instrument
from tests.shared_data import shared


def an_instrument(
    market: Market = Market.KOSPI,
    product: Product = Product.STOCK,
    leverage: int = 1,
    symbol: str = "005930",
) -> Instrument:
    return Instrument(Symbol(symbol), "", market, product, leverage=leverage)


def test_band_reproduces_every_official_vector() -> None:
    """No row is an exception: all 1,120 match to the won."""
    with shared("price_limit_vectors.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))

    wrong = [
        (row["date"], row["symbol"], band)
        for row in rows
        if (band := price_band(
            int(row["base_price"]),
            an_instrument(Market(row["mk"]), symbol=row["symbol"]),
            date.fromisoformat(row["date"]),
        )) != PriceBand(int(row["lower"]), int(row["upper"]))
    ]  # fmt: skip

    assert len(rows) == 1_120
    assert wrong == []


@pytest.mark.parametrize(
    ("day", "market", "base", "upper", "lower"),
    [
        ("2026-09-18", Market.KOSPI, 252_500, 328_000, 177_000),
        ("2026-01-26", Market.KOSDAQ, 539_000, 700_000, 378_000),
        ("2026-01-14", Market.KOSPI, 250_500, 325_500, 175_500),
        ("2026-01-02", Market.KOSDAQ, 68_600, 89_100, 48_100),
        ("2026-01-02", Market.KOSDAQ, 1_618, 2_100, 1_133),
        ("2026-01-02", Market.KOSPI, 1_698, 2_205, 1_189),
        ("2024-01-03", Market.KOSDAQ, 6_070, 7_890, 4_250),
        ("2024-01-12", Market.KOSPI, 6_820, 8_860, 4_780),
        ("2023-02-13", Market.KOSDAQ, 1_315, 1_709, 921),
        ("2023-01-04", Market.KOSPI, 109_500, 142_000, 77_000),
        ("2021-01-28", Market.KOSPI, 115_500, 150_000, 81_000),
        ("2021-01-25", Market.KOSDAQ, 285_800, 371_500, 200_100),
        ("2021-01-04", Market.KOSDAQ, 9_480, 12_300, 6_640),
    ],
)
def test_band_of_known_days(day: str, market: Market, base: int, upper: int, lower: int) -> None:
    band = price_band(base, an_instrument(market), date.fromisoformat(day))

    assert band == PriceBand(lower, upper)


@pytest.mark.parametrize(
    ("market", "day", "expected"),
    [
        (Market.KOSPI, date(2015, 6, 12), PriceBand(8_500, 11_500)),
        (Market.KOSPI, date(2015, 6, 15), PriceBand(7_000, 13_000)),
        (Market.KOSDAQ, date(2015, 6, 12), PriceBand(8_500, 11_500)),
        (Market.KOSDAQ, date(2015, 6, 15), PriceBand(7_000, 13_000)),
        (Market.KONEX, date(2015, 6, 15), PriceBand(8_500, 11_500)),
        (Market.KONEX, date(2026, 1, 2), PriceBand(8_500, 11_500)),
    ],
)
def test_band_doubles_on_2015_06_15_except_on_konex(
    market: Market, day: date, expected: PriceBand
) -> None:
    assert price_band(10_000, an_instrument(market), day) == expected


@pytest.mark.parametrize(
    ("leverage", "day", "expected"),
    [
        (1, date(2026, 1, 2), PriceBand(7_000, 13_000)),
        (-1, date(2026, 1, 2), PriceBand(7_000, 13_000)),
        (2, date(2026, 1, 2), PriceBand(4_000, 16_000)),
        (-2, date(2026, 1, 2), PriceBand(4_000, 16_000)),
        (3, date(2026, 1, 2), PriceBand(1_000, 19_000)),
        (4, date(2026, 1, 2), PriceBand(1, 22_000)),
        (2, date(2015, 6, 12), PriceBand(7_000, 13_000)),
    ],
)
def test_band_of_funds_is_multiplied(leverage: int, day: date, expected: PriceBand) -> None:
    fund = an_instrument(product=Product.ETF, leverage=leverage)

    assert price_band(10_000, fund, day) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [(1, PriceBand(1, 2)), (2, PriceBand(1, 3)), (3, PriceBand(2, 4)), (7, PriceBand(5, 9))],
)
def test_band_when_price_is_tiny_leaves_at_least_a_tick(base: int, expected: PriceBand) -> None:
    assert price_band(base, an_instrument(), date(2026, 1, 2)) == expected


def test_band_when_base_is_off_the_grid_still_names_valid_prices() -> None:
    # 357780 on the day the ticks changed.
    band = price_band(224_900, an_instrument(), date(2023, 1, 25))

    assert band == PriceBand(157_900, 291_500)


@pytest.mark.parametrize(
    ("offer", "day", "market", "expected"),
    [
        (5_300, date(2024, 1, 24), Market.KOSDAQ, PriceBand(3_180, 21_200)),
        (13_000, date(2026, 1, 2), Market.KOSPI, PriceBand(7_800, 52_000)),
        (13_000, date(2023, 6, 26), Market.KOSDAQ, PriceBand(7_800, 52_000)),
        (13_000, date(2023, 6, 23), Market.KOSDAQ, PriceBand(11_700, 26_000)),
    ],
)
def test_listing_day_band(offer: int, day: date, market: Market, expected: PriceBand) -> None:
    assert listing_day_band(offer, an_instrument(market), day) == expected


def test_listing_day_of_a_fund_has_the_ordinary_band() -> None:
    fund, day = an_instrument(product=Product.ETF), date(2026, 1, 2)

    assert listing_day_band(10_000, fund, day) == price_band(10_000, fund, day)


def test_listing_day_on_konex_is_unknown() -> None:
    with pytest.raises(UnknownRuleError, match="KONEX"):
        listing_day_band(10_000, an_instrument(Market.KONEX), date(2026, 1, 2))


def test_no_band_holds_every_price() -> None:
    assert 1 in NO_BAND
    assert 10**9 in NO_BAND


@pytest.mark.parametrize("price", [0, -1])
def test_band_when_base_is_not_positive_raises(price: int) -> None:
    with pytest.raises(InvalidValueError):
        price_band(price, an_instrument(), date(2026, 1, 2))
    with pytest.raises(InvalidValueError):
        listing_day_band(price, an_instrument(), date(2026, 1, 2))


def test_band_when_day_precedes_every_rule_raises() -> None:
    with pytest.raises(UnknownRuleError):
        price_band(10_000, an_instrument(), date(2009, 1, 2))


# Delisting week (정리매매) knows no limit.
DELISTING = {
    "007630", "036260", "050540", "064510", "114120", "114570", "141020", "221610", "241510",
}  # fmt: skip

# First day on the exchange: the official base is the offer price.
NEWLY_LISTED = {
    "105760", "415380", "440290", "452400", "457550", "460930", "469480", "471050", "472220",
}  # fmt: skip


@pytest.mark.thorough
def test_official_rows_trade_inside_the_band_except_delisting_weeks_and_listing_days() -> None:
    path = shared("daily_marcap_krx_official_2021_2024_janfeb.parquet")
    rows = pl.read_parquet(path).filter((pl.col("volume") > 0) & (pl.col("high") > 0))
    rows = rows.select(
        "symbol",
        pl.col("market").str.split(" ").list.first(),
        pl.col("datetime").dt.date(),
        "base_price",
        "low",
        "high",
    )
    listed = {market: an_instrument(market) for market in Market}

    outside = [
        (symbol, listing_day_band(base, listed[Market(market)], day), low, high)
        for symbol, market, day, base, low, high in rows.iter_rows()
        if low not in (band := price_band(base, listed[Market(market)], day)) or high not in band
        if symbol not in DELISTING
    ]

    assert {symbol for symbol, *_ in outside} == NEWLY_LISTED
    assert all(low in band and high in band for _, band, low, high in outside)
