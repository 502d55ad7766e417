"""Guessing is slower each time, but never shut out for good."""

from __future__ import annotations

from maemae.domain.instant import HOUR, MINUTE
from maemae.server.security.lockout import pause_of_address, pause_of_person


def test_person_when_mistyping_a_few_times_need_not_wait() -> None:
    assert [pause_of_person(failures) for failures in range(1, 5)] == [0] * 4


def test_person_when_failing_on_waits_twice_as_long_each_time_up_to_an_hour() -> None:
    pauses = [pause_of_person(failures) for failures in range(5, 12)]

    assert pauses[:3] == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert pauses == sorted(pauses)
    assert pause_of_person(1_000) == HOUR


def test_address_may_fail_more_often_than_a_person() -> None:
    assert pause_of_address(19) == 0
    assert pause_of_address(20) == MINUTE
    assert pause_of_address(1_000_000) == HOUR
