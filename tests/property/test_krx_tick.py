"""Rounding and steps hold for every price, product, board and day."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.terms import Market, Product
from maemae.krx.tick import TickTable, tick_table

DAYS = st.dates(date(2010, 10, 4), date(2028, 12, 31))
SECURITIES = st.sampled_from([Product.STOCK, Product.ETF, Product.ETN])
TABLES = st.builds(tick_table, st.sampled_from(Market), SECURITIES, DAYS)
PRICES = st.one_of(
    st.integers(5, 10_000_000),
    st.builds(  # around the edges of the bands
        lambda edge, offset: edge + offset,
        st.sampled_from([1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000]),
        st.integers(-20, 20),
    ),
)


@given(TABLES, PRICES)
def test_floor_and_ceil_are_the_valid_neighbors(table: TickTable, price: int) -> None:
    floor, ceil = table.floor(price), table.ceil(price)

    assert floor <= price <= ceil
    assert table.is_on_grid(floor)
    assert table.is_on_grid(ceil)
    assert not any(table.is_on_grid(between) for between in range(floor + 1, ceil))
    assert (floor == ceil) is table.is_on_grid(price)


@given(TABLES, PRICES, st.integers(-2_000, 2_000))
def test_step_is_undone_by_its_opposite(table: TickTable, price: int, ticks: int) -> None:
    start = table.floor(price)
    if ticks < 0 and start + ticks * table.tick(start) < table.lowest:
        ticks = -ticks

    end = table.step(start, ticks)

    assert table.is_on_grid(end)
    assert table.step(end, -ticks) == start
    assert (end > start) - (end < start) == (ticks > 0) - (ticks < 0)


@given(TABLES, PRICES, st.integers(1, 50))
def test_step_is_a_row_of_single_steps(table: TickTable, price: int, ticks: int) -> None:
    end = price
    for _ in range(ticks):
        end = table.step(end, 1)

    assert table.step(price, ticks) == end


@given(TABLES, PRICES, PRICES)
def test_tick_and_rounding_are_monotonic(table: TickTable, one: int, other: int) -> None:
    low, high = sorted((one, other))

    assert table.tick(low) <= table.tick(high)
    assert table.floor(low) <= table.floor(high)
    assert table.ceil(low) <= table.ceil(high)
