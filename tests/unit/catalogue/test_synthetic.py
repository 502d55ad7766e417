"""The synthetic market keeps the rules of the exchange and is a function of its seed."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from maemae.catalogue.bars import content_hash
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.checks import CheckCode
from maemae.catalogue.interval import DAY, Interval, interval_from_text
from maemae.catalogue.synthetic import SyntheticMarket, synthetic_market
from maemae.domain.errors import MissingDataError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.calendar import sessions
from tests.bar_frames import a_spec
from tests.shared_data import shared

FIRST, LAST = date(2023, 11, 1), date(2024, 6, 28)


@pytest.fixture(scope="module")
def daily() -> SyntheticMarket:
    return synthetic_market(7, first=FIRST, last=LAST)


def test_market_lists_forty_stocks_on_two_boards_and_three_funds(daily: SyntheticMarket) -> None:
    listed = list(daily.instruments.values())

    boards = [item.market for item in listed if item.product is Product.STOCK]
    assert (boards.count(Market.KOSPI), boards.count(Market.KOSDAQ)) == (24, 16)
    assert [item.leverage for item in listed if item.product is Product.ETF] == [1, 1, 2]
    assert len({item.name for item in listed}) == len(listed) == 43


def test_names_belong_to_no_listed_company(daily: SyntheticMarket) -> None:
    path = shared("daily_marcap_krx_official_2021_2024_janfeb.parquet")
    listed = set(pl.read_parquet(path, columns=["name"])["name"])

    assert not listed & {item.name for item in daily.instruments.values()}


def test_days_are_the_sessions_of_the_exchange(daily: SyntheticMarket) -> None:
    for (_,), bars in daily.bars.group_by("symbol"):
        assert bars["date"].to_list() == sessions(FIRST, LAST)


@pytest.mark.parametrize("text", ["DAY", "1m", "7m", "60m"])
def test_market_passes_the_import_and_every_check_that_is_a_rule(tmp_path: Path, text: str) -> None:
    interval = interval_from_text(text)
    market = synthetic_market(3, first=date(2024, 1, 2), last=date(2024, 1, 12), interval=interval)

    manifest = Catalogue(tmp_path).import_frame(
        market.bars, a_spec(interval=interval), "synthetic", market.master
    )

    rules = ("OHLC", "JUMP", "NO_SESSION", "OFF_TICK", "OUTSIDE_BAND", "DUPLICATE")
    assert {code: manifest.findings[code] for code in rules} == dict.fromkeys(rules, 0)
    assert CheckCode.OUTSIDE_BAND in manifest.findings
    assert Catalogue(tmp_path).instruments("sample") == market.instruments


def test_some_days_are_halted_with_the_close_carried(daily: SyntheticMarket) -> None:
    halted = daily.bars.filter(pl.col("volume") == 0)

    assert halted.height > 0
    assert set(halted["open"]) == set(halted["high"]) == set(halted["low"]) == {0}
    assert halted["close"].equals(halted["base_price"].alias("close"))


def test_base_price_is_the_close_before(daily: SyntheticMarket) -> None:
    later = daily.bars.filter(pl.col("symbol") == pl.col("symbol").shift())
    before = daily.bars.filter(pl.col("symbol") == pl.col("symbol").shift(-1))

    assert later["base_price"].to_list() == before["close"].to_list()


def test_minutes_add_up_to_the_day() -> None:
    days = (date(2024, 1, 2), date(2024, 1, 5))
    daily = synthetic_market(11, first=days[0], last=days[1])
    minutes = synthetic_market(11, first=days[0], last=days[1], interval=Interval(1))

    summed = minutes.bars.group_by(
        "symbol", pl.col("datetime").dt.convert_time_zone("Asia/Seoul").dt.date().alias("date")
    ).agg(pl.first("open"), pl.last("close"), pl.sum("volume"))

    traded = daily.bars.filter(pl.col("volume") > 0).select(summed.columns)
    assert summed.sort("symbol", "date").equals(traded)


def test_minutes_have_the_phases_of_the_session() -> None:
    market = synthetic_market(
        1, first=date(2024, 1, 3), last=date(2024, 1, 3), interval=Interval(1)
    )

    times = market.bars["datetime"].dt.convert_time_zone("Asia/Seoul").dt.time()
    of_one = set(times)
    assert min(of_one) == time(9, 0)
    assert max(of_one) == time(15, 29)  # the closing auction comes out at 15:30
    assert not {moment for moment in of_one if time(15, 20) <= moment < time(15, 29)}


def test_volume_is_busiest_at_the_ends_of_the_day() -> None:
    market = synthetic_market(
        1, first=date(2024, 2, 1), last=date(2024, 2, 8), interval=Interval(30)
    )

    by_bar = (
        market.bars.group_by(pl.col("datetime").dt.time()).agg(pl.sum("volume")).sort("datetime")
    )
    volumes = by_bar["volume"].to_list()
    assert volumes[0] > 1.5 * volumes[5]
    assert volumes[-1] > volumes[5]


def test_stocks_move_together_and_sectors_more_so() -> None:
    market = synthetic_market(5, first=date(2020, 1, 2), last=date(2024, 12, 30))
    stocks = [code for code, item in market.instruments.items() if item.product is Product.STOCK]
    closes = np.stack(
        [market.bars.filter(pl.col("symbol") == code)["close"].to_numpy() for code in stocks]
    )
    likeness = np.corrcoef(np.diff(np.log(closes)))

    same_sector = [likeness[a, b] for a in range(40) for b in range(a) if (a - b) % 8 == 0]
    others = [likeness[a, b] for a in range(40) for b in range(a) if (a - b) % 8]
    assert np.mean(others) > 0.1
    assert np.mean(same_sector) > np.mean(others) + 0.03


@pytest.mark.thorough
def test_momentum_exists() -> None:
    market = synthetic_market(5, first=date(2015, 1, 2), last=date(2024, 12, 30))
    stocks = [code for code, item in market.instruments.items() if item.product is Product.STOCK]
    closes = np.stack(
        [market.bars.filter(pl.col("symbol") == code)["close"].to_numpy() for code in stocks]
    )
    months = np.log(closes[:, ::20])
    change = np.diff(months) - np.diff(months).mean(axis=0)

    assert np.corrcoef(change[:, :-1].ravel(), change[:, 1:].ravel())[0, 1] > 0.05


def test_symbols_when_chosen_are_the_same_as_among_all(daily: SyntheticMarket) -> None:
    chosen = [Symbol("Z00030"), Symbol("Z90010")]

    few = synthetic_market(7, first=FIRST, last=LAST, symbols=chosen)

    assert few.bars.equals(daily.bars.filter(pl.col("symbol").is_in(chosen)))
    assert list(few.instruments) == chosen


def test_seed_when_the_same_gives_the_same_bytes_and_another_does_not(
    daily: SyntheticMarket,
) -> None:
    np.random.default_rng(0).random(3)
    again = synthetic_market(7, first=FIRST, last=LAST)

    assert content_hash(again.bars) == content_hash(daily.bars)
    assert content_hash(synthetic_market(8, first=FIRST, last=LAST).bars) != content_hash(
        daily.bars
    )


def test_market_without_a_session_is_refused() -> None:
    with pytest.raises(MissingDataError, match="no session"):
        synthetic_market(1, first=date(2024, 1, 6), last=date(2024, 1, 7), interval=DAY)


def test_symbol_when_not_in_the_market_suggests_a_near_one() -> None:
    with pytest.raises(UnknownSymbolError, match=r"Did you mean .*Z00010"):
        synthetic_market(1, first=FIRST, last=LAST, symbols=[Symbol("Z00011")])
