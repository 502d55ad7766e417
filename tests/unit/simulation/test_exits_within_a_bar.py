"""
What a bar says of its inside, and what it does not: trailing stops, time stops, brackets.

A market order within a bar gives a tick away, but never more than the bar has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest

from maemae import Hold, Strategy, won
from maemae.domain.ids import Symbol
from maemae.krx.calendar import sessions
from maemae.research.backtest import BacktestResult
from tests.hand_made_bars import Bar, daily, minute, panel_of, run, trades
from tests.market import SYMBOLS

HELD, OTHER = SYMBOLS[:2]
DAYS = sessions(date(2025, 9, 1), date(2025, 9, 8))
QUIET = (10_000, 10_000, 10_000, 10_000)


def trailing(strategy: Strategy) -> None:
    strategy.buy(HELD, shares=10, trail=won(500))


def bracket(strategy: Strategy) -> None:
    strategy.buy(HELD, shares=10, stop_loss=won(300), take_profit=won(300))


def days(*bars: tuple[int, int, int, int]) -> list[Bar]:
    return [daily(day, *bar) for day, bar in zip(DAYS, (QUIET, *bars), strict=False)]


def left(
    bars: list[Bar], wish: Callable[[Strategy], object], *, dense: bool, after: int = 0
) -> list[tuple[Symbol, int, int]]:
    result: BacktestResult = run(panel_of({HELD: bars}), {after: wish}, dense=dense)
    return trades(result)[1:]


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(
    ("bar", "sold_at"),
    [
        ((10_000, 11_000, 9_600, 10_600), None),  # the high may have come after the low
        ((10_000, 11_000, 9_600, 10_400), 10_490),  # the close came after the high for certain
        ((10_000, 11_000, 9_500, 10_900), 9_500),  # reached from the entry on
        ((10_800, 10_900, 10_300, 10_700), 10_300),  # the opening comes first and lifts the stop
    ],
    ids=["low-then-high", "high-then-close", "low", "opening"],
)
def test_trailing_stop_uses_a_high_only_for_what_is_known_to_come_after_it(
    bar: tuple[int, int, int, int], sold_at: int | None, *, dense: bool
) -> None:
    bars = days(QUIET, bar, QUIET)[: 4 if sold_at else 3]

    assert left(bars, trailing, dense=dense) == ([(HELD, -10, sold_at)] if sold_at else [])


@pytest.mark.parametrize("dense", [False, True])
def test_trailing_stop_of_the_day_before_holds_from_the_opening_on(*, dense: bool) -> None:
    bars = days(QUIET, (10_500, 11_000, 10_400, 11_000), (10_450, 10_450, 10_450, 10_450))

    assert left(bars, trailing, dense=dense) == [(HELD, -10, 10_450)]


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(
    ("bar", "sold_at"),
    [
        ((10_000, 10_400, 9_600, 10_000), 9_690),  # both within the bar: the stop
        ((10_350, 10_400, 9_600, 10_000), 10_340),  # opened beyond the target: it came first
        ((9_600, 10_400, 9_600, 10_000), 9_600),
    ],
)
def test_bracket_when_a_bar_holds_both_sells_once_and_at_the_stop(
    bar: tuple[int, int, int, int], sold_at: int, *, dense: bool
) -> None:
    assert left(days(QUIET, bar, bar, bar), bracket, dense=dense) == [(HELD, -10, sold_at)]


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(
    ("hold", "sold_at"),
    [
        (Hold(sessions=2), 12_000),  # entered at the opening of day 1, left at that of day 3
        (Hold(bars=2), 12_000),
        (Hold(until="15:15"), 10_010),  # a daily bar knows no price of 15:15 but its close
        (Hold(sessions=1, until="10:00"), 11_010),
    ],
)
def test_time_stop_of_a_daily_run(hold: Hold, sold_at: int, *, dense: bool) -> None:
    bars = days(*((price, price + 20, price, price + 20) for price in (10_000, 11_000, 12_000)))

    def wish(strategy: Strategy) -> None:
        strategy.buy(HELD, shares=10, hold=hold)

    assert left(bars, wish, dense=dense) == [(HELD, -10, sold_at)]


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(
    ("hold", "minute_of_exit"), [(Hold(bars=3), 4), (Hold(until="10:05"), 5), (Hold(bars=9), None)]
)
def test_time_stop_of_a_minute_run(hold: Hold, minute_of_exit: int | None, *, dense: bool) -> None:
    bars = [minute(DAYS[1], time(10, each), 10_000 + 10 * each) for each in range(8)]
    bars = [minute(DAYS[0], time(15), 10_000), *bars]

    def wish(strategy: Strategy) -> None:
        strategy.buy(HELD, shares=10, hold=hold)

    expected = [] if minute_of_exit is None else [(HELD, -10, 10_000 + 10 * minute_of_exit)]
    assert left(bars, wish, dense=dense, after=1) == expected


def test_time_stop_of_what_does_not_trade_leaves_at_one_instant_in_both_drivers() -> None:
    """The phase lets it go, at the core's time: that of the last price of whatever is guarded."""

    def two(strategy: Strategy) -> None:
        strategy.buy(OTHER, shares=10, stop_loss=0.5)
        strategy.buy(HELD, shares=10, hold=Hold(sessions=1, until="11:00"))

    bars = days(QUIET, QUIET, QUIET)
    halted = [*bars[:2], daily(DAYS[2], 0), *bars[3:]]
    moving = days(*[(10_000, 10_200, 9_900, 10_100)] * 3)
    panel = panel_of({HELD: halted, OTHER: moving})

    sparse, dense = (run(panel, {0: two}, dense=dense) for dense in (False, True))

    assert [fill.qty for fill in sparse.fills if fill.symbol == HELD] == [10, -10]
    assert sparse.order_hash == dense.order_hash
