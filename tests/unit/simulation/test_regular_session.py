"""Only prints of the regular session fill orders and reach guards, its closing auction included."""

from __future__ import annotations

from datetime import date, time

import pytest

from tests.hand_made_bars import DAYS, Bar, minute, panel_of, run, trades
from tests.market import SYMBOLS

A = SYMBOLS[0]
FIRST, SECOND, THIRD, _ = DAYS


def long_day(day: date, outside: int, last: int = 10_000) -> list[Bar]:
    """Return a day whose prices outside the regular session are given, and its closing print."""
    regular = [minute(day, clock, 10_000) for clock in (time(9), time(9, 1), time(15, 19))]
    before = [minute(day, clock, outside) for clock in (time(8), time(8, 40), time(8, 45))]
    after = [minute(day, clock, outside) for clock in (time(16), time(18))]
    return [*before, *regular, minute(day, time(15, 30), last), *after]


PER_DAY = len(long_day(FIRST, 1))


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("bar", [0, 1, 2])
def test_order_when_sent_before_the_opening_fills_at_the_opening(bar: int, *, dense: bool) -> None:
    bars = long_day(FIRST, 12_000) + long_day(SECOND, 12_000)

    act = {PER_DAY + bar: lambda s: s.buy(A, shares=10)}
    result = run(panel_of({A: bars}), act, dense=dense)

    assert trades(result) == [(A, 10, 10_000)]
    assert result.fills[0].at == bars[PER_DAY + 3].opened


@pytest.mark.parametrize("dense", [False, True])
def test_order_when_sent_after_the_close_waits_for_the_next_opening(*, dense: bool) -> None:
    bars = long_day(FIRST, 9_000) + long_day(SECOND, 9_000) + long_day(THIRD, 9_000)

    act = {2 * PER_DAY - 2: lambda s: s.buy(A, shares=10)}
    result = run(panel_of({A: bars}), act, dense=dense)

    assert trades(result) == [(A, 10, 10_000)]
    assert result.fills[0].at == bars[2 * PER_DAY + 3].opened


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("outside", [8_000, 12_000])
def test_guard_when_reached_outside_the_regular_session_stays(outside: int, *, dense: bool) -> None:
    bars = [bar for day in DAYS for bar in long_day(day, outside)]

    act = {PER_DAY + 3: lambda s: s.buy(A, shares=10, stop_loss=0.05, take_profit=0.05)}
    result = run(panel_of({A: bars}), act, dense=dense)

    assert trades(result) == [(A, 10, 10_000)]


@pytest.mark.parametrize("dense", [False, True])
def test_order_when_the_close_is_labeled_by_its_start_fills_in_the_closing_auction(
    *,
    dense: bool,
) -> None:
    bars = long_day(FIRST, 10_000) + long_day(SECOND, 10_000, last=9_900)

    act = {PER_DAY + 5: lambda s: s.buy(A, shares=10)}
    result = run(panel_of({A: bars}), act, dense=dense)

    assert trades(result) == [(A, 10, 9_900)]
    assert result.fills[0].at == bars[PER_DAY + 6].opened


@pytest.mark.parametrize("dense", [False, True])
def test_order_when_the_closing_print_passes_it_by_ends_with_the_day(*, dense: bool) -> None:
    bars = [
        *long_day(FIRST, 9_000),
        *long_day(SECOND, 9_000, last=9_900),
        *(minute(THIRD, clock, 9_500) for clock in (time(9), time(9, 1))),
    ]

    act = {PER_DAY + 5: lambda s: s.buy(A, shares=10, limit=9_800)}
    result = run(panel_of({A: bars}), act, dense=dense)

    assert (result.orders, trades(result)) == (1, [])
