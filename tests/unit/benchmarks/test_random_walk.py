"""Random-walk panels have the asked size, times of real sessions and sound bars."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from benchmarks.random_walk import random_walk_panel
from maemae.catalogue.interval import DAY, Interval
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import is_session
from maemae.krx.session import regular_close, regular_open
from maemae.strategy.panel import Panel

LAST = date(2024, 12, 30)


def a_panel(symbols: int, length: int, interval: Interval, seed: int = 1) -> Panel:
    return random_walk_panel(np.random.default_rng(seed), symbols, length, LAST, interval)


@pytest.mark.parametrize("interval", [DAY, Interval(1), Interval(7)])
def test_panel_has_its_size_and_sound_bars(interval: Interval) -> None:
    panel = a_panel(3, 1_000, interval)

    assert panel.close.shape == (3, 1_000)
    assert panel.traded.all()
    assert np.all(panel.high >= np.maximum(panel.open, panel.close))
    assert np.all(panel.low <= np.minimum(panel.open, panel.close))
    assert np.all(panel.low > 0)
    assert panel.basis is PriceBasis.ADJUSTED


def test_panel_ends_with_the_close_of_the_last_session() -> None:
    assert a_panel(1, 10, Interval(1)).known[-1] == regular_close(LAST)
    assert a_panel(1, 10, DAY).known[-1] == regular_close(LAST)


def test_minutes_lie_within_real_sessions() -> None:
    panel = a_panel(1, 390 * 3, Interval(1))

    days = sorted(set(panel.dates))
    assert [panel.dates.count(day) for day in days] == [390, 390, 390]
    assert all(is_session(day) for day in days)
    assert panel.opened[0] == regular_open(days[0])


def test_one_million_minutes_fit_the_calendar() -> None:
    panel = a_panel(1, 1_000_000, Interval(1))

    assert len(panel) == 1_000_000
    assert panel.opened[0] < regular_open(date(2015, 1, 2)) < panel.opened[-1]


def test_same_seed_gives_the_same_panel() -> None:
    assert np.array_equal(a_panel(2, 500, DAY).high, a_panel(2, 500, DAY).high)
    assert not np.array_equal(a_panel(2, 500, DAY).high, a_panel(2, 500, DAY, seed=2).high)
