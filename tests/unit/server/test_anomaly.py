"""Planted oddities are found, and quiet days are quiet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.instant import DAY, HOUR, SECOND, kst_nanos
from maemae.server.anomaly import Anomaly, Thresholds, Unusual, anomalies
from maemae.server.past import Act, Past

LIMITS = Thresholds()
FIRST = kst_nanos(date(2026, 11, 2), time(9, 5))
HOME = "192.0.2.17"


def quiet_days(days: int = 20, orders: int = 6) -> list[Act]:
    """Return weeks of orders between 9 and 15, of a million won or so, from one network."""
    return [
        Act(FIRST + day * DAY + n * HOUR, 900_000 + 40_000 * n, f"192.0.2.{17 + n % 3}")
        for day in range(days)
        for n in range(orders)
    ]


NOW = FIRST + 20 * DAY


def unusual(act: Act, past: Sequence[Act]) -> tuple[Anomaly, ...]:
    return anomalies(act, Past(LIMITS.past, past), LIMITS)


def kinds(found: tuple[Anomaly, ...]) -> list[Unusual]:
    return [each.kind for each in found]


def test_every_order_of_quiet_days_is_usual() -> None:
    days = quiet_days()
    for place, act in enumerate(days):
        assert unusual(act, days[:place]) == ()


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (Act(NOW, 50_000_000, HOME), Unusual.SIZE),
        (Act(NOW + 18 * HOUR, 1_000_000, HOME), Unusual.HOUR),
        (Act(NOW, 1_000_000, "203.0.113.9"), Unusual.ADDRESS),
        (Act(NOW, 1_000_000, "2001:db8::1"), Unusual.ADDRESS),
    ],
)
def test_order_when_planted_among_quiet_days_is_found_with_its_figures(
    act: Act, kind: Unusual
) -> None:
    (found,) = unusual(act, quiet_days())
    assert found.kind is kind
    assert found.text.ko != found.text.en


def test_orders_when_they_come_in_a_burst_are_found_once_it_is_one() -> None:
    past = quiet_days()
    found = []
    for n in range(40):
        act = Act(NOW + n * SECOND, 1_000_000, HOME)
        found.append(kinds(unusual(act, past)))
        past.append(act)

    assert found[: LIMITS.rate] == [[]] * LIMITS.rate
    assert found[LIMITS.rate :] == [[Unusual.RATE]] * 20


def test_burst_when_bursts_are_usual_is_usual() -> None:
    past = [Act(FIRST + n * SECOND, 1_000_000, HOME) for n in range(15)]
    burst = [Act(NOW + n * SECOND, 1_000_000, HOME) for n in range(40)]

    assert unusual(burst[-1], past + burst[:-1]) == ()


def test_one_order_can_be_unusual_in_every_way() -> None:
    act = Act(NOW + 18 * HOUR, 90_000_000, "203.0.113.9")
    past = quiet_days() + [Act(act.at - n * SECOND, None, "") for n in range(59, 0, -1)]
    assert kinds(unusual(act, past)) == list(Unusual)


@pytest.mark.parametrize("days", [0, 1])
def test_somebody_without_a_past_is_measured_by_fixed_figures_only(days: int) -> None:
    past = quiet_days(days)
    assert unusual(Act(NOW + 18 * HOUR, 10**12, "203.0.113.9"), past) == ()


def test_past_when_too_long_ago_is_forgotten() -> None:
    act = Act(NOW + 60 * DAY, 90_000_000, "203.0.113.9")
    assert unusual(act, quiet_days()) == ()


@given(
    st.lists(st.integers(0, 30 * DAY), max_size=60),
    st.integers(0, 10**13),
    st.sampled_from(["", HOME, "203.0.113.9", "x"]),
)
def test_any_past_can_be_looked_at(ages: list[int], notional: int, address: str) -> None:
    past = sorted((Act(NOW - age, notional, HOME) for age in ages), key=lambda act: act.at)
    found = unusual(Act(NOW, notional, address), past)
    assert len(set(kinds(found))) == len(found)
    assert Unusual.SIZE not in kinds(found)
