"""The pace: never more in any second than the broker takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import SECOND
from maemae.trading.pace import Pace


@given(st.integers(1, 8), st.lists(st.integers(0, SECOND), max_size=60))
def test_pace_whatever_comes_never_lets_more_through_in_any_second(
    per_sec: int, gaps: list[int]
) -> None:
    pace, now, sent = Pace(per_sec), 0, []
    for gap in gaps:
        now += gap
        now += pace.wait(now)
        assert pace.wait(now) == 0
        pace.count(now)
        sent.append(now)
    for begin in sent:
        assert sum(begin <= at < begin + SECOND for at in sent) <= per_sec


@given(st.integers(1, 8))
def test_pace_when_nothing_was_sent_lets_a_whole_second_through_at_once(per_sec: int) -> None:
    pace = Pace(per_sec)
    for _ in range(per_sec):
        assert pace.wait(0) == 0
        pace.count(0)
    assert pace.wait(0) == SECOND


def test_pace_when_it_would_stand_still_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        Pace(0)


def test_pace_counts_what_left_in_the_second_before() -> None:
    pace = Pace(2)
    for at in (0, SECOND // 2):
        pace.count(at)

    used = [pace.used(now) for now in (SECOND // 2, SECOND - 1, SECOND, 2 * SECOND)]

    assert pace.most == 2
    assert used == [2, 2, 1, 0]
