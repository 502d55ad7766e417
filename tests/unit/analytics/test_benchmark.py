"""Figures against a benchmark, recomputed with the standard library."""

from __future__ import annotations

import statistics
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from maemae.analytics.benchmark import relation, returns_of_levels
from maemae.domain.errors import InvalidValueError

PAIRS = st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), min_size=70, max_size=100)


@given(PAIRS)
def test_relation_is_that_of_plain_formulas(pairs: list[tuple[float, float]]) -> None:
    own, other = [one for one, _ in pairs], [two for _, two in pairs]
    assume(statistics.stdev(own) > 1e-6 < statistics.stdev(other))
    apart = [one - two for one, two in pairs]

    found = relation(np.array(own), np.array(other))

    line = statistics.linear_regression(other, own)
    assert found.beta == pytest.approx(line.slope, abs=1e-7)
    assert found.alpha == pytest.approx(line.intercept * 252, abs=1e-6)
    assert found.correlation == pytest.approx(statistics.correlation(own, other), abs=1e-7)
    assert found.tracking_error == pytest.approx(statistics.stdev(apart) * sqrt(252))


def test_relation_to_itself_is_one_and_nothing_is_left_over() -> None:
    returns = np.sin(np.arange(100)) / 50

    found = relation(returns, returns)

    assert found.beta == pytest.approx(1.0)
    assert found.correlation == pytest.approx(1.0)
    assert found.alpha == pytest.approx(0.0, abs=1e-12)
    assert (found.tracking_error, found.excess) == (0.0, 0.0)
    assert found.information_ratio is None
    assert (found.up_capture, found.down_capture) == pytest.approx((1.0, 1.0))


def test_relation_to_a_series_that_stands_still_is_not_said() -> None:
    found = relation(np.sin(np.arange(10)) / 50, np.zeros(10))

    assert (found.beta, found.correlation, found.up_capture) == (None, None, None)


def test_capture_is_the_mean_of_rising_and_of_falling_sessions() -> None:
    found = relation(np.array([0.01, 0.03, -0.01]), np.array([0.02, 0.02, -0.04]))

    assert (found.up_capture, found.down_capture) == pytest.approx((1.0, 0.25))


def test_relation_when_lengths_differ_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="same days"):
        relation(np.zeros(3), np.zeros(4))


def test_levels_give_the_returns_between_them() -> None:
    assert returns_of_levels(np.array([100.0, 110.0, 99.0])) == pytest.approx([0.1, -0.1])
