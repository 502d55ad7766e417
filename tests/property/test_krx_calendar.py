"""Counting sessions forward and back agrees with the list of sessions."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.instant import DAY, kst_date
from maemae.domain.terms import ExecutionVenue
from maemae.krx.calendar import (
    add_sessions,
    is_session,
    next_session,
    previous_session,
    sessions,
)
from maemae.krx.session import Phase, phase_at, phases

DAYS = st.dates(date(2001, 1, 1), date(2027, 12, 31))


@given(DAYS)
def test_neighbors_enclose_the_day(day: date) -> None:
    before, after = previous_session(day), next_session(day)

    assert before < day < after
    assert sessions(before, after) == [before, *([day] if is_session(day) else []), after]


@given(DAYS, st.integers(-200, 200))
def test_add_sessions_is_undone_by_its_opposite(day: date, count: int) -> None:
    start = next_session(day)

    assert add_sessions(add_sessions(start, count), -count) == start


@given(DAYS, st.sampled_from(ExecutionVenue))
def test_phases_are_in_order_within_their_day_and_end_closed(
    day: date, venue: ExecutionVenue
) -> None:
    changes = phases(day, venue)
    instants = [change.at for change in changes]

    assert instants == sorted(set(instants))
    assert all(kst_date(instant) == day for instant in instants)
    assert not changes or changes[-1].phase is Phase.CLOSED


@given(DAYS, st.integers(0, DAY - 1), st.sampled_from(ExecutionVenue))
def test_phase_at_is_the_last_change_before(day: date, offset: int, venue: ExecutionVenue) -> None:
    midnight = (day - date(1970, 1, 1)) // timedelta(days=1) * DAY - 9 * 3_600 * 10**9
    instant = midnight + offset

    reached = [change.phase for change in phases(day, venue) if change.at <= instant]

    assert phase_at(instant, venue) is (reached[-1] if reached else Phase.CLOSED)
