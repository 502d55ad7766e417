"""Numbers read as a Korean trader expects them, and a missing one is a dash."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.domain.text import Language
from maemae.research.report.figures import (
    day,
    direction,
    moment,
    number,
    percent,
    short_won,
    won,
)


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf"), float("-inf")])
def test_figure_that_is_missing_is_a_dash(missing: float | None) -> None:
    assert {
        number(missing),
        percent(missing),
        won(missing, Language.KO),
        won(missing, Language.EN, signed=True),
    } == {"–"}
    assert direction(missing) == "flat"


def test_number_has_separators_and_a_true_minus() -> None:
    assert number(-1_234_567) == "−1,234,567"
    assert number(1_234.5, 2, signed=True) == "+1,234.50"


@pytest.mark.parametrize("tiny", [0, 0.0, -0.0001, 0.0001])
def test_number_that_rounds_to_zero_has_no_sign(tiny: float) -> None:
    assert number(tiny, 2, signed=True) == "0.00"


def test_won_stands_as_each_language_writes_it() -> None:
    assert won(-1_234_567, Language.KO) == "−1,234,567원"
    assert won(-1_234_567, Language.EN) == "−₩1,234,567"
    assert won(1_000, Language.EN, signed=True) == "+₩1,000"
    assert won(0, Language.EN) == "₩0"


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (105_000_000, "1.05억", "105M"),
        (98_000_000, "9,800만", "98M"),
        (-25_000_000, "−2,500만", "−25M"),
        (2_500_000_000_000, "2.5조", "2.5T"),
        (9_000, "9,000", "9,000"),
        (0, "0", "0"),
    ],
)
def test_short_won_uses_the_units_of_its_language(value: float, korean: str, english: str) -> None:
    assert (short_won(value, Language.KO), short_won(value, Language.EN)) == (korean, english)


def test_percent_is_a_hundred_times_the_ratio() -> None:
    assert percent(0.12345, signed=True) == "+12.35%"
    assert percent(-0.5, 0) == "−50%"


def test_day_and_moment_are_korean() -> None:
    assert day(date(2024, 1, 2)) == "2024.01.02"
    assert day(None) == "–"
    assert moment(1_704_153_600_000_000_000) == ("2024.01.02", "09:00")


def test_direction_is_up_down_or_flat() -> None:
    assert [direction(value) for value in (1, -0.1, 0)] == ["up", "down", "flat"]
