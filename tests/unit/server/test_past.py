"""The figures of somebody's past are those of the orders in it, and cost the same with many."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.instant import DAY, HOUR, MINUTE, SECOND
from maemae.server.anomaly import Thresholds, anomalies
from maemae.server.past import MOST, Act, Past, network_of

SPAN = 3 * DAY
BEGIN = 1_000 * DAY
ADDRESSES = ("", "192.0.2.7", "192.0.2.8", "198.51.100.1", "x")

acts = st.builds(
    Act,
    at=st.integers(0, 6 * 24 * 60).map(lambda minute: BEGIN + minute * MINUTE),
    notional=st.none() | st.integers(1, 5),
    address=st.sampled_from(ADDRESSES),
)


def figures(past: Past) -> tuple[object, ...]:
    return (
        *(len(past), past.lately, past.busiest, past.days),
        *(past.sizes.copy(), past.networks.copy(), past.hours.copy()),
    )


@given(st.lists(acts, max_size=40), st.integers(0, 2 * 60))
def test_past_when_it_goes_on_order_by_order_has_the_figures_of_one_made_anew(
    orders: list[Act], later: int
) -> None:
    orders.sort(key=lambda act: act.at)
    grown = Past(SPAN)
    for act in orders:
        grown.advance(act.at)
        grown.add(act)
    now = (orders[-1].at if orders else BEGIN) + later * MINUTE
    fresh = Past(SPAN, [act for act in orders if act.at >= now - SPAN])

    grown.advance(now)
    fresh.advance(now)

    assert figures(grown) == figures(fresh)


def test_past_when_a_minute_and_half_a_day_go_by_counts_orders_as_older() -> None:
    act = Act(BEGIN, 7, "192.0.2.7")
    past = Past(SPAN, [act])

    past.advance(BEGIN + MINUTE - 1)
    fresh = figures(past)
    past.advance(BEGIN + MINUTE)
    settled = figures(past)
    past.advance(BEGIN + 12 * HOUR)
    old = figures(past)
    past.advance(BEGIN + SPAN + 1)

    sizes, networks, hours = Counter([7]), Counter(["192.0.2.0/24"]), Counter([9])
    assert fresh == (1, 1, 0, 1, sizes, networks, Counter())
    assert settled == (1, 0, 1, 1, sizes, networks, Counter())
    assert old == (1, 0, 1, 1, sizes, networks, hours)
    assert figures(past) == (0, 0, 0, 0, Counter(), Counter(), Counter())


def test_past_when_there_is_more_than_is_kept_forgets_the_oldest() -> None:
    past = Past(SPAN, [Act(BEGIN + n, n, "") for n in range(MOST + 10)])
    past.advance(BEGIN + MOST + 10)

    assert len(past) == past.lately == MOST
    assert min(past.sizes) == 10


def test_order_when_many_came_before_it_is_looked_at_as_quickly_as_one_of_few() -> None:
    def calls(orders: int) -> int:
        past = Past(SPAN, [Act(BEGIN + n * SECOND, 5, "192.0.2.7") for n in range(orders)])
        past.advance(BEGIN + orders * SECOND)
        next_one = Act(BEGIN + orders * SECOND, 5, "192.0.2.7")
        count = 0

        def note(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(note)
        try:
            anomalies(next_one, past, Thresholds())
        finally:
            sys.setprofile(None)
        return count

    assert calls(4_000) == calls(200)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.17", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("somewhere", "somewhere"),
    ],
)
def test_address_is_known_by_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
