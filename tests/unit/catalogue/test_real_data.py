"""Real data comes in unchanged, and the checks find what is known to be wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import DAY, Interval
from maemae.catalogue.manifest import Manifest
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from tests.shared_data import shared

pytestmark = pytest.mark.thorough

INVEST = "daily_invest_kr_2023_2025"
ARCLIEN = "daily_arclien_adj_2015_2022"
OFFICIAL = "daily_marcap_krx_official_2021_2024_janfeb"
FUNDS = "daily_krx_hyungsoo_etf_2020_2025"
MINUTES = "bars5m_greatbps_yahoo_2025_2026"

DECLARED = {
    INVEST: (PriceBasis.ADJUSTED, DAY, Product.STOCK),
    ARCLIEN: (PriceBasis.ADJUSTED, DAY, Product.STOCK),
    OFFICIAL: (PriceBasis.RAW, DAY, Product.STOCK),
    FUNDS: (PriceBasis.RAW, DAY, Product.ETF),
    MINUTES: (PriceBasis.RAW, Interval(5), Product.STOCK),
}


def imported(name: str, catalogue: Catalogue) -> Manifest:
    basis, interval, product = DECLARED[name]
    spec = ImportSpec(dataset=name, basis=basis, interval=interval, product=product)
    return catalogue.import_file(shared(f"{name}.parquet"), spec)


@pytest.mark.parametrize(
    ("name", "rows", "symbols", "times"),
    [
        (INVEST, 986_298, 2_761, 370),
        (ARCLIEN, 240_491, 147, 1_898),
        (OFFICIAL, 322_525, 2_935, 123),
        (FUNDS, 454_716, 695, 1_463),  # the five adjusted funds alone have the nine days before
        (MINUTES, 9_223, 11, 4_687),
    ],
)
def test_file_comes_in_whole(
    tmp_path: Path, name: str, rows: int, symbols: int, times: int
) -> None:
    catalogue = Catalogue(tmp_path)

    manifest = imported(name, catalogue)
    panel = catalogue.panel(name)

    source = pl.read_parquet(shared(f"{name}.parquet"))
    assert (manifest.rows, manifest.symbols) == (rows, symbols)
    assert (len(panel.symbols), len(panel)) == (symbols - manifest.other_basis_symbols, times)
    if manifest.other_basis_symbols == 0:
        assert int(panel.volume.sum()) == source["volume"].sum()
        assert int(panel.close.sum()) == int(source["close"].cast(pl.Int64).sum())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (INVEST, {"OHLC": 85, "JUMP": 29, "ZERO_VOLUME": 30_495, "MISSING_SESSION": 0}),
        # 13 more bars hold a close outside their range, but nothing traded in them.
        (ARCLIEN, {"OHLC": 1_602, "JUMP": 12}),
        # Each year's file ends in February, so most jumps and gaps lie between the years.
        (OFFICIAL, {"OHLC": 0, "OFF_TICK": 0, "ZERO_VOLUME": 9_380, "ZERO_PRICE": 9_382}),
        (FUNDS, {"OHLC": 146, "JUMP": 0, "OFF_TICK": 0, "ZERO_VOLUME": 4_493}),
        (MINUTES, {"OHLC": 0, "OFF_TICK": 0, "ZERO_VOLUME": 36}),
    ],
)
def test_checks_find_what_is_known_to_be_wrong(
    tmp_path: Path, name: str, known: dict[str, int]
) -> None:
    findings = imported(name, Catalogue(tmp_path)).findings

    assert {code: findings[code] for code in known} == known
    assert findings["NO_SESSION"] == 0


def test_violations_of_the_funds_are_all_in_adjusted_series(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    imported(FUNDS, catalogue)

    (ohlc,) = (found for found in catalogue.check(FUNDS) if found.check.code == "OHLC")

    assert set(ohlc.frame["symbol"]) <= {"069500", "091160", "102110", "229200", "305720"}
    assert catalogue.panel(FUNDS, [Symbol("069500")]).basis is PriceBasis.ADJUSTED


def test_official_days_outside_the_band_are_those_without_an_ordinary_one(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    imported(OFFICIAL, catalogue)

    (outside,) = (f for f in catalogue.check(OFFICIAL) if f.check.code == "OUTSIDE_BAND")

    source = pl.read_parquet(shared(f"{OFFICIAL}.parquet")).select(
        "symbol",
        pl.col("datetime").dt.date().alias("day"),
        pl.col("datetime").dt.date().min().over("symbol").alias("listed"),
        pl.col("datetime").dt.date().max().over("symbol").alias("delisted"),
        (pl.col("volume").shift() == 0).over("symbol").alias("halted_before"),
    )
    placed = outside.frame.join(source, on=["symbol", "day"])
    last_days = (pl.col("delisted") - pl.col("day")).dt.total_days() <= 14
    explained = (pl.col("day") == pl.col("listed")) | last_days | pl.col("halted_before")
    assert placed.height == outside.count == 29
    assert placed.filter(~explained).height == 0
    # 050540 alone is neither new nor leaving: it came back from a halt for two days.
    assert placed.filter((pl.col("day") != pl.col("listed")) & ~last_days)["symbol"].to_list() == [
        "050540"
    ]


def test_official_file_gives_the_instrument_master(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    imported(OFFICIAL, catalogue)

    samsung = catalogue.instruments(OFFICIAL)[Symbol("005930")]

    assert (samsung.name, samsung.market) == ("삼성전자", Market.KOSPI)
    assert samsung.listed_shares == 5_969_782_550


def test_halted_days_stay_as_untraded_bars(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    imported(OFFICIAL, catalogue)

    panel = catalogue.panel(
        OFFICIAL, [Symbol("000060")], first=date(2023, 1, 30), last=date(2023, 2, 1)
    )

    assert panel.close.tolist() == [[51_600] * 3]
    assert not panel.traded.any()


def test_every_stock_and_session_of_the_file_is_read(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    imported(INVEST, catalogue)

    assert catalogue.panel(INVEST).close.shape == (2_761, 370)


def test_longer_bars_of_the_minutes_hold_all_of_their_volume(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    imported(MINUTES, catalogue)
    volume = int(catalogue.panel(MINUTES).volume.sum())

    hours, outside = catalogue.aggregate(MINUTES, Interval(60), "hours")
    days, _ = catalogue.aggregate("hours", DAY, "days")

    assert outside == 0
    assert (hours.rows, days.rows) == (770, 129)
    assert int(catalogue.panel("hours").volume.sum()) == volume
    assert int(catalogue.panel("days").volume.sum()) == volume
