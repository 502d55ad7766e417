"""Trades become the bars that the catalogue would hold of them, each handed out once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.catalogue.axis import intraday_axis
from maemae.catalogue.interval import DAY, BarLabel, Interval
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.market_data import Trade
from maemae.trading.workers.bars import BarRow, TradeBars
from tests.strategy_runs import A, B, C

SESSION = date(2026, 11, 20)
CSAT = date(2026, 11, 19)  # opens at 10:00 and closes at 16:30
LATER = kst_nanos(date(2026, 11, 21), time(12))


def at(hour: int, minute: int = 0, second: float = 0, day: date = SESSION) -> int:
    return kst_nanos(day, time(hour, minute)) + round(second * SECOND)


def a_trade(instant: int, px: int = 1_000, qty: int = 1, symbol: Symbol = A) -> Trade:
    return Trade(symbol, px, qty, instant)


def built(trades: Iterable[Trade], interval: Interval | None = None) -> list[BarRow]:
    bars = TradeBars((A, B), interval or Interval(1))
    for trade in trades:
        bars.add(trade)
    return bars.advance(LATER)


def test_bars_hold_first_highest_lowest_last_and_sum_of_each_symbol() -> None:
    rows = built(
        [
            a_trade(at(9, 0, 1), 1_000, 5),
            a_trade(at(9, 0, 2), 1_200, 6),
            a_trade(at(9, 0, 3), 50, 7, B),
            a_trade(at(9, 0, 4), 900, 8),
            a_trade(at(9, 0, 5), 1_100, 9),
            a_trade(at(9, 1, 0), 1_300, 10),
        ]
    )

    assert rows == [
        BarRow(at(9), at(9, 1), (1_000, 50), (1_200, 50), (900, 50), (1_100, 50), (28, 7)),
        BarRow(at(9, 1), at(9, 2), (1_300, 0), (1_300, 0), (1_300, 0), (1_300, 0), (10, 0)),
    ]


def test_bars_when_trades_arrive_out_of_order_go_by_the_exchanges_time() -> None:
    (row,) = built([a_trade(at(9, 0, 2), 2), a_trade(at(9, 0, 3), 3), a_trade(at(9, 0, 1), 1)])

    assert (row.open[0], row.close[0]) == (1, 3)


def test_bars_when_trades_share_an_instant_go_by_arrival() -> None:
    (row,) = built([a_trade(at(9, 0, 1), 5), a_trade(at(9, 0, 1), 9), a_trade(at(9, 0, 1), 7)])

    assert (row.open[0], row.close[0]) == (5, 7)


def test_bars_are_handed_out_once_their_time_and_patience_are_over() -> None:
    bars = TradeBars((A,), patience=2 * SECOND)
    bars.add(a_trade(at(9, 0, 30)))
    bars.add(a_trade(at(9, 1, 1)))

    assert bars.advance(at(9, 1, 1.9)) == []
    assert [row.known for row in bars.advance(at(9, 1, 2))] == [at(9, 1)]
    assert [row.known for row in bars.advance(at(9, 2, 2))] == [at(9, 2)]
    assert bars.advance(LATER) == []


@pytest.mark.parametrize("had_a_bar", [True, False])
def test_bars_when_a_trade_is_late_count_it_and_leave_it_out(*, had_a_bar: bool) -> None:
    bars = TradeBars((A,))
    if had_a_bar:
        bars.add(a_trade(at(9, 0, 30)))
    bars.advance(at(9, 1, 1))

    bars.add(a_trade(at(9, 0, 59)))
    bars.add(a_trade(at(9, 1, 0)))

    assert bars.late == 1
    assert [row.volume for row in bars.advance(LATER)] == [(1,)]


def test_bars_when_nothing_at_all_traded_have_no_row() -> None:
    rows = built([a_trade(at(9, 0, 1)), a_trade(at(9, 5, 1), symbol=B)])

    assert [row.opened for row in rows] == [at(9), at(9, 5)]


def test_bars_pass_over_other_symbols_and_count_trades_outside_the_session() -> None:
    bars = TradeBars((A,))
    bars.add(a_trade(at(10), symbol=C))
    bars.add(a_trade(at(8, 59, 59)))
    bars.add(a_trade(at(15, 40)))
    bars.add(a_trade(LATER))  # a Saturday

    assert bars.outside == 3
    assert bars.advance(2 * LATER) == []


def test_minute_bars_give_the_closing_print_a_bar_of_its_own() -> None:
    rows = built([a_trade(at(15, 19, 59)), a_trade(at(15, 30, 28), 7, 100)])

    assert [(row.opened, row.known) for row in rows] == [
        (at(15, 19), at(15, 20)),
        (at(15, 30), at(15, 31)),
    ]


def test_minute_bars_on_the_day_of_the_exam_run_an_hour_later() -> None:
    rows = built([a_trade(at(10, 0, 0, CSAT)), a_trade(at(16, 30, 5, CSAT))])

    assert [row.opened for row in rows] == [at(10, day=CSAT), at(16, 30, day=CSAT)]


def test_daily_bars_hold_the_closing_print_and_wait_for_it() -> None:
    bars = TradeBars((A,), DAY)
    bars.add(a_trade(at(9, 0, 10), 5, 1))
    assert bars.advance(at(15, 30, 30)) == []

    bars.add(a_trade(at(15, 30, 29), 7, 2))

    assert bars.advance(at(15, 31, 1)) == [
        BarRow(at(9), at(15, 30), (5,), (7,), (5,), (7,), (3,)),
    ]


SECONDS = st.integers(0, 23_460).map(lambda second: at(9) + second * SECOND)  # to 15:31


@given(st.lists(SECONDS), st.sampled_from([1, 3, 7, 30, 60]))
def test_bars_lie_where_the_catalogue_puts_bars_of_the_same_labels(
    instants: list[int], minutes: int
) -> None:
    interval = Interval(minutes)
    rows = built([a_trade(instant) for instant in instants if instant < at(15, 31)], interval)

    labels = np.array([row.opened for row in rows], np.int64)
    opened, known = intraday_axis(labels, interval, BarLabel.START)

    assert sorted(opened.tolist()) == [row.opened for row in rows]
    assert [row.known for row in rows] == known.tolist()
    assert sum(row.volume[0] for row in rows) == sum(each < at(15, 31) for each in instants)
