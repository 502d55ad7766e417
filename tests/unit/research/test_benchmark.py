"""What a run is compared with begins by its first session and has a level on every one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from maemae.domain.errors import InvalidValueError
from maemae.domain.text import Language
from maemae.research.benchmark import (
    benchmark_from_file,
    equal_holding,
    single_holding,
)
from maemae.research.closes import session_closes
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import Panel
from tests.strategy_runs import A, B, a_panel

TWO = a_panel({A: [100, 110, 0, 130], B: [0, 50, 60, 70]})


def days_of(panel: Panel) -> list[date]:
    axis = CalendarAxis(panel)
    return [axis.session_date(session) for session in range(len(axis.starts))]


def test_closes_keep_the_last_price_while_nothing_trades() -> None:
    assert session_closes(TWO).tolist() == [[100, 110, 110, 130], [0, 50, 60, 70]]


def test_equal_holding_buys_what_trades_on_the_first_session() -> None:
    both = a_panel({A: [100, 110, 120], B: [1_000, 900, 1_000]})
    one, two = equal_holding(TWO), equal_holding(both)

    assert one is not None
    assert one.values == pytest.approx([1.0, 1.1, 1.1, 1.3])
    assert two is not None
    assert two.values == pytest.approx([1.0, 1.0, 1.1])


def test_equal_holding_says_so_when_names_came_later() -> None:
    korean, english = equal_holding(TWO), equal_holding(TWO, Language.EN)

    assert korean is not None
    assert korean.name == "첫날 거래된 1종목을 같은 금액씩 사서 보유"
    assert english is not None
    assert english.name == "holding the 1 of 2 symbols of the first day equally"


def test_equal_holding_when_nothing_traded_first_is_none() -> None:
    assert equal_holding(a_panel({A: [0, 100]})) is None


def test_single_holding_is_laid_on_the_sessions_of_the_run() -> None:
    days = days_of(TWO)

    assert single_holding(TWO, days[1:], A, "가람전자").values == [110, 110, 130]


def test_single_holding_that_begins_later_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="begins earlier"):
        single_holding(TWO, days_of(TWO), B, "B")


def test_file_keeps_the_level_of_the_day_before_where_one_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "KOSPI.csv"
    path.write_text("date,close,x\n2024-01-05,30\n2024-01-01,10\n2024-01-03,20.5\n", "utf-8-sig")

    found = benchmark_from_file(path, [date(2024, 1, day) for day in (2, 3, 4, 5, 8)])

    assert found.name == "KOSPI"
    assert found.values == [10, 20.5, 20.5, 30, 30]


@pytest.mark.parametrize(
    "text",
    ["", "day,level\n2024-01-02,1\n", "date,close\nyesterday,1\n", "date,close\n2024-01-01,\n"],
)
def test_file_when_it_is_no_series_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)

    with pytest.raises(InvalidValueError):
        benchmark_from_file(path, [date(2024, 1, 2)])
