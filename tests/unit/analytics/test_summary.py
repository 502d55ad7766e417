"""A summary holds every figure of a run and never a NaN."""

from __future__ import annotations

from datetime import date, timedelta
from math import isfinite

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.analytics.summary import Activity, Curve, Summary, summarize
from maemae.domain.errors import InvalidValueError

FIRST = date(2024, 1, 2)
QUIET = Activity(orders=0, fills=0, traded=0, commission=0, tax=0)


def a_curve(
    equity: list[int],
    *,
    start: int = 100,
    invested: list[int] | None = None,
    flows: list[int] | None = None,
) -> Curve:
    def column(values: list[int] | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([0] * len(equity) if values is None else values, np.int64)

    return Curve(
        start=start,
        days=[FIRST + timedelta(days=n) for n in range(len(equity))],
        equity=np.array(equity, np.int64),
        invested=column(invested),
        flows=column(flows),
    )


def floats_of(summary: Summary) -> list[float]:
    values = [*msgspec.structs.asdict(summary).values()]
    values += msgspec.structs.asdict(summary.trades).values()
    return [value for value in values if isinstance(value, float)]


def test_summary_keeps_won_apart_from_ratios() -> None:
    curve = a_curve([110, 1_110, 1_221], flows=[0, 1_000, 0])

    summary = summarize(curve, Activity(4, 5, 2_000, 3, 7), [])

    assert (summary.start_equity, summary.end_equity, summary.net_flows) == (100, 1_221, 1_000)
    assert summary.profit == 121
    assert summary.total_return == pytest.approx(0.21)
    assert (summary.orders, summary.fills, summary.commission, summary.tax) == (4, 5, 3, 7)
    assert (summary.first_day, summary.last_day, summary.sessions) == (FIRST, date(2024, 1, 4), 3)


def test_summary_dates_the_deepest_drawdown() -> None:
    summary = summarize(a_curve([120, 60, 90, 130, 120, 125, 126, 127]), QUIET, [])

    assert summary.max_drawdown == pytest.approx(-0.5)
    assert (summary.drawdown_start, summary.drawdown_trough, summary.drawdown_recovery) == (
        FIRST,
        date(2024, 1, 3),
        date(2024, 1, 5),
    )
    assert (summary.drawdown_sessions, summary.longest_drawdown) == (3, 4)


def test_summary_when_it_falls_from_the_start_dates_the_high_to_the_first_session() -> None:
    summary = summarize(a_curve([90, 80]), QUIET, [])

    assert (summary.drawdown_start, summary.drawdown_recovery) == (FIRST, None)


def test_summary_when_never_under_water_has_a_drawdown_of_zero() -> None:
    summary = summarize(a_curve([100, 110]), QUIET, [])

    assert (summary.max_drawdown, summary.drawdown_start, summary.longest_drawdown) == (
        0.0,
        None,
        0,
    )
    assert summary.calmar is None


def test_summary_of_one_day_says_what_one_day_can_say() -> None:
    summary = summarize(a_curve([110]), QUIET, [])

    assert summary.total_return == pytest.approx(0.1)
    assert (summary.cagr, summary.volatility, summary.sharpe) == (None, None, None)
    assert summary.annual_turnover is None


def test_summary_of_a_flat_year_has_no_ratio() -> None:
    summary = summarize(a_curve([100] * 252), QUIET, [])

    assert (summary.total_return, summary.cagr, summary.volatility) == (0.0, 0.0, 0.0)
    assert (summary.sharpe, summary.sortino, summary.calmar) == (None, None, None)


def test_summary_averages_exposure_over_funded_sessions() -> None:
    summary = summarize(a_curve([100, 200, -50], invested=[50, 200, 10]), QUIET, [])

    assert (summary.exposure, summary.max_exposure) == (0.75, 1.0)


def test_summary_when_equity_is_never_positive_has_no_exposure() -> None:
    summary = summarize(a_curve([-1, -2]), QUIET, [])

    assert (summary.exposure, summary.turnover) == (None, None)


def test_summary_counts_a_round_trip_of_the_whole_book_as_one_turnover() -> None:
    curve = a_curve([100] * 126)

    summary = summarize(curve, Activity(2, 2, traded=200, commission=0, tax=0), [])

    assert (summary.turnover, summary.annual_turnover) == (1.0, 2.0)


def test_summary_of_no_session_raises() -> None:
    with pytest.raises(InvalidValueError, match="no session"):
        summarize(a_curve([]), QUIET, [])


def test_summary_when_arrays_differ_in_length_raises() -> None:
    curve = msgspec.structs.replace(a_curve([1, 2]), days=[FIRST])

    with pytest.raises(InvalidValueError, match="differ in length"):
        summarize(curve, QUIET, [])


WON = st.integers(-(10**15), 10**15)


@given(WON, st.lists(st.tuples(WON, WON, WON), min_size=1, max_size=60))
def test_summary_of_any_book_is_finite(start: int, rows: list[tuple[int, int, int]]) -> None:
    equity, invested, flows = (list(column) for column in zip(*rows, strict=True))

    summary = summarize(a_curve(equity, start=start, invested=invested, flows=flows), QUIET, [])

    assert all(isfinite(value) for value in floats_of(summary))


def test_summary_when_growth_overflows_is_still_finite() -> None:
    equity = [10**15] * 100
    flows = [0] + [1 - 10**15] * 99

    summary = summarize(a_curve(equity, start=1, flows=flows), QUIET, [])

    assert summary.total_return is None
    assert all(isfinite(value) for value in floats_of(summary))
