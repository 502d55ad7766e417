"""A drawdown runs from a high until that high is seen again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.analytics.drawdown import Drawdown, drawdowns, max_drawdown, underwater


def test_drawdown_has_its_peak_trough_and_recovery() -> None:
    wealth = np.array([1.0, 2.0, 1.5, 1.0, 1.8, 2.0, 3.0])

    assert drawdowns(wealth) == [Drawdown(depth=-0.5, peak=1, trough=3, recovery=5, length=4)]


def test_drawdown_when_not_recovered_runs_to_the_end() -> None:
    wealth = np.array([1.0, 0.9, 0.8, 0.95])

    (fall,) = drawdowns(wealth)

    assert (fall.recovery, fall.length, fall.trough) == (None, 3, 2)


def test_drawdown_after_a_plateau_begins_at_its_end() -> None:
    assert drawdowns(np.array([2.0, 2.0, 2.0, 1.0]))[0].peak == 2


def test_drawdowns_are_told_apart_by_a_touch_of_the_high() -> None:
    assert [one.peak for one in drawdowns(np.array([2.0, 1.0, 2.0, 1.5, 2.5]))] == [0, 2]


def test_max_drawdown_is_the_deepest_not_the_longest() -> None:
    wealth = np.array([1.0, 0.9, 0.9, 0.9, 1.0, 0.5, 1.0])

    deepest = max_drawdown(wealth)

    assert deepest is not None
    assert (deepest.depth, deepest.length) == (-0.5, 2)


def test_max_drawdown_when_two_are_equal_is_the_earlier() -> None:
    deepest = max_drawdown(np.array([1.0, 0.5, 1.0, 0.5, 1.0]))

    assert deepest is not None
    assert deepest.peak == 0


@pytest.mark.parametrize("wealth", [[1.0], [1.0, 1.0, 1.0], [1.0, 1.1, 1.2]])
def test_max_drawdown_of_what_never_falls_is_none(wealth: list[float]) -> None:
    assert max_drawdown(np.array(wealth)) is None


def test_max_drawdown_when_everything_is_lost_is_minus_one() -> None:
    deepest = max_drawdown(np.array([1.0, 0.0, 0.0]))

    assert deepest is not None
    assert (deepest.depth, deepest.recovery) == (-1.0, None)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=60))
def test_drawdowns_cover_every_point_below_the_high_once(values: list[float]) -> None:
    wealth = np.array(values)
    falls = drawdowns(wealth)
    covered = [
        point
        for fall in falls
        for point in range(fall.peak + 1, wealth.size if fall.recovery is None else fall.recovery)
    ]

    assert covered == np.flatnonzero(underwater(wealth) < -1e-12).tolist()
    assert all(fall.depth == underwater(wealth)[fall.trough] for fall in falls)
    assert all(fall.recovery is not None for fall in falls[:-1])
