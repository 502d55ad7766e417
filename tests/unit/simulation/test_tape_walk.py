"""A backtest over single trades and quotes: what fills is what the tape allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import time

import msgspec
import pytest

from maemae import Hold, Strategy, split, start
from maemae.domain.errors import BadBarsError
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.terms import PriceBasis
from maemae.krx.session import regular_close
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.simulation.tape_walk import MarketTape, Quoted, Stopped, TapeEvent
from maemae.venue.assumptions import STRICT_REPLAY, VolumeShare
from maemae.venue.latency import FixedLatency
from maemae.venue.tape_view import Quote
from tests.hand_made_bars import DAYS, Scripted, daily, minute, panel_of
from tests.market import LISTED, SYMBOLS
from tests.strategy_runs import raises

A = SYMBOLS[0]
DAY = DAYS[1]
BASE = daily(DAYS[0], 10_000)  # gives the day its base price, and no more
ALL = msgspec.structs.replace(STRICT_REPLAY, participation=VolumeShare(1_000_000))
Script = Mapping[int, Callable[[Strategy], object]]


def at(minute_: int, second: float = 0.0) -> int:
    return kst_nanos(DAY, time(9, minute_)) + int(second * SECOND)


def trade(instant: int, px: int, qty: int = 100) -> Trade:
    return Trade(A, px, qty, instant)


def quote(instant: int, bid: int, ask: int, qty: int = 100) -> Quoted:
    return Quoted(A, Quote(bid, qty, ask, qty), instant)


def run(
    events: Sequence[TapeEvent], script: Script, *, minutes: int = 5, ms: int = 0
) -> BacktestResult:
    rows = [minute(DAY, time(9, place), 10_000) for place in range(minutes)]
    panel = panel_of({A: [BASE, *rows]})
    strategy = Scripted()
    strategy.script = {place + 1: act for place, act in script.items()}
    assumed = msgspec.structs.replace(ALL, latency=FixedLatency(ms)) if ms else ALL
    plan = BacktestPlan(instruments=LISTED, assumptions=assumed, tape=MarketTape(list(events)))
    return backtest(strategy, panel, plan)


def prices(result: BacktestResult) -> list[tuple[int, int, int]]:
    return [(fill.at, fill.qty, fill.px) for fill in result.fills]


OPENING = (trade(at(0, 2), 10_000), quote(at(0, 3), 9_990, 10_010, 40))


def test_order_after_a_bar_meets_the_quote_of_that_instant() -> None:
    result = run(OPENING, {0: lambda s: s.buy(A, shares=30)})
    assert prices(result) == [(at(1), 30, 10_010)]


def test_order_when_more_than_is_shown_waits_for_trades() -> None:
    events = (*OPENING, trade(at(2, 7), 10_020, 5), trade(at(2, 8), 10_030, 50))
    result = run(events, {0: lambda s: s.buy(A, shares=60)})
    assert prices(result) == [(at(1), 40, 10_010), (at(2, 7), 5, 10_020), (at(2, 8), 15, 10_030)]


def test_limit_order_stands_in_the_queue() -> None:
    events = (
        *OPENING,
        trade(at(1, 30), 9_990, 40),
        trade(at(1, 40), 9_990, 6),
        trade(at(3, 1), 9_980, 9),
    )
    result = run(events, {0: lambda s: s.buy(A, shares=10, limit=9_990)})
    assert prices(result) == [(at(1, 40), 6, 9_990), (at(3, 1), 4, 9_990)]


def test_stop_fires_at_the_trade_that_reaches_it_and_meets_the_quote() -> None:
    events = (
        *OPENING,
        trade(at(2, 10), 9_900),
        quote(at(2, 20), 9_480, 9_520),
        trade(at(2, 21), 9_480),
    )
    result = run(events, {0: lambda s: s.buy(A, shares=10, stop_loss=0.05)})
    assert prices(result)[1:] == [(at(2, 21), -10, 9_480)]


def test_instant_that_is_waited_for_meets_the_first_trade_after_it() -> None:
    events = (
        *OPENING,
        trade(at(2, 59), 10_010),
        trade(at(3, 5), 10_020),
        quote(at(3, 6), 10_000, 10_030),
        trade(at(4, 30), 10_020),
    )
    held = run(events, {0: lambda s: s.buy(A, shares=10, hold=Hold(until="09:03"))})
    assert prices(held)[1:] == [(at(3, 5), -10, 9_990)]
    later = run(events, {0: lambda s: s.buy(A, shares=10, start=start.at("09:03"))})
    assert prices(later) == [(at(3, 5), 10, 10_010)]
    parts = run(events, {0: lambda s: s.buy(A, shares=30, split=split.twap(2, minutes=6))})
    assert prices(parts) == [(at(1), 15, 10_010), (at(4, 30), 15, 10_030)]


def test_latency_when_single_trades_are_known_is_counted_in_milliseconds() -> None:
    events = (*OPENING, quote(at(1, 0.2), 10_000, 10_020), quote(at(1, 0.4), 10_020, 10_040))
    script: Script = {0: lambda s: s.buy(A, shares=10)}
    assert prices(run(events, script)) == [(at(1), 10, 10_010)]
    # it arrives before what comes after: the quote of 300 ms later is the one of 200 ms
    late = (*events, trade(at(1, 50), 10_030))
    assert prices(run(late, script, ms=300)) == [(at(1, 0.3), 10, 10_020)]


def test_halt_in_the_session_holds_orders_back_until_its_auction() -> None:
    events = (
        *OPENING,
        Stopped(A, is_halted=True, at=at(1, 10)),
        trade(at(1, 30), 9_000),
        Stopped(A, is_halted=False, at=at(2, 30)),
        trade(at(3, 30), 9_950, 100),
    )
    script: Script = {
        0: lambda s: s.buy(A, shares=10, limit=9_970),
        1: lambda s: s.buy(A, shares=5),
    }
    result = run(events, script)
    assert prices(result) == [(at(3, 30), 10, 9_950)]
    assert sum(result.refusals.values()) == 1  # while it was halted nothing was taken


def test_trades_after_the_close_count_for_nothing_but_the_closing_print() -> None:
    close = regular_close(DAY)
    rows = [BASE, minute(DAY, time(9), 10_000), minute(DAY, time(15, 20), 10_000)]
    rows.append(minute(DAY, time(15, 29), 10_000))
    panel = panel_of({A: rows})
    strategy = Scripted()
    strategy.script = {2: lambda s: s.buy(A, shares=10)}
    events: list[TapeEvent] = [
        *OPENING,
        trade(close + 5 * SECOND, 10_050),
        trade(close + 3_600 * SECOND, 10_500),
    ]
    plan = BacktestPlan(instruments=LISTED, assumptions=ALL, tape=MarketTape(events))
    result = backtest(strategy, panel, plan)
    assert [(fill.qty, fill.px) for fill in result.fills] == [(10, 10_050)]


def test_replay_when_nothing_is_named_has_its_own_assumptions() -> None:
    panel = panel_of({A: [minute(DAY, time(9), 10_000)]})
    plan = BacktestPlan(instruments=LISTED, tape=MarketTape([]))
    assert backtest(Scripted(), panel, plan).assumptions is STRICT_REPLAY
    adjusted = panel_of({A: [minute(DAY, time(9), 10_000)]}, PriceBasis.ADJUSTED)
    assert backtest(Scripted(), adjusted, plan).assumptions is not STRICT_REPLAY


def test_events_out_of_order_are_refused() -> None:
    with raises(BadBarsError, "order of time"):
        run((trade(at(1), 10_000), trade(at(0), 10_000)), {})


@pytest.mark.parametrize("dense", [False, True])
def test_books_agree_after_a_replay(*, dense: bool) -> None:
    panel = panel_of({A: [BASE, *(minute(DAY, time(9, place), 10_000) for place in range(5))]})
    strategy = Scripted()
    strategy.script = {1: lambda s: s.buy(A, shares=30), 3: lambda s: s.close(A)}
    events: list[TapeEvent] = [*OPENING, quote(at(2, 50), 10_030, 10_040)]
    plan = BacktestPlan(instruments=LISTED, assumptions=ALL, tape=MarketTape(events), dense=dense)
    result = backtest(strategy, panel, plan)
    (sleeve,) = result.state.sleeves.values()
    assert [fill.qty for fill in result.fills] == [30, -30]
    assert result.house.account(sleeve.account_id).cash == sleeve.cash
