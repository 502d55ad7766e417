"""A chart keeps every spike and labels what it draws."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.text import Language
from maemae.research.report.chart import (
    MAX_POINTS,
    WIDTH,
    Scale,
    anchor_at,
    area,
    day_ticks,
    growth_scale,
    line,
    nice_scale,
    thin,
)

VALUES = st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=300)


def sessions(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


@given(VALUES, st.integers(4, 60))
def test_thinned_curve_keeps_its_ends_and_its_extremes(values: list[float], limit: int) -> None:
    series = np.array(values)

    kept = thin(series, limit)

    assert kept.size <= max(limit, 4)
    assert (kept[0], kept[-1]) == (0, series.size - 1)
    assert (np.diff(kept) > 0).all()
    assert (series[kept].min(), series[kept].max()) == (series.min(), series.max())


def test_thinned_curve_keeps_a_spike_of_one_session() -> None:
    series = np.zeros(100_000)
    series[54_321] = 1.0
    series[54_322] = -1.0

    kept = thin(series)

    assert {54_321, 54_322} <= set(kept.tolist())
    assert kept.size <= MAX_POINTS


@given(VALUES)
def test_nice_scale_holds_every_value_and_labels_both_ends(values: list[float]) -> None:
    scale, labels = nice_scale(np.array(values))

    assert all(-1e-6 <= scale.at(value) <= 100 + 1e-6 for value in values)
    assert scale.at(labels[0]) == pytest.approx(100)
    assert scale.at(labels[-1]) == pytest.approx(0)
    assert 2 <= len(labels) <= 7


def test_nice_scale_has_round_labels() -> None:
    assert nice_scale(np.array([9_300_000.0, 28_400_000.0]))[1] == [
        5_000_000,
        10_000_000,
        15_000_000,
        20_000_000,
        25_000_000,
        30_000_000,
    ]


def test_line_spans_the_plane() -> None:
    assert line(np.array([0.0, 5.0, 10.0]), Scale(0, 10)) == "M0,100L500,50L1000,0"


def test_line_of_one_session_is_level() -> None:
    assert line(np.array([5.0]), Scale(0, 10)) == f"M0,50H{WIDTH}"


def test_area_closes_at_its_level() -> None:
    assert area(np.array([5.0, 10.0]), Scale(0, 10), 0.0) == "M0,50L1000,0L1000,100L0,100Z"
    assert area(np.array([5.0]), Scale(0, 10), 0.0) == "M0,50H1000L1000,100L0,100Z"


@given(VALUES)
def test_path_is_made_of_plain_numbers(values: list[float]) -> None:
    series = np.array(values)
    scale, _ = nice_scale(series)

    assert re.fullmatch(r"[MLH\d.,-]+", line(series, scale))


def test_day_ticks_name_korean_months_and_years() -> None:
    labels = [tick.label for tick in day_ticks(sessions(date(2023, 11, 1), 130), Language.KO)]

    assert labels == ["11월", "12월", "2024년", "2월", "3월"]


def test_day_ticks_name_english_months() -> None:
    labels = [tick.label for tick in day_ticks(sessions(date(2023, 11, 1), 130), Language.EN)]

    assert labels == ["Nov", "Dec", "2024", "Feb", "Mar"]


def test_day_ticks_without_a_january_say_the_year_once() -> None:
    labels = [tick.label for tick in day_ticks(sessions(date(2023, 3, 1), 120), Language.KO)]

    assert labels == ["2023년 3월", "4월", "5월", "6월"]


def test_day_ticks_of_a_short_run_name_days() -> None:
    ticks = day_ticks(sessions(date(2024, 3, 4), 3), Language.KO)

    assert [tick.label for tick in ticks] == ["3월 4일", "3월 5일", "3월 6일"]


@pytest.mark.parametrize("count", [1, 2, 40, 100, 400, 2_000, 4_000, 14_000, 40_000])
def test_day_ticks_are_few_and_fewer_on_a_narrow_screen(count: int) -> None:
    ticks = day_ticks(sessions(date(1990, 1, 15), count), Language.KO)

    assert 1 <= len(ticks) <= 12
    assert 1 <= sum(tick.major for tick in ticks) <= 5


@pytest.mark.parametrize(("at", "anchor"), [(0, "start"), (50, "middle"), (100, "end")])
def test_label_at_an_edge_leans_inward(at: float, anchor: str) -> None:
    assert anchor_at(at) == anchor


def test_growth_scale_when_values_stay_close_is_plain() -> None:
    values = np.array([100.0, 450.0])

    assert growth_scale(values) == nice_scale(values)


@pytest.mark.parametrize("values", [[0.0, 900.0], [-5.0, 900.0]])
def test_growth_scale_when_a_value_has_no_logarithm_is_plain(values: list[float]) -> None:
    assert not growth_scale(np.array(values))[0].is_log


@given(st.floats(1.0, 1e9), st.floats(5.0, 1e6))
def test_growth_scale_when_values_spread_makes_equal_ratios_equally_far(
    low: float, times: float
) -> None:
    scale, labels = growth_scale(np.array([low, low * times]))

    assert scale.is_log
    assert scale.low <= low * (1 + 1e-12)
    assert scale.high >= low * times * (1 - 1e-12)
    assert 2 <= len(labels) <= 17
    assert scale.at(low) - scale.at(2 * low) == pytest.approx(scale.at(2 * low) - scale.at(4 * low))
    assert [scale.at(scale.low), scale.at(scale.high)] == pytest.approx([100, 0])


def test_growth_scale_labels_ones_twos_and_fives() -> None:
    assert growth_scale(np.array([700.0, 43_000.0]))[1] == [
        500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0,
    ]  # fmt: skip
