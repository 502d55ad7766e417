"""What a dataset is like is counted, not guessed: every figure by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.statistics import Statistics
from maemae.domain.terms import PriceBasis
from maemae.domain.text import Language
from maemae.research.report.data_page import render_statistics

# 2023-12-28 is the last session of its year; 2024-01-02 the first of the next.
ROWS = [
    ("000010", date(2023, 12, 27), 100, 10),
    ("000010", date(2023, 12, 28), 100, 0),
    ("000010", date(2024, 1, 4), 150, 10),  # two sessions are missing, and a jump
    ("000020", date(2024, 1, 2), 100, 5),
    ("000020", date(2024, 1, 3), 101, 7),
]


@pytest.fixture(name="found")
def _found(tmp_path: Path) -> Statistics:
    symbols, days, prices, volumes = zip(*ROWS, strict=True)
    frame = pl.DataFrame(
        {
            "symbol": symbols,
            "date": days,
            **dict.fromkeys(("open", "high", "low", "close"), prices),
            "volume": volumes,
        }
    )
    catalogue = Catalogue(tmp_path)
    catalogue.import_frame(frame, ImportSpec(dataset="d", basis=PriceBasis.RAW), "made")
    return catalogue.statistics("d")


def test_whole_counts_what_is_there_and_what_is_missing(found: Statistics) -> None:
    whole = found.whole

    assert (whole.sessions, whole.symbols, whole.bars) == (5, 2, 5)
    assert (whole.missing, whole.zero_volume, whole.jumps) == (2, 1, 1)
    assert whole.covered == pytest.approx(5 / 7)


def test_years_add_up_to_the_whole(found: Statistics) -> None:
    assert [year.label for year in found.years] == ["2023", "2024"]
    for name in ("sessions", "bars", "missing", "zero_volume", "jumps"):
        assert sum(getattr(year, name) for year in found.years) == getattr(found.whole, name)
    assert [year.covered for year in found.years] == [1.0, pytest.approx(3 / 5)]


def test_symbols_come_the_most_troubled_first(found: Statistics) -> None:
    first, second = found.symbols.iter_rows(named=True)

    assert (first["symbol"], first["missing"], first["longest_gap"]) == ("000010", 2, 2)
    assert (first["zero_volume"], first["jumps"], first["value"]) == (1, 1, 1_000)
    assert (second["symbol"], second["missing"], second["value"]) == ("000020", 0, 603)


def test_size_is_that_of_the_files(found: Statistics) -> None:
    assert found.stored > 1_000


@pytest.mark.parametrize(("language", "words"), [(Language.KO, "빈 날"), (Language.EN, "Missing")])
def test_page_shows_years_and_series(found: Statistics, language: Language, words: str) -> None:
    page = render_statistics(found, language)

    assert words in page
    assert "2023" in page
    assert "71.4%" in page
    assert page.count("<script") == 0


def test_page_of_a_dataset_without_trouble_says_so(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"symbol": ["000010"], "date": [date(2024, 1, 2)], "volume": [1]}
        | {name: [100] for name in ("open", "high", "low", "close")}
    )
    catalogue = Catalogue(tmp_path)
    catalogue.import_frame(frame, ImportSpec(dataset="d", basis=PriceBasis.RAW), "made")

    assert "문제가 보이는 종목이 없습니다" in render_statistics(catalogue.statistics("d"))
