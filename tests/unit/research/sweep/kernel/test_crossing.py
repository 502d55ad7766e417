"""Crossings found in one look are those that every other run finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.research.sweep.kernel.crossing import mark

pytestmark = pytest.mark.thorough

VALUES = st.sampled_from([1.0, 2.0, 3.0, float("nan")])


@given(st.lists(st.tuples(VALUES, VALUES)), st.lists(st.integers(0, 5), max_size=4))
def test_marks_are_where_one_was_not_beyond_and_is_now(
    pairs: list[tuple[float, float]], lengths: list[int]
) -> None:
    starts = np.minimum(np.cumsum([0, *lengths, len(pairs)]), len(pairs))
    one, other = np.array(pairs, np.float64).reshape(-1, 2).T.copy()
    above, below = np.ones(len(pairs), np.bool_), np.ones(len(pairs), np.bool_)

    mark(one, other, starts, above, below)

    for place, (left, right) in enumerate(pairs):
        before = None if place in starts else pairs[place - 1]
        assert above[place] == (before is not None and left > right and before[0] <= before[1])
        assert below[place] == (before is not None and left < right and before[0] >= before[1])
