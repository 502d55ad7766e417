"""A schedule fires when the first bar of a period is complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import groupby

import pytest

from maemae.domain.errors import StrategyError
from maemae.strategy.schedule import barriers
from tests.strategy_runs import A, a_panel, raises

DAYS = a_panel({A: [100] * 300}, first=date(2023, 11, 13))


def firsts(period: str) -> list[int]:
    keys: dict[str, Callable[[date], object]] = {
        "day": lambda day: day,
        "week": lambda day: day.isocalendar()[:2],
        "month": lambda day: (day.year, day.month),
    }
    groups = groupby(range(len(DAYS)), key=lambda k: keys[period](DAYS.dates[k]))
    return [next(members) for _, members in groups]


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_schedule_fires_at_the_first_bar_of_each_period(period: str) -> None:
    assert barriers(DAYS, period).tolist() == firsts(period)


def test_schedule_of_months_fires_on_the_first_session_of_january() -> None:
    fired = [DAYS.dates[k] for k in barriers(DAYS, "month").tolist()]

    assert date(2024, 1, 2) in fired
    assert date(2024, 1, 1) not in fired


def test_schedule_of_days_when_bars_are_minutes_fires_once_a_day() -> None:
    minutes = a_panel({A: [100] * 400}, minutes=True)

    assert barriers(minutes, "day").tolist() == [0]
    assert barriers(minutes, "bar").tolist() == list(range(400))


def test_schedule_when_the_day_begins_before_nine_utc_keeps_the_korean_day() -> None:
    early = a_panel({A: [100] * 1_000}, first=date(2024, 1, 31), minutes=True)

    assert barriers(early, "month").tolist() == [0, 900]  # midnight in Seoul, 15 h after 09:00


def test_schedule_when_period_is_unknown_names_the_nearest() -> None:
    with raises(StrategyError, "'months'", "Did you mean month?"):
        barriers(DAYS, "months")
