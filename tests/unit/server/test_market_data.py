"""Instruments are found as people type them: by code, by name, by first consonants."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from maemae.app.datasets import ensure_synthetic
from maemae.catalogue.catalogue import Catalogue
from maemae.domain.errors import InvalidValueError, MissingDataError
from maemae.domain.ids import Symbol
from maemae.server.hangul import first_consonants, folded
from maemae.server.market_data import MarketData

DAYS = (date(2024, 1, 2), date(2024, 2, 29))
NAMES = {
    "Z00010": "삼성전자",
    "Z00020": "삼성전자우",
    "Z00030": "삼성SDI",
    "Z00040": "SK하이닉스",
    "Z00050": "호텔신라",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    catalogue = Catalogue(folder)
    ensure_synthetic(catalogue, "synthetic", 7, DAYS)
    master = folder / "master.csv"
    lines = "".join(f"{symbol},{name}\n" for symbol, name in NAMES.items())
    master.write_text(f"symbol,name\n{lines}", encoding="utf-8")
    catalogue.apply_master("synthetic", master)
    return folder


@pytest.fixture
def market(folder: Path) -> MarketData:
    return MarketData(folder)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ㅅㅅㅈㅈ", ["삼성전자", "삼성전자우"]),
        ("ㅅㅅ", ["삼성전자", "삼성SDI", "삼성전자우"]),
        ("삼성전자", ["삼성전자", "삼성전자우"]),
        ("삼성 전자", ["삼성전자", "삼성전자우"]),
        ("sdi", ["삼성SDI"]),
        ("ㅎㅇㄴㅅ", ["SK하이닉스"]),
        ("skㅎ", ["SK하이닉스"]),
        ("z00050", ["호텔신라"]),
        ("Z0003", ["삼성SDI"]),
        ("ㅋㅋㅋ", []),
        (" .-", []),
    ],
)
def test_search_finds_what_a_person_typed(market: MarketData, typed: str, first: list[str]) -> None:
    names = [found.instrument.name for found in market.search(typed, 10)]
    assert sorted(names[: len(first)]) == sorted(first)
    assert bool(names) == bool(first)
    assert names[:1] == first[:1]


def test_name_when_its_letters_came_apart_is_the_same() -> None:
    assert folded("\u1109\u1161\u11b7\u1109\u1165\u11bc") == folded("삼성")
    assert first_consonants("쌍용C&E 값") == "ㅆㅇC&E ㄱ"


def test_search_shows_no_more_than_asked_for(market: MarketData) -> None:
    assert len(market.search("Z000", 3)) == 3


def test_bars_are_the_newest_in_the_span(market: MarketData) -> None:
    symbol = Symbol("Z00010")
    everything = market.bars(symbol, None, None, None, 5_000)
    newest = market.bars(symbol, "DAY", None, None, 3)
    january = market.bars(symbol, "DAY", None, date(2024, 1, 31), 5_000)

    assert list(newest.bars) == list(everything.bars)[-3:]
    assert 0 < len(january.bars) < len(everything.bars)
    assert all(low <= close <= high for _, _, high, low, close, _ in everything.bars)


@pytest.mark.parametrize(("symbol", "interval"), [("Z00010", "5m"), ("999999", None)])
def test_bars_when_there_are_none_say_so(
    market: MarketData, symbol: str, interval: str | None
) -> None:
    with pytest.raises(MissingDataError):
        market.bars(Symbol(symbol), interval, None, None, 10)


def test_dataset_when_none_is_named_is_the_only_one(market: MarketData, tmp_path: Path) -> None:
    assert market.dataset(None).dataset == "synthetic"
    with pytest.raises(MissingDataError):
        MarketData(tmp_path).dataset(None)
    ensure_synthetic(Catalogue(tmp_path), "one", 1, DAYS)
    ensure_synthetic(Catalogue(tmp_path), "two", 2, DAYS)
    with pytest.raises(InvalidValueError, match="one, two"):
        MarketData(tmp_path).dataset(None)


def test_market_when_a_dataset_comes_is_read_again(tmp_path: Path) -> None:
    market = MarketData(tmp_path)
    assert market.search("Z00010", 1) == []
    ensure_synthetic(Catalogue(tmp_path), "synthetic", 1, DAYS)
    assert len(market.search("Z00010", 1)) == 1
