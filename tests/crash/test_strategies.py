"""Strategies of an executor hear bars as long as those of their warm-up; no wish is lost unsaid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from maemae.catalogue.interval import Interval
from maemae.core.events import TimePassed
from maemae.domain.instant import MINUTE, SECOND, kst_date
from maemae.domain.intent import Intent
from maemae.domain.market_data import Trade
from maemae.strategy.run import Run
from maemae.trading.conduct import RunState
from maemae.trading.control.replies import MadeBar
from maemae.trading.dropped import Dropped
from maemae.trading.endings import Ending
from maemae.trading.strategies import BarSource, Key, Strategies
from maemae.trading.workers.bars import BarRow
from maemae.trading.workers.supervisor import WorkerConfig
from tests.builders import ACCOUNT, NOON, SAMSUNG, SLEEVE, a_core
from tests.strategy_runs import a_panel
from tests.worker_runs import PATIENCE, a_strategy

FIVE = Interval(5)
KEY = (ACCOUNT, SLEEVE)
RUN = Run("run-1", "mine", {}, "hash", ACCOUNT, SLEEVE, 0, NOON)
LATE = 2 * MINUTE


class Rows:
    """The bars of the day, kept in memory."""

    def __init__(self) -> None:
        self.kept: list[BarRow] = []

    def rows(self, day: date, width: int) -> Sequence[BarRow]:
        return ()

    def append(self, row: BarRow) -> None:
        self.kept.append(row)


class Desk:
    """A strategy that buys at every bar, over a core whose clock the test moves."""

    def __init__(self, folder: Path) -> None:
        spec = a_strategy(folder, "def on_bar(self, symbol): self.buy(symbol, shares=1)")
        warm = a_panel({SAMSUNG: [100, 200]}, first=date(2024, 2, 28))
        config = WorkerConfig(spec, {}, ACCOUNT, SLEEVE, barrier_limit=10 * SECOND, pauses=())
        source = BarSource(lambda _: warm, FIVE)
        self.core = a_core()
        self.rows = Rows()
        self.wished: list[Intent] = []
        self.dropped: list[Dropped] = []
        self.started: list[Key] = []
        self.over: list[tuple[Ending, str]] = []
        self.strategies = Strategies(
            source,
            self.rows,
            lambda _: None,
            lambda ending, subject: self.over.append((ending, subject)),
            lambda: 0,
            self._note_dropped,
        )
        self.strategies.note_started = self.started.append
        self.strategies.seat(config)
        self.strategies.hand_in = self._hand_in
        self.answered = asyncio.Event()

    def _hand_in(self, intents: Sequence[Intent]) -> None:
        self.wished += intents
        self.answered.set()

    def _note_dropped(self, dropped: Dropped) -> None:
        self.dropped.append(dropped)
        self.answered.set()

    def pass_time(self, nanos: int) -> None:
        self.core.handle(TimePassed(self.core.now + nanos))
        self.strategies.hear_time(self.core)

    async def trade_a_bar(self) -> None:
        """Print once a minute until a bar has been handed out."""
        self.strategies.hear_ready(self.core)
        while True:
            self.strategies.hear_print(Trade(SAMSUNG, 10_000, 1, self.core.now))
            self.pass_time(MINUTE)
            if self.rows.kept:
                return  # before the strategy can have answered
            await asyncio.sleep(0.02)


def run(folder: Path, act: Callable[[Desk], object]) -> Desk:
    """Trade a bar, act, and return once the strategy's wish was taken or dropped."""

    async def trade() -> Desk:
        desk = Desk(folder)
        try:
            async with asyncio.timeout(PATIENCE):
                await desk.trade_a_bar()
                act(desk)
                await desk.answered.wait()
        finally:
            await desk.strategies.stop()
        return desk

    return asyncio.run(trade())


def test_bars_are_as_long_as_those_of_the_warm_up(tmp_path: Path) -> None:
    desk = run(tmp_path, lambda _: None)

    row = desk.rows.kept[0]
    assert row.known - row.opened == 5 * MINUTE
    assert (row.opened - NOON) % (5 * MINUTE) == 0
    made = desk.strategies.bars_of(SAMSUNG)
    assert (made.session_date, made.interval) == (kst_date(NOON), "5m")
    assert made.bars == (MadeBar(row.opened, 10_000, 10_000, 10_000, 10_000, row.volume[0]),)


@pytest.mark.parametrize("is_paused", [True, False])
def test_wish_when_it_is_not_acted_upon_is_noted_with_the_reason(
    tmp_path: Path, *, is_paused: bool
) -> None:
    def act(desk: Desk) -> None:
        if is_paused:
            desk.strategies.pause(KEY)
        else:
            desk.pass_time(LATE)

    desk = run(tmp_path, act)

    known = desk.rows.kept[0].known
    assert desk.wished == []
    assert desk.dropped == [Dropped(*KEY, known, desk.core.now, is_paused)]


def test_wish_when_the_exchange_runs_faster_may_be_older(tmp_path: Path) -> None:
    def act(desk: Desk) -> None:
        desk.strategies.speed = lambda: 60
        desk.pass_time(LATE)

    desk = run(tmp_path, act)

    assert desk.dropped == []
    assert len(desk.wished) == 1


def test_strategy_that_is_seated_during_a_session_begins_at_once_and_shows_how_it_does(
    tmp_path: Path,
) -> None:
    seen: list[RunState] = []

    def act(desk: Desk) -> None:
        observed = desk.strategies.find(KEY)
        assert observed is not None
        seen.append(observed.conduct(RUN).state)

    desk = run(tmp_path, act)

    observed = desk.strategies.find(KEY)
    assert observed is not None
    conduct = observed.conduct(RUN)
    assert seen == [RunState.WARMING_UP]
    assert conduct.state is RunState.RUNNING
    assert (conduct.bars, conduct.intents, len(conduct.wishes)) == (1, 1, 1)
    assert conduct.last_bar_at == desk.rows.kept[0].known
    assert desk.started == [KEY]


def test_strategy_that_ended_is_not_told_of_bars_any_more(tmp_path: Path) -> None:
    async def trade() -> Desk:
        desk = Desk(tmp_path)
        try:
            async with asyncio.timeout(PATIENCE):
                await desk.trade_a_bar()
                desk.strategies.end(KEY)
                desk.pass_time(10 * MINUTE)
        finally:
            await desk.strategies.stop()
        return desk

    desk = asyncio.run(trade())

    assert desk.strategies.find(KEY) is None
