"""A driver that skips every bar which no resting order waits for gets the same reports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.execution import ExecutionReport
from maemae.domain.terms import Side, TimeInForce
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX, Assumptions
from maemae.venue.house import House
from tests.house_builder import BASE, SYMBOL, a_house, an_order, buy

PRICES = st.integers(-8, 8).map(lambda ticks: BASE + 100 * ticks)
ORDERS = st.tuples(
    st.sampled_from(Side),
    st.one_of(st.none(), PRICES),
    st.integers(1, 60),
    st.sampled_from([TimeInForce.DAY, TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK]),
)
BARS = st.tuples(st.lists(PRICES, min_size=1, max_size=4), st.integers(0, 500))
ROUNDS = st.lists(st.tuples(st.lists(ORDERS, max_size=2), BARS), max_size=15)


def needs(house: House, low: int, high: int) -> bool:
    """Return whether a resting order waits for such a bar."""
    if SYMBOL not in house.resting_symbols:
        return False
    wake = house.wakes(SYMBOL)
    return wake.any_next_bar or low <= wake.buy_at or 0 < wake.sell_at <= high


def reports_of(
    rounds: list[tuple[list[tuple[Side, int | None, int, TimeInForce]], tuple[list[int], int]]],
    assumptions: Assumptions,
    *,
    dense: bool,
) -> list[ExecutionReport]:
    house = a_house(assumptions)
    buy(house, 200)
    reports: list[ExecutionReport] = []
    number = 0
    for orders, (path, volume) in rounds:
        for side, price, qty, life in orders:
            number += 1
            reports += house.submit(an_order(number, side, qty, price, life), number)
        low, high = min(path), max(path)
        if dense or needs(house, low, high):
            reports += house.begin_bar(SYMBOL, path[0], high, low, path[-1], volume, number)
            for price in path[1:]:
                reports += house.move(SYMBOL, price, number)
            house.end_bar(SYMBOL)
        else:
            house.set_last_price(SYMBOL, path[-1])
    return reports + house.end_session(number)


@given(ROUNDS, st.sampled_from([STRICT_KRX, RELAXED_ADJUSTED]))
def test_skipping_bars_that_nothing_waits_for_changes_no_report(
    rounds: list[tuple[list[tuple[Side, int | None, int, TimeInForce]], tuple[list[int], int]]],
    assumptions: Assumptions,
) -> None:
    dense = reports_of(rounds, assumptions, dense=True)
    assert reports_of(rounds, assumptions, dense=False) == dense
