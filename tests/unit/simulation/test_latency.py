"""Requests on their way: an order meets the first opening after it has arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae import Strategy
from maemae.domain.ids import ClOrdId
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.strategy.panel import Panel
from maemae.venue.assumptions import STRICT_KRX
from maemae.venue.latency import FixedLatency, NoLatency
from tests.hand_made_bars import DAYS, Scripted, daily, minute, panel_of
from tests.market import LISTED, SYMBOLS

A, B = SYMBOLS[:2]
BASE = daily(DAYS[0], 10_000)
Script = Mapping[int, Callable[[Strategy], object]]


def run(panel: Panel, script: Script, ms: int, *, dense: bool = False) -> BacktestResult:
    """Run a script that counts bars after the first, which only gives the next day its base."""
    strategy = Scripted()
    strategy.script = {place + 1: act for place, act in script.items()}
    model = FixedLatency(ms) if ms else NoLatency()
    assumed = msgspec.structs.replace(STRICT_KRX, latency=model)
    plan = BacktestPlan(instruments=LISTED, assumptions=assumed, dense=dense)
    return backtest(strategy, panel, plan)


def minutes(*prices: int) -> Panel:
    rows = [minute(DAYS[1], time(9, place), price) for place, price in enumerate(prices)]
    return panel_of({A: [BASE, *rows], B: [BASE, *rows]})


@pytest.mark.parametrize(("ms", "place"), [(0, 1), (1, 2), (60_000, 2), (60_001, 3)])
def test_order_meets_the_first_opening_after_it_has_arrived(ms: int, place: int) -> None:
    prices = (10_000, 10_010, 10_020, 10_030, 10_040)
    result = run(minutes(*prices), {0: lambda s: s.buy(A, shares=1)}, ms)
    assert [fill.px for fill in result.fills] == [prices[place]]


def test_order_over_night_is_there_in_time() -> None:
    panel = panel_of({A: [daily(day, 10_000 + place) for place, day in enumerate(DAYS)]})
    result = run(panel, {0: lambda s: s.buy(A, shares=1)}, 500)
    assert [fill.px for fill in result.fills] == [10_002]


def test_cancel_when_it_is_late_comes_after_the_fill() -> None:
    def cancel(strategy: Strategy) -> None:
        strategy.cancel(ClOrdId(1))

    panel = minutes(10_000, 10_000, 9_900, 9_700, 9_700)
    script: Script = {0: lambda s: s.buy(A, shares=1, limit=9_800), 2: cancel}
    assert [fill.px for fill in run(panel, script, 70_000).fills] == [9_700]
    assert list(run(panel, script, 0).fills) == []


def test_stop_within_a_bar_leaves_at_a_later_opening() -> None:
    panel = minutes(10_000, 10_000, 10_000, 9_400, 9_300, 9_200)
    script: Script = {0: lambda s: s.buy(A, shares=1, stop_loss=0.05)}
    assert [fill.px for fill in run(panel, script, 0).fills] == [10_000, 9_400]
    # set off by an opening, there within its bar, so at the next opening
    assert [fill.px for fill in run(panel, script, 1).fills] == [10_000, 9_300]


def test_order_that_comes_after_the_close_is_refused() -> None:
    first, last = minute(DAYS[1], time(15, 18), 10_000), minute(DAYS[1], time(15, 19), 10_000)
    panel = panel_of({A: [BASE, first, last, minute(DAYS[2], time(9), 10_000)]})
    result = run(panel, {1: lambda s: s.buy(A, shares=1)}, 3_600_000)
    assert list(result.fills) == []
    assert result.orders == 1
    assert result.state.working == {}
    (account,) = [result.house.account(each.account_id) for each in result.state.sleeves.values()]
    assert account.reserved == 0


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_sparse_run_with_latency_gives_the_orders_of_a_dense_one(data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(-30, 30), min_size=25, max_size=25))
    prices = [10_000]
    for step in steps:
        prices.append(max(9_000, min(11_000, prices[-1] + 10 * step)))
    wishes = {
        "buy": lambda s: s.buy(A, shares=3, stop_loss=0.01, take_profit=0.01),
        "limit": lambda s: s.buy(B, shares=2, limit=9_950),
        "close": lambda s: s.close(A),
    }
    script = {
        place: wishes[data.draw(st.sampled_from(sorted(wishes)))] for place in range(0, 25, 4)
    }
    ms = data.draw(st.sampled_from([1, 500, 60_000, 200_000]))
    panel = minutes(*prices)
    sparse, dense = run(panel, script, ms), run(panel, script, ms, dense=True)
    assert sparse.order_hash == dense.order_hash
    assert sparse.book_hash == dense.book_hash
