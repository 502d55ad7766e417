"""A report holds daily series of one length, and trades as a person reads them."""

from __future__ import annotations

import pytest

from maemae.analytics.trades import RoundTrip
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.research.report.model import Benchmark, trade_rows
from tests.unit.research.report.run_reports import a_report

TRIP = RoundTrip(SleeveId("s"), Symbol("005930"), 1, 2, 10, 10_000, 11_000, 3, 20, 977, "STOP_LOSS")


@pytest.mark.parametrize(
    "change",
    [
        {"days": []},
        {"invested": []},
        {"flows": [0, 0]},
        {"benchmark": Benchmark("KOSPI", [1.0])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_report_when_series_differ_in_length_raises(change: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError, match="one length"):
        a_report(None, None, **change)


def test_report_without_a_session_raises() -> None:
    with pytest.raises(InvalidValueError, match="session"):
        a_report(equity=[])


@pytest.mark.parametrize("level", [0.0, -1.0, float("nan")])
def test_report_when_the_benchmark_has_no_level_raises(level: float) -> None:
    with pytest.raises(InvalidValueError, match="not positive"):
        a_report(benchmark=Benchmark("KOSPI", [1.0, level, 1.0]))


def test_trade_rows_carry_names_and_sentences() -> None:
    stop = Text("손절", "Stop loss")

    (row,) = trade_rows([TRIP], {Symbol("005930"): "가람전자"}, {"STOP_LOSS": stop})

    assert (row.name, row.side, row.exit_reason) == ("가람전자", Side.BUY, stop)
    assert (row.entry_avg, row.exit_avg, row.pnl, row.tax) == (1_000.0, 1_100.0, 977, 20)


def test_trade_row_when_name_and_sentence_are_unknown_shows_the_codes() -> None:
    (row,) = trade_rows([TRIP], {}, {})

    assert (row.name, row.exit_reason) == ("", Text("STOP_LOSS", "STOP_LOSS"))
