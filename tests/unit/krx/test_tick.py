"""Orders name valid prices only: the tables of each day, rounding, and steps over edges."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.terms import Market, Product
from maemae.krx.tick import TickTable, tick_table
from tests.shared_data import shared

NEW = date(2023, 1, 25)
OLD = date(2023, 1, 24)
FUND_SPLIT = date(2023, 12, 11)
MID_PRICE_ORDERS = date(2025, 3, 4)


def stock(day: date, market: Market = Market.KOSPI) -> TickTable:
    return tick_table(market, Product.STOCK, day)


@pytest.mark.parametrize("market", list(Market))
@pytest.mark.parametrize(
    ("price", "tick"),
    [
        (1, 1), (1_999, 1), (2_000, 5), (4_995, 5), (5_000, 10), (19_990, 10), (20_000, 50),
        (49_950, 50), (50_000, 100), (199_900, 100), (200_000, 500), (499_500, 500),
        (500_000, 1_000), (3_000_000, 1_000),
    ],
)  # fmt: skip
def test_tick_since_2023_is_the_same_on_every_board(market: Market, price: int, tick: int) -> None:
    assert stock(NEW, market).tick(price) == tick


@pytest.mark.parametrize(
    ("price", "kospi", "kosdaq"),
    [
        (999, 1, 1), (1_000, 5, 5), (4_995, 5, 5), (5_000, 10, 10), (9_990, 10, 10),
        (10_000, 50, 50), (49_950, 50, 50), (50_000, 100, 100), (99_900, 100, 100),
        (100_000, 500, 100), (499_500, 500, 100), (500_000, 1_000, 100),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", [date(2010, 10, 4), date(2015, 6, 15), OLD])
def test_tick_before_2023_is_capped_at_100_won_off_kospi(
    day: date, price: int, kospi: int, kosdaq: int
) -> None:
    assert stock(day).tick(price) == kospi
    assert stock(day, Market.KOSDAQ).tick(price) == kosdaq
    assert stock(day, Market.KONEX).tick(price) == kosdaq


@pytest.mark.parametrize("product", [Product.ETF, Product.ETN])
def test_tick_of_funds_is_5_until_2023_12_10_and_then_1_below_2000(product: Product) -> None:
    before = tick_table(Market.KOSPI, product, date(2023, 12, 10))
    after = tick_table(Market.KOSPI, product, FUND_SPLIT)

    assert [before.tick(price) for price in (5, 1_995, 2_000, 500_000)] == [5, 5, 5, 5]
    assert [after.tick(price) for price in (1, 1_999, 2_000, 500_000)] == [1, 1, 5, 5]
    assert (before.lowest, after.lowest) == (5, 1)


def test_tick_table_when_day_precedes_every_rule_raises() -> None:
    with pytest.raises(UnknownRuleError, match="2010-10-04"):
        stock(date(2010, 10, 3))


def test_tick_table_when_the_rule_is_the_same_is_the_same_object() -> None:
    assert stock(date(2024, 1, 2)) is stock(date(2026, 9, 14), Market.KOSDAQ)


@pytest.mark.parametrize(
    ("price", "floor", "ceil"),
    [
        (1_999, 1_999, 1_999),
        (2_003, 2_000, 2_005),
        (4_997, 4_995, 5_000),
        (257_750, 257_500, 258_000),
    ],
)
def test_rounding_stops_at_the_neighbors(price: int, floor: int, ceil: int) -> None:
    assert stock(NEW).floor(price) == floor
    assert stock(NEW).ceil(price) == ceil


@pytest.mark.parametrize(
    ("start", "ticks", "end"),
    [
        (1_999, 1, 2_000), (2_000, -1, 1_999), (1_998, 4, 2_010), (4_995, 2, 5_010),
        (199_900, 2, 200_500), (500_000, -1, 499_500), (70_000, 0, 70_000),
        (257_750, 1, 258_000), (257_750, -1, 257_500), (1, 2_000, 2_005),
    ],
)  # fmt: skip
def test_step_crosses_the_edges(start: int, ticks: int, end: int) -> None:
    assert stock(NEW).step(start, ticks) == end


def test_step_when_it_leads_below_the_lowest_price_raises() -> None:
    with pytest.raises(InvalidValueError, match="no valid price"):
        stock(NEW).step(3, -3)


@pytest.mark.parametrize("price", [0, -5, -(10**12)])
def test_table_when_price_is_not_positive_refuses_it(price: int) -> None:
    table = stock(NEW)

    assert not table.is_on_grid(price)
    for ask in (table.tick, table.floor, table.ceil):
        with pytest.raises(InvalidValueError):
            ask(price)


def off_grid(rows: pl.DataFrame, product: Product) -> pl.DataFrame:
    """Return the traded prices between ticks; needs market, day and volume columns."""
    prices = (
        rows.filter(pl.col("volume") > 0)
        .unpivot(["open", "high", "low", "close"], index=["market", "day"], value_name="price")
        .select("market", "day", "price")
        .unique()
    )
    found = [
        (market, day, price)
        for market, day, price in prices.iter_rows()
        if not tick_table(Market(market), product, day).is_on_grid(price)
    ]
    return pl.DataFrame(found, schema=prices.schema, orient="row")


@pytest.mark.thorough
def test_official_stock_rows_hold_no_traded_price_off_the_grid() -> None:
    path = shared("daily_marcap_krx_official_2021_2024_janfeb.parquet")
    rows = pl.read_parquet(path).with_columns(
        day=pl.col("datetime").dt.date(), market=pl.col("market").str.split(" ").list.first()
    )

    # 141070 on 2021-02-01 and 215090 on 2022-02-09 traded outside the regular session only:
    # volume, but no open, high or low.
    no_regular_trade = rows.filter((pl.col("volume") > 0) & (pl.col("high") == 0))
    assert sorted(no_regular_trade["symbol"]) == ["141070", "215090"]
    assert off_grid(rows.filter(pl.col("high") > 0), Product.STOCK).is_empty()


@pytest.mark.thorough
def test_unadjusted_etf_rows_are_off_the_grid_only_since_mid_price_orders() -> None:
    # Five funds are adjusted for distributions and say so; their prices never traded.
    path = shared("daily_krx_hyungsoo_etf_2020_2025.parquet")
    rows = pl.read_parquet(path).filter(~pl.col("adjusted"))
    rows = rows.with_columns(day=pl.col("datetime").dt.date(), market=pl.lit("KOSPI"))

    found = off_grid(rows, Product.ETF)

    assert found["day"].min() == MID_PRICE_ORDERS
