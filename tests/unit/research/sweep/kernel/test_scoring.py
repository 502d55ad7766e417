"""The figures of a run of the kernel are, bit for bit, those that the report computes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.analytics.drawdown import underwater
from maemae.analytics.returns import daily_returns, wealth
from maemae.research.sweep.kernel.scoring import follow

pytestmark = pytest.mark.thorough

WORTH = st.integers(-1_000, 10**12)


@given(st.integers(1, 10**12), st.lists(st.tuples(WORTH, WORTH), min_size=1, max_size=300))
def test_returns_and_the_deepest_fall_are_those_of_analytics(
    start: int, closes: list[tuple[int, int]]
) -> None:
    curve = np.array(closes, np.int64).T.copy()
    returns = np.empty(len(closes), np.float64)

    grown, deepest = follow(start, curve, returns)

    equity = curve.sum(axis=0)
    expected = daily_returns(start, equity, np.zeros_like(equity))
    assert returns.tobytes() == expected.tobytes()
    assert grown == wealth(expected)[-1]
    assert deepest == underwater(wealth(expected)).min()
