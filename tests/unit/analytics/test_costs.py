"""Slippage is what a fill cost beyond the price it met; the gap before an opening is apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.analytics.costs import Execution, costs_of
from maemae.domain.terms import Side
from tests.unit.analytics.executions import an_execution


@pytest.mark.parametrize(
    ("side", "px", "slippage"),
    [
        (Side.BUY, 1_005, 50),
        (Side.BUY, 990, -100),
        (Side.SELL, 995, 50),
        (Side.SELL, 1_010, -100),
    ],
)
def test_slippage_inside_a_bar_is_against_the_price_seen(
    side: Side, px: int, slippage: int
) -> None:
    execution = an_execution(side, px=px, seen=1_000)

    assert (execution.slippage, execution.gap) == (slippage, 0)


@pytest.mark.parametrize(("side", "gap"), [(Side.BUY, 300), (Side.SELL, -300)])
def test_fill_at_an_opening_slips_nothing_and_has_a_gap(side: Side, gap: int) -> None:
    execution = an_execution(side, px=1_030, seen=1_000, opening=1_030)

    assert (execution.slippage, execution.gap) == (0, gap)


def test_costs_when_nothing_was_filled_are_zero() -> None:
    assert costs_of([]).total == 0


@given(
    st.lists(
        st.builds(
            an_execution,
            st.sampled_from(Side),
            qty=st.integers(1, 100),
            px=st.integers(1, 5_000),
            seen=st.integers(1, 5_000),
            opening=st.integers(0, 5_000),
            commission=st.integers(0, 50),
            tax=st.integers(0, 50),
        )
    )
)
def test_slippage_and_gap_lead_from_the_price_seen_to_the_price_paid(
    executions: list[Execution],
) -> None:
    costs = costs_of(executions)

    paid = sum(
        (one.px - one.seen) * one.qty * (1 if one.side is Side.BUY else -1) for one in executions
    )
    charged = sum(one.commission + one.tax for one in executions)
    assert costs.slippage + costs.gap == paid
    assert costs.total == charged + costs.slippage
