"""What fires is handed over session by session, the instruments of each in ascending order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from maemae.research.sweep.kernel.firing import sort_by_session
from maemae.strategy.panel import Flags

pytestmark = pytest.mark.thorough

SHAPES = st.tuples(st.integers(0, 4), st.integers(1, 150))
FLAGS = SHAPES.flatmap(
    lambda shape: st.tuples(
        *(arrays.arrays(np.bool_, shape, fill=st.sampled_from([False, True])) for _ in range(3))
    )
)


@given(flags=FLAGS, everything=st.booleans(), first=st.integers(0, 3))
def test_rows_of_each_session_are_what_fires_and_is_eligible(
    *, flags: tuple[Flags, Flags, Flags], everything: bool, first: int
) -> None:
    traded, fires, members = flags
    bytewise = fires[traded].view(np.uint8)
    words = bytewise[: len(bytewise) // 8 * 8].view(np.uint64)
    eligible = np.empty(0, np.uint8) if everything else members.reshape(-1).view(np.uint8)
    begin = np.zeros(traded.shape[1] + 1, np.int64)
    begin[0] = first
    rows, found = (
        np.full(traded.size + first, -1),
        np.empty(np.count_nonzero(fires[traded]) + 1, np.int64),
    )

    sort_by_session(bytewise, words, np.flatnonzero(traded), eligible, begin, found, rows)

    expected = traded & fires & (members | everything)
    for time in range(traded.shape[1]):
        own = rows[begin[time] : begin[time + 1]]
        assert own.tolist() == np.flatnonzero(expected[:, time]).tolist()
    assert (begin[0], begin[-1]) == (first, first + np.count_nonzero(expected))
    assert (rows[:first] == -1).all()
    assert (rows[begin[-1] :] == -1).all()
