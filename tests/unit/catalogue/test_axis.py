"""Every bar has the instant it began and the instant it was known."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import pytest

from maemae.catalogue.axis import daily_axis, intraday_axis
from maemae.catalogue.interval import BarLabel, Interval
from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import kst_datetime, kst_nanos
from maemae.strategy.panel import Ints

DAY = date(2024, 1, 3)


def at(*clock: str) -> Ints:
    return np.array([kst_nanos(DAY, time.fromisoformat(text)) for text in clock], np.int64)


def shown(instants: Ints) -> list[str]:
    return [f"{kst_datetime(instant):%H:%M}" for instant in instants.tolist()]


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2024, 1, 3), "09:00", "15:30"),
        (date(2024, 1, 2), "10:00", "15:30"),
        (date(2024, 11, 14), "10:00", "16:30"),
        (date(2015, 3, 2), "09:00", "15:00"),
    ],
)
def test_daily_bar_begins_at_the_open_and_is_known_at_the_close(
    day: date, opens: str, closes: str
) -> None:
    opened, known = daily_axis([day])

    assert (shown(opened), shown(known)) == ([opens], [closes])


def test_daily_bar_when_there_is_no_session_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        daily_axis([date(2024, 1, 1)])


def test_bar_labeled_by_its_start_is_known_an_interval_later() -> None:
    opened, known = intraday_axis(at("09:00", "09:05"), Interval(5), BarLabel.START)

    assert shown(opened) == ["09:00", "09:05"]
    assert shown(known) == ["09:05", "09:10"]


def test_bar_cut_short_by_the_close_is_known_at_the_close() -> None:
    _, known = intraday_axis(at("14:00", "15:00"), Interval(60), BarLabel.START)

    assert shown(known) == ["15:00", "15:30"]


def test_bar_of_the_closing_auction_is_known_after_the_bar_before() -> None:
    _, known = intraday_axis(at("15:29", "15:30"), Interval(1), BarLabel.START)

    assert shown(known) == ["15:30", "15:31"]


def test_bar_labeled_by_its_end_is_known_then() -> None:
    opened, known = intraday_axis(at("10:00", "11:00", "11:30"), Interval(60), BarLabel.END)

    assert shown(known) == ["10:00", "11:00", "11:30"]
    assert shown(opened) == ["09:00", "10:00", "11:00"]


def test_axis_uses_the_date_time_of_korea() -> None:
    opened, _ = daily_axis([DAY])

    assert kst_datetime(int(opened[0])) == datetime.fromisoformat("2024-01-03T09:00:00+09:00")
