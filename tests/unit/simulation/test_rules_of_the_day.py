"""Base and band follow from the close before, or the session is quarantined."""

from __future__ import annotations

from datetime import time

import pytest

from maemae.domain.refusal import Reason
from maemae.domain.terms import PriceBasis
from tests.hand_made_bars import DAYS, Bar, daily, minute, panel_of, run, trades
from tests.market import SYMBOLS

A = SYMBOLS[0]
FIRST, SECOND, THIRD, FOURTH = DAYS


def minutes(*last: int) -> list[Bar]:
    """Return two sessions of three minutes; the prices of the very last one are given."""
    clocks = (time(9), time(9, 1), time(9, 2))
    bars = [minute(day, clock, 10_000) for day in (FIRST, SECOND) for clock in clocks]
    return [*bars[:-1], minute(SECOND, clocks[-1], *last)]


@pytest.mark.parametrize("last", [(10_000,), (10_000, 13_500, 10_000, 10_000), (50_000,)])
def test_order_when_a_later_price_leaves_the_band_is_taken_all_the_same(
    last: tuple[int, ...],
) -> None:
    result = run(panel_of({A: minutes(*last)}), {3: lambda s: s.buy(A, shares=10)})

    assert trades(result) == [(A, 10, 10_000)]
    assert not result.refusals


def test_buy_when_the_first_print_lies_outside_the_band_is_refused() -> None:
    bars = [daily(FIRST, 50_000), daily(SECOND, 50_000), daily(THIRD, 10_000)]

    result = run(panel_of({A: bars}), {1: lambda s: s.buy(A, shares=10)})

    assert trades(result) == []
    assert result.refusals == {Reason.INSTRUMENT_BLOCKED: 1}


@pytest.mark.parametrize("dense", [False, True])
def test_stop_when_the_session_is_quarantined_waits_for_the_next(*, dense: bool) -> None:
    bars = [
        *(minute(FIRST, clock, 50_000) for clock in (time(9), time(9, 1))),
        *(minute(SECOND, clock, 50_000) for clock in (time(9), time(9, 1))),
        *(minute(THIRD, clock, 10_000) for clock in (time(9), time(9, 1))),
        *(minute(FOURTH, clock, 10_100) for clock in (time(9), time(9, 1))),
    ]

    result = run(
        panel_of({A: bars}), {2: lambda s: s.buy(A, shares=10, stop_loss=0.1)}, dense=dense
    )

    assert trades(result) == [(A, 10, 50_000), (A, -10, 10_100)]
    assert result.fills[-1].at == bars[6].opened


def test_session_when_prices_are_adjusted_is_never_quarantined() -> None:
    bars = [daily(FIRST, 50_000), daily(SECOND, 50_000), daily(THIRD, 10_000)]

    panel = panel_of({A: bars}, PriceBasis.ADJUSTED)
    result = run(panel, {0: lambda s: s.buy(A, shares=10, stop_loss=0.1)})

    assert trades(result) == [(A, 10, 50_000), (A, -10, 10_000)]
