"""The parts of a run add up to the whole, however it is taken apart."""

from __future__ import annotations

from datetime import date, time

import numpy as np
import pytest

from maemae.analytics.breakdown import by_month, by_sleeve, by_symbol, by_year
from maemae.analytics.costs import costs_of
from maemae.analytics.summary import Curve
from maemae.domain.instant import kst_nanos
from tests.unit.analytics.executions import a_trip, an_execution

DAYS = [date(2023, 12, 27), date(2023, 12, 28), date(2024, 1, 2), date(2024, 2, 1)]
EQUITY = [110, 99, 130, 117]
FLOWS = [0, 0, 20, 0]


def at(day: date) -> int:
    return kst_nanos(day, time(10))


CURVE = Curve(
    100,
    DAYS,
    np.array(EQUITY, np.int64),
    np.zeros(4, np.int64),
    np.array(FLOWS, np.int64),
)
EXECUTIONS = [
    an_execution(at=at(DAYS[0]), px=1_001, commission=3),
    an_execution(at=at(DAYS[2]), px=1_002, commission=4, tax=9, symbol="000020", sleeve="T"),
]
TRIPS = [
    a_trip(-5, closed_at=at(DAYS[1])),
    a_trip(7, closed_at=at(DAYS[2]), symbol="000020", sleeve="T"),
    a_trip(9, closed_at=at(DAYS[3]), symbol="000020", sleeve="T"),
]


def test_years_and_months_add_up_to_the_profit_and_the_costs() -> None:
    for parts in (
        by_year(CURVE, EXECUTIONS, TRIPS),
        by_month(CURVE, EXECUTIONS, TRIPS),
    ):
        assert sum(part.profit for part in parts) == EQUITY[-1] - 100 - sum(FLOWS)
        assert sum(part.costs.total for part in parts) == costs_of(EXECUTIONS).total
        assert sum(part.trades.count for part in parts) == len(TRIPS)


def test_year_has_the_figures_of_its_own_sessions() -> None:
    first, second = by_year(CURVE, EXECUTIONS, TRIPS)

    assert (first.key, first.profit, first.trades.count) == ("2023", -1, 1)
    assert first.total_return == pytest.approx(-0.01)
    assert first.max_drawdown == pytest.approx(-0.1)
    assert second.total_return == pytest.approx(130 / 119 * 0.9 - 1)
    assert [part.key for part in by_month(CURVE, [], [])] == ["2023-12", "2024-01", "2024-02"]


def test_symbols_and_sleeves_are_ranked_by_what_they_earned() -> None:
    for parts, names in (
        (by_symbol(EXECUTIONS, TRIPS), ["000020", "000010"]),
        (by_sleeve(EXECUTIONS, TRIPS), ["T", "S"]),
    ):
        assert [part.key for part in parts] == names
        assert [part.profit for part in parts] == [16, -5]
        assert [part.costs.commission for part in parts] == [4, 3]
        assert all(part.total_return is None for part in parts)


def test_symbol_that_is_still_held_has_costs_and_no_trade() -> None:
    (part,) = by_symbol(EXECUTIONS[:1], [])

    assert (part.profit, part.trades.count, part.costs.total) == (0, 0, 13)
