"""Trading days: equal to the library's for every year, and to every session that was recorded."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import polars as pl
import pytest

from maemae.domain.errors import UnknownRuleError
from maemae.krx.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    PROJECTED_FROM,
    add_sessions,
    is_first_session_of_year,
    is_session,
    next_session,
    previous_session,
    sessions,
    settlement_date,
)
from tests.shared_data import shared

SATURDAY = 5

# No share traded on these days; the library has them as sessions.
LIBRARY_MISSES = {date(2000, 1, 3), date(2000, 12, 27), date(2000, 12, 28)}

# The official file lacks this session; every vendor's file has it.
OFFICIAL_FILE_LACKS = {date(2021, 1, 22)}


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_calendar_equals_the_library(year: int) -> None:
    closed = holidays.financial_holidays("XKRX", years=year)
    days = (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))

    expected = [
        day
        for day in days
        if day.year == year
        and day.weekday() < SATURDAY
        and day not in closed
        and day not in LIBRARY_MISSES
    ]

    assert sessions(date(year, 1, 1), date(year, 12, 31)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "daily_invest_kr_2023_2025.parquet",
        "daily_arclien_adj_2015_2022.parquet",
        "daily_krx_hyungsoo_etf_2020_2025.parquet",
    ],
)
def test_calendar_equals_every_session_of_the_daily_files(name: str) -> None:
    days = recorded_days(name)

    assert sessions(days[0], days[-1]) == days


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_calendar_equals_every_session_of_the_official_file(year: int) -> None:
    name = "daily_marcap_krx_official_2021_2024_janfeb.parquet"
    days = [day for day in recorded_days(name) if day.year == year]

    known = [day for day in sessions(days[0], days[-1]) if day not in OFFICIAL_FILE_LACKS]

    assert known == days


def test_calendar_holds_every_day_of_the_intraday_file() -> None:
    assert all(map(is_session, recorded_days("bars5m_greatbps_yahoo_2025_2026.parquet")))


def recorded_days(name: str) -> list[date]:
    days = pl.read_parquet(shared(name), columns=["datetime"])["datetime"].dt.date()
    return [day for day in days.unique().sort() if isinstance(day, date)]


def test_calendar_when_2026_has_17_closed_weekdays() -> None:
    closed = [
        day
        for offset in range(365)
        if (day := date(2026, 1, 1) + timedelta(days=offset)).weekday() < SATURDAY
        and not is_session(day)
    ]

    assert [f"{day:%m%d}" for day in closed] == [
        "0101", "0216", "0217", "0218", "0302", "0501", "0505", "0525", "0603", "0717", "0817",
        "0924", "0925", "1005", "1009", "1225", "1231",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "after", "before"),
    [
        (date(2026, 12, 30), date(2027, 1, 4), date(2026, 12, 29)),
        (date(2026, 9, 24), date(2026, 9, 28), date(2026, 9, 23)),
        (date(2026, 9, 26), date(2026, 9, 28), date(2026, 9, 23)),
    ],
)
def test_neighbors_need_not_start_at_a_session(day: date, after: date, before: date) -> None:
    assert next_session(day) == after
    assert previous_session(day) == before


@pytest.mark.parametrize(
    ("trade", "settled"),
    [
        (date(2026, 9, 11), date(2026, 9, 15)),
        (date(2025, 12, 26), date(2025, 12, 30)),
        (date(2025, 12, 29), date(2026, 1, 2)),
        (date(2026, 12, 29), date(2027, 1, 4)),
        (date(2026, 12, 30), date(2027, 1, 5)),
    ],
)
def test_settlement_is_two_sessions_later(trade: date, settled: date) -> None:
    assert settlement_date(trade) == settled


def test_first_session_of_a_year() -> None:
    days = sessions(date(2024, 1, 1), PROJECTED_FROM + timedelta(days=30))

    assert [day for day in days if is_first_session_of_year(day)] == [
        date(2024, 1, 2),
        date(2025, 1, 2),
        date(2026, 1, 2),
        date(2027, 1, 4),
    ]


def test_calendar_when_a_day_lies_outside_the_table_raises() -> None:
    outside = date(LAST_YEAR + 1, 1, 2)

    for ask in (is_session, next_session, previous_session, settlement_date):
        with pytest.raises(UnknownRuleError, match="upgrade"):
            ask(outside)
    with pytest.raises(UnknownRuleError):
        sessions(date(2026, 1, 1), outside)
    with pytest.raises(UnknownRuleError):
        add_sessions(date(LAST_YEAR, 12, 28), 2)
