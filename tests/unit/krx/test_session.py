"""Phases of every kind of day, written as a timetable."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.instant import KST, SECOND, kst_datetime, kst_nanos
from maemae.domain.terms import ExecutionVenue
from maemae.krx.session import (
    Phase,
    is_csat_day,
    is_regular,
    phase_at,
    phases,
    regular_close,
    regular_open,
)

KRX, NXT = ExecutionVenue.KRX, ExecutionVenue.NXT
P = Phase

TIMETABLES = [
    ("before single-price trading", KRX, "2005-05-27",
     "08:00 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 14:50 CLOSING_AUCTION, 15:00 AFTER_HOURS_CLOSE, "
     "16:00 CLOSED"),
    ("first single-price trading", KRX, "2005-05-30",
     "08:00 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 14:50 CLOSING_AUCTION, 15:00 AFTER_HOURS_CLOSE, "
     "15:30 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("opening at noon", KRX, "2001-09-12",
     "11:00 PRE_OPEN_AUCTION, 12:00 CONTINUOUS, 14:50 CLOSING_AUCTION, 15:00 AFTER_HOURS_CLOSE, "
     "16:00 CLOSED"),
    ("before the long day", KRX, "2016-07-29",
     "08:00 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 14:50 CLOSING_AUCTION, 15:00 AFTER_HOURS_CLOSE, "
     "15:30 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("long day, long entry", KRX, "2016-08-01",
     "08:00 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 15:20 CLOSING_AUCTION, 15:30 AFTER_HOURS_CLOSE, "
     "16:00 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("short entry", KRX, "2019-04-29",
     "08:30 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 15:20 CLOSING_AUCTION, 15:30 AFTER_HOURS_CLOSE, "
     "16:00 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("last single-price session", KRX, "2026-09-11",
     "08:30 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 15:20 CLOSING_AUCTION, 15:30 AFTER_HOURS_CLOSE, "
     "16:00 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("first after-market", KRX, "2026-09-14",
     "08:30 PRE_OPEN_AUCTION, 09:00 CONTINUOUS, 15:20 CLOSING_AUCTION, 15:30 AFTER_HOURS_CLOSE, "
     "16:00 AFTER_MARKET, 20:00 CLOSED"),
    ("first session of a year", KRX, "2026-01-02",
     "09:30 PRE_OPEN_AUCTION, 10:00 CONTINUOUS, 15:20 CLOSING_AUCTION, 15:30 AFTER_HOURS_CLOSE, "
     "16:00 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("CSAT of the short day", KRX, "2015-11-12",
     "09:00 PRE_OPEN_AUCTION, 10:00 CONTINUOUS, 15:50 CLOSING_AUCTION, 16:00 AFTER_HOURS_CLOSE, "
     "16:30 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("CSAT", KRX, "2025-11-13",
     "09:30 PRE_OPEN_AUCTION, 10:00 CONTINUOUS, 16:20 CLOSING_AUCTION, 16:30 AFTER_HOURS_CLOSE, "
     "17:00 AFTER_HOURS_SINGLE, 18:00 CLOSED"),
    ("CSAT with after-market", KRX, "2026-11-19",
     "09:30 PRE_OPEN_AUCTION, 10:00 CONTINUOUS, 16:20 CLOSING_AUCTION, 16:30 AFTER_HOURS_CLOSE, "
     "17:00 AFTER_MARKET, 20:00 CLOSED"),
    ("Nextrade", NXT, "2025-03-04",
     "08:00 PRE_MARKET, 08:50 PAUSE, 09:00:30 CONTINUOUS, 15:20 PAUSE, 15:40 AFTER_MARKET, "
     "20:00 CLOSED"),
    ("Nextrade, first session", NXT, "2026-01-02",
     "10:00:30 CONTINUOUS, 15:20 PAUSE, 15:40 AFTER_MARKET, 20:00 CLOSED"),
    ("Nextrade, CSAT", NXT, "2025-11-13",
     "10:00:30 CONTINUOUS, 16:20 PAUSE, 16:40 AFTER_MARKET, 20:00 CLOSED"),
    ("before Nextrade", NXT, "2025-02-28", ""),
    ("a holiday", KRX, "2026-09-24", ""),
    ("a Saturday", NXT, "2026-09-19", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("venue", "day", "timetable"), [pytest.param(*row[1:], id=row[0]) for row in TIMETABLES]
)
def test_phases_follow_the_timetable(venue: ExecutionVenue, day: str, timetable: str) -> None:
    changes = phases(date.fromisoformat(day), venue)

    shown = [f"{clock(change.at)} {change.phase}" for change in changes]
    assert ", ".join(shown) == timetable


def clock(instant: int) -> str:
    return f"{kst_datetime(instant):%H:%M:%S}".removesuffix(":00")


CSAT_DAYS = [
    "2016-11-17", "2017-11-16", "2017-11-23", "2018-11-15", "2019-11-14", "2020-12-03",
    "2021-11-18", "2022-11-17", "2023-11-16", "2024-11-14", "2025-11-13", "2026-11-19",
    "2027-11-18",
]  # fmt: skip


@pytest.mark.parametrize("text", CSAT_DAYS)
def test_regular_session_when_csat_moves_by_an_hour(text: str) -> None:
    day = date.fromisoformat(text)

    assert is_csat_day(day)
    assert regular_open(day) == kst_nanos(day, time(10))
    assert regular_close(day) == kst_nanos(day, time(16, 30))


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2027, 1, 4), time(10), time(15, 30)),
        (date(2024, 1, 2), time(10), time(15, 30)),
        (date(2026, 1, 5), time(9), time(15, 30)),
        (date(2015, 6, 15), time(9), time(15)),
        (date(2015, 1, 2), time(10), time(15)),
    ],
)
def test_regular_session_hours(day: date, opens: time, closes: time) -> None:
    assert regular_open(day) == kst_nanos(day, opens)
    assert regular_close(day) == kst_nanos(day, closes)


@pytest.mark.parametrize(
    ("moment", "venue", "phase"),
    [
        ("2026-09-14T00:00:00", KRX, P.CLOSED),
        ("2026-09-14T08:29:59", KRX, P.CLOSED),
        ("2026-09-14T08:30:00", KRX, P.PRE_OPEN_AUCTION),
        ("2026-09-14T09:00:00", KRX, P.CONTINUOUS),
        ("2026-09-14T09:00:00", NXT, P.PAUSE),
        ("2026-09-14T09:00:30", NXT, P.CONTINUOUS),
        ("2026-09-14T15:19:59", KRX, P.CONTINUOUS),
        ("2026-09-14T15:30:00", KRX, P.AFTER_HOURS_CLOSE),
        ("2026-09-14T19:59:59", KRX, P.AFTER_MARKET),
        ("2026-09-14T20:00:00", KRX, P.CLOSED),
        ("2026-09-13T10:00:00", KRX, P.CLOSED),
        ("2025-02-28T10:00:00", NXT, P.CLOSED),
    ],
)
def test_phase_at(moment: str, venue: ExecutionVenue, phase: Phase) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=KST)

    assert phase_at(int(at.timestamp()) * SECOND, venue) is phase


def test_phases_are_the_same_object_when_asked_again() -> None:
    assert phases(date(2026, 9, 14)) is phases(date(2026, 9, 14))


def test_regular_phases_are_those_of_the_day_session() -> None:
    regular = {phase for phase in Phase if is_regular(phase)}

    assert regular == {
        P.PRE_OPEN_AUCTION, P.CONTINUOUS, P.CLOSING_AUCTION, P.INTRADAY_AUCTION
    }  # fmt: skip


def test_regular_open_when_there_is_no_session_raises() -> None:
    with pytest.raises(InvalidValueError, match="no session"):
        regular_open(date(2026, 9, 24))


@pytest.mark.parametrize("day", [date(2000, 5, 19), date(1999, 6, 1), date(2029, 1, 2)])
def test_phases_when_no_rule_covers_the_day_raises(day: date) -> None:
    with pytest.raises(UnknownRuleError):
        phases(day)
