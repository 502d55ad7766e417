"""The shape of returns, recomputed with plain sums."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.analytics.distribution import distribution, histogram

RETURNS = st.lists(st.floats(-0.3, 0.3), min_size=2, max_size=60)


@given(RETURNS)
def test_moments_are_those_of_plain_sums(returns: list[float]) -> None:
    mean, spread = statistics.fmean(returns), statistics.pstdev(returns)
    found = distribution(np.array(returns))

    if spread < 1e-9:
        return
    z = [(each - mean) / spread for each in returns]
    assert found.skew == pytest.approx(statistics.fmean(each**3 for each in z), abs=1e-6)
    assert found.kurtosis == pytest.approx(statistics.fmean(each**4 for each in z), abs=1e-6)


def test_tail_is_the_worst_twentieth() -> None:
    returns = np.arange(101) / 100 - 0.5

    found = distribution(returns)

    assert found.value_at_risk == pytest.approx(-0.45)
    assert found.expected_shortfall == pytest.approx(
        np.mean([-0.5, -0.49, -0.48, -0.47, -0.46, -0.45])
    )
    assert found.positive == pytest.approx(50 / 101)


@pytest.mark.parametrize("returns", [[], [0.01], [0.02, 0.02, 0.02]])
def test_shape_when_there_is_no_spread_is_not_said(returns: list[float]) -> None:
    assert distribution(np.array(returns)).skew is None


@given(RETURNS)
def test_histogram_counts_every_return_once(returns: list[float]) -> None:
    found = histogram(np.array(returns))

    assert sum(found.counts) == len(returns)
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges == pytest.approx(tuple(-edge for edge in reversed(found.edges)))


def test_histogram_has_one_bin_across_zero() -> None:
    found = histogram(np.array([-0.01, 0.0, 0.0, 0.01]), bins=5)

    assert found.counts[2] == 2
