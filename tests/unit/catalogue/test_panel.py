"""Reading bars as arrays: nothing is lost, invented or early."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.interval import BarLabel, Interval
from maemae.domain.errors import (
    InvalidValueError,
    MissingDataError,
    UnknownRuleError,
    UnknownSymbolError,
)
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.terms import PriceBasis
from tests.bar_frames import SEOUL, a_spec, daily_bars, minute_bars, with_value

SAMSUNG, HYNIX = Symbol("005930"), Symbol("000660")


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path)


def test_daily_panel_has_open_and_close_of_the_session(catalogue: Catalogue) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "x")

    panel = catalogue.panel("sample")

    assert panel.opened[1] == kst_nanos(date(2024, 1, 3), time(9))
    assert panel.known[1] == kst_nanos(date(2024, 1, 3), time(15, 30))
    assert panel.close.tolist() == [[70_000, 70_100, 70_200, 70_300, 70_400]]
    assert panel.basis is PriceBasis.RAW


def test_panel_when_a_symbol_has_no_bar_is_zero_there(catalogue: Catalogue) -> None:
    source = pl.concat([daily_bars("000660")[1:3], daily_bars("005930")])
    catalogue.import_frame(source, a_spec(), "x")

    panel = catalogue.panel("sample")

    assert panel.symbols == (HYNIX, SAMSUNG)
    assert panel.close[0].tolist() == [0, 70_100, 70_200, 0, 0]
    assert panel.traded[0].tolist() == [False, True, True, False, False]


def test_panel_when_a_day_is_halted_keeps_the_bar_untraded(catalogue: Catalogue) -> None:
    source = daily_bars()
    for column in ("open", "high", "low", "volume"):
        source = with_value(source, column, 2, 0)
    catalogue.import_frame(source, a_spec(), "x")

    panel = catalogue.panel("sample")

    assert panel.close[0, 2] == 70_200
    assert panel.traded.tolist() == [[True, True, False, True, True]]


def test_panel_rows_follow_the_order_asked_for(catalogue: Catalogue) -> None:
    source = pl.concat([daily_bars("000660", close=1_000), daily_bars("005930")])
    catalogue.import_frame(source, a_spec(), "x")

    panel = catalogue.panel("sample", [SAMSUNG, HYNIX])

    assert panel.symbols == (SAMSUNG, HYNIX)
    assert panel.close[:, 0].tolist() == [70_000, 1_000]


def test_panel_range_includes_both_ends(catalogue: Catalogue) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "x")

    panel = catalogue.panel("sample", first=date(2024, 1, 3), last=date(2024, 1, 5))

    assert panel.dates == [date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 5)]


@pytest.mark.parametrize("label", list(BarLabel))
def test_intraday_panel_knows_a_bar_when_it_ends(catalogue: Catalogue, label: BarLabel) -> None:
    catalogue.import_frame(minute_bars(), a_spec(interval=Interval(5), label=label), "x")

    panel = catalogue.panel("sample")

    known = time(9, 5) if label is BarLabel.START else time(9, 0)
    assert panel.known[0] == kst_nanos(date(2024, 1, 3), known)
    assert np.all(panel.known - panel.opened == 5 * 60 * 10**9)


def test_intraday_panel_of_several_symbols_has_the_union_of_times(catalogue: Catalogue) -> None:
    late = minute_bars("000660", start=datetime(2024, 1, 3, 9, 15, tzinfo=SEOUL))
    catalogue.import_frame(pl.concat([late, minute_bars()]), a_spec(interval=Interval(5)), "x")

    panel = catalogue.panel("sample")

    assert len(panel) == 8
    assert panel.traded.sum(axis=1).tolist() == [5, 5]


def test_intraday_panel_range_is_by_korean_day(catalogue: Catalogue) -> None:
    days = (date(2024, 1, 3), date(2024, 1, 4))
    source = pl.concat(
        minute_bars(start=datetime.combine(day, time(8, 50), SEOUL), count=3) for day in days
    )
    catalogue.import_frame(source, a_spec(interval=Interval(5)), "x")

    assert set(catalogue.panel("sample", first=days[1]).dates) == {days[1]}


def test_panel_leaves_out_bars_without_a_session(catalogue: Catalogue) -> None:
    catalogue.import_frame(with_value(daily_bars(), "date", 0, date(2024, 1, 1)), a_spec(), "x")

    assert catalogue.describe("sample").findings["NO_SESSION"] == 1
    assert len(catalogue.panel("sample")) == 4


def test_panel_when_the_calendar_does_not_know_the_days_is_refused(catalogue: Catalogue) -> None:
    catalogue.import_frame(with_value(daily_bars(), "date", 0, date(1998, 1, 5)), a_spec(), "x")

    with pytest.raises(UnknownRuleError):
        catalogue.panel("sample")
    assert len(catalogue.panel("sample", first=date(2024, 1, 1))) == 4


def test_panel_when_a_symbol_is_unknown_suggests_near_ones(catalogue: Catalogue) -> None:
    names = {"005930": "가나전자", "000660": "다라통신", "0000J0": "마바지수"}
    named = daily_bars(*names).with_columns(pl.col("symbol").replace_strict(names).alias("name"))
    catalogue.import_frame(named, a_spec(), "x")

    with pytest.raises(UnknownSymbolError, match=r"no symbol 005931.*005930 \(가나전자\)"):
        catalogue.panel("sample", [Symbol("005931")])
    with pytest.raises(UnknownSymbolError, match=r"Did you mean 0000J0"):
        catalogue.panel("sample", [Symbol("0000j0")])
    with pytest.raises(UnknownSymbolError, match=r"Did you mean 000660 \(다라통신\)"):
        catalogue.panel("sample", [Symbol("다라통신")])


def test_panel_when_nothing_lies_in_the_range_names_what_does(catalogue: Catalogue) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "x")

    with pytest.raises(MissingDataError, match="between 2024-01-02 and 2024-01-08"):
        catalogue.panel("sample", first=date(2025, 1, 1))


def test_panel_when_one_asked_symbol_has_no_bars_in_the_range_names_it(
    catalogue: Catalogue,
) -> None:
    source = pl.concat([daily_bars("000660")[:2], daily_bars("005930")])
    catalogue.import_frame(source, a_spec(), "x")

    with pytest.raises(MissingDataError, match=r"000660 has no bars.*2024-01-02 ~ 2024-01-03"):
        catalogue.panel("sample", [SAMSUNG, HYNIX], first=date(2024, 1, 4))
    assert catalogue.panel("sample", first=date(2024, 1, 4)).symbols == (SAMSUNG,)


@pytest.mark.parametrize(
    ("symbols", "sentence"),
    [([], "no symbol. Choose"), ([SAMSUNG, SAMSUNG], "005930 is asked for twice")],
)
def test_panel_when_the_request_makes_no_sense_is_refused(
    catalogue: Catalogue, symbols: list[Symbol], sentence: str
) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "x")

    with pytest.raises(InvalidValueError, match=sentence):
        catalogue.panel("sample", symbols)


def test_panel_never_mixes_raw_and_adjusted_series(catalogue: Catalogue) -> None:
    source = daily_bars("000660", "005930").with_columns(
        (pl.col("symbol") == "000660").alias("adjusted")
    )
    manifest = catalogue.import_frame(source, a_spec(), "x")

    assert manifest.other_basis_symbols == 1
    assert catalogue.panel("sample").symbols == (SAMSUNG,)
    assert catalogue.panel("sample", [HYNIX]).basis is PriceBasis.ADJUSTED
    with pytest.raises(InvalidValueError, match=r"Adjusted series \(000660\)"):
        catalogue.panel("sample", [HYNIX, SAMSUNG])
