"""Capacity is how far the money may grow before fills are too large a share of the volume."""

from __future__ import annotations

import pytest

from maemae.analytics.capacity import MOST_OF_A_BAR, capacity
from maemae.domain.instant import DAY
from tests.unit.analytics.executions import an_execution


def test_capacity_scales_the_equity_to_the_share_that_may_be_taken() -> None:
    executions = [an_execution(qty=5, volume=1_000, at=day * DAY) for day in range(20)]

    found = capacity(executions, 1_000_000)

    assert found is not None
    assert (found.typical, found.high, found.highest) == pytest.approx((0.005,) * 3)
    assert found.capital == pytest.approx(1_000_000 * MOST_OF_A_BAR / 0.005)


def test_capacity_adds_up_the_fills_of_a_session() -> None:
    executions = [an_execution(qty=5, volume=1_000, at=n) for n in range(4)]

    found = capacity(executions, 1_000_000)

    assert found is not None
    assert found.highest == pytest.approx(0.02)


def test_capacity_when_no_volume_is_known_is_not_said() -> None:
    assert capacity([an_execution(volume=0)], 1_000_000) is None
    assert capacity([], 1_000_000) is None
