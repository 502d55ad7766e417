"""
Starts, pauses and stops the runs of strategies, durably: what ran goes on after a restart.

A run is one strategy with its values and its code in one sleeve. Changed code is another run,
so that whatever was proved of the one is not said of the other.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, Protocol

from msgspec.structs import replace

from maemae.core.events import Event
from maemae.core.limits import Limits
from maemae.core.state import CoreState
from maemae.domain.errors import StorageError, StrategyError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.text import Text
from maemae.ports import Alert, VenueClock, WallClock
from maemae.strategies.loading import BUNDLED, source_of
from maemae.strategy.parameters import bound
from maemae.strategy.run import Run
from maemae.trading.conduct import Conduct, RunState
from maemae.trading.control.commands import (
    PauseStrategy,
    RunStrategy,
    StartStrategy,
    StopStrategy,
    StrategyCommand,
)
from maemae.trading.control.replies import MadeBars
from maemae.trading.mailbox import Answer
from maemae.trading.plan import SleevePlan
from maemae.trading.sleeves import opening
from maemae.trading.strategies import Key, Strategies
from maemae.trading.workers.supervisor import WorkerConfig

Teller = Callable[[Event, str], Awaitable[Answer]]
"""Gives the core an event under a key, once however often it is told."""


class RunBook(Protocol):
    """Where runs are kept; `maemae.storage.runs.Runs` is one. Everything blocks."""

    def begin(self, run: Run) -> None:
        """Note that a run began; told again it changes nothing."""

    def pause(self, run_id: str, at: int | None, reason: str | None) -> None:
        """Note that a run is paused, or with None that it goes on."""

    def end(self, run_id: str, at: int, reason: str) -> None:
        """Note that a run ended."""

    def newest(self) -> tuple[Run, ...]:
        """Return the newest run of each sleeve, ended or not."""

    def find(self, run_id: str) -> Run | None:
        """Return a run, None if there is none."""


class RunDesk:
    """
    The one place where runs begin and end.

    Args:
        book: Keeps them.
        strategies: Runs them.
        tell: Gives the core what opens a sleeve.
        clocks: The exchange's and the wall's.
        alert: Takes what a person must look at.
        limits: Of a sleeve that is opened without any of its own.
    """

    def __init__(
        self,
        book: RunBook,
        strategies: Strategies,
        tell: Teller,
        clocks: tuple[VenueClock, WallClock],
        alert: Callable[[Alert], None],
        limits: Limits,
    ) -> None:
        self._book = book
        self._strategies = strategies
        self._tell = tell
        self._venue, self._wall = clocks
        self._alert = alert
        self._limits = limits
        self._runs: dict[Key, Run] = {}
        self._unwritten: dict[str, Run] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._beginning = asyncio.Lock()
        strategies.note_started = self._started

    def recall(self, asked: Iterable[Run]) -> None:
        """
        Seat what ran when the executor stopped, and what it is started with now; blocks.

        What a person stopped stays stopped, though the executor is started with it.

        Args:
            asked: Runs that the executor is started with; they begin once they have a sleeve.
        """
        self._runs = {(run.account_id, run.sleeve_id): run for run in self._book.newest()}
        wanted = {(run.account_id, run.sleeve_id): run for run in asked}
        for key in self._runs.keys() | wanted.keys():
            run, kept = wanted.get(key), self._runs.get(key)
            if kept is not None and kept.ended_at is not None:
                if run is not None:
                    self._say(kept, "STRATEGY_STOPPED", _stays_stopped(kept))
            elif kept is not None and not self._strategies.can_run:
                self._say(kept, "STRATEGY_FAILED", _NO_BARS)
            elif kept is not None:
                self._go_on(key, kept, kept if run is None else run)
            elif run is not None:
                self._seat_new(key, run)

    async def do(self, command: StrategyCommand, state: CoreState) -> Text | None:
        """
        Do what is commanded; return why it is not done.

        Raises:
            MaemaeError: The core, the store or the strategy's file said why not.
        """
        key = (command.account_id, command.sleeve_id)
        match command:
            case RunStrategy():
                async with self._beginning:  # or two that come at once would both find it free
                    return await self._run(key, command, state)
            case StartStrategy():
                async with self._beginning:
                    return await self._start(key, command)
            case PauseStrategy():
                return await self._pause(key, command)
            case StopStrategy():
                return await self._stop(key, command)

    def conducts(self) -> tuple[Conduct, ...]:
        """Return how the newest run of each sleeve does."""
        return tuple(self._conduct(key, run) for key, run in self._runs.items())

    def bars_of(self, symbol: Symbol) -> MadeBars:
        """Return the bars of an instrument that strategies were shown in this session."""
        return self._strategies.bars_of(symbol)

    def find(self, key: Key) -> Conduct | None:
        """Return how the newest run of a sleeve does; None if there was none."""
        run = self._runs.get(key)
        return None if run is None else self._conduct(key, run)

    async def _run(self, key: Key, command: RunStrategy, state: CoreState) -> Text | None:
        run_id = _run_id(command.key)
        if await asyncio.to_thread(self._book.find, run_id) is not None:
            return None  # done before
        if not self._strategies.can_run:
            return _NO_BARS
        if self._strategies.find(key) is not None:
            return _RUNS_ALREADY
        run = new_run(run_id, command.spec, command.values, key, command.cash, self._wall.now())
        if run.spec in BUNDLED:  # a strategy of the user is only run in its worker
            bound(BUNDLED[run.spec], run.values)
        limits = self._limits if command.limits is None else command.limits
        seat = SleevePlan(*key, command.cash, limits)
        is_open = state.find_sleeve(*key) is not None
        for event in opening(seat, self._venue.now(), is_open=is_open):
            await self._tell(event, f"{command.key}:{type(event).__name__}")
        await self._begin(key, run)
        return None

    async def _start(self, key: Key, command: StartStrategy) -> Text | None:
        run, observed = self._runs.get(key), self._strategies.find(key)
        if run is None:
            return _unknown(key[1])
        if observed is not None and not observed.is_over:
            await asyncio.to_thread(self._book.pause, run.run_id, None, None)
            self._runs[key] = replace(run, paused_at=None, pause_reason=None)
            self._strategies.go_on(key)
            return None
        if not self._strategies.can_run:
            return _NO_BARS
        now = self._wall.now()
        again = new_run(_run_id(command.key), run.spec, run.values, key, 0, now)
        if observed is not None:
            self._strategies.end(key)
            await asyncio.to_thread(self._book.end, run.run_id, now, f"{command.who}: restarted")
        await self._begin(key, again)
        return None

    async def _pause(self, key: Key, command: PauseStrategy) -> Text | None:
        run = self._runs.get(key)
        if run is None or self._strategies.find(key) is None:
            return _unknown(key[1])
        self._strategies.pause(key)
        now, why = self._wall.now(), f"{command.who}: {command.reason}"
        self._runs[key] = paused = replace(run, paused_at=now, pause_reason=why)
        await asyncio.to_thread(self._keep, paused)
        self._unwritten.pop(run.run_id, None)
        return None

    async def _stop(self, key: Key, command: StopStrategy) -> Text | None:
        run = self._runs.get(key)
        if run is None:
            return _unknown(key[1])
        self._strategies.end(key)
        now, why = self._wall.now(), f"{command.who}: {command.reason}"
        if run.ended_at is None:
            self._runs[key] = replace(run, ended_at=now, end_reason=why)
        self._unwritten.pop(run.run_id, None)
        await asyncio.to_thread(self._end_written, run, now, why)
        return None

    def _keep(self, run: Run) -> None:
        """Note a run that goes on, and whether it is paused."""
        self._book.begin(run)
        if run.paused_at is not None:
            self._book.pause(run.run_id, run.paused_at, run.pause_reason)

    def _end_written(self, run: Run, at: int, why: str) -> None:
        """Note the end of a run, also of one that nobody had time to note the begin of."""
        self._book.begin(run)
        self._book.end(run.run_id, at, why)

    async def _begin(self, key: Key, run: Run) -> None:
        await asyncio.to_thread(self._book.begin, run)
        self._runs[key] = run
        self._strategies.seat(_config(run))

    def _go_on(self, key: Key, kept: Run, asked: Run) -> None:
        """Seat a run that goes on; with other code or values it is another one."""
        try:
            current = _code_hash(asked.spec)
        except StrategyError as error:
            self._say(kept, "STRATEGY_FAILED", error.text)
            return
        is_same = (kept.spec, kept.values, kept.code_hash) == (asked.spec, asked.values, current)
        if is_same:
            self._strategies.seat(_config(kept), is_paused=kept.paused_at is not None)
            return
        now = self._wall.now()
        self._book.end(kept.run_id, now, "changed")
        changed = replace(
            asked,
            run_id=_run_id(f"{kept.run_id}:{now}"),
            code_hash=current,
            began_at=now,
            paused_at=kept.paused_at,
            pause_reason=kept.pause_reason,
        )
        self._keep(changed)
        self._runs[key] = changed
        self._say(changed, "STRATEGY_CHANGED", _changed(changed))
        self._strategies.seat(_config(changed), is_paused=changed.paused_at is not None)

    def _seat_new(self, key: Key, run: Run) -> None:
        """Seat a run whose sleeve may not be there yet; it is noted once its worker starts."""
        self._runs[key] = self._unwritten[run.run_id] = run
        self._strategies.seat(_config(run))

    def _started(self, key: Key) -> None:
        run = self._runs.get(key)
        if run is not None and run.run_id in self._unwritten:
            task = asyncio.create_task(self._write(run))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, run: Run) -> None:
        try:
            await asyncio.to_thread(self._keep, run)
        except StorageError as error:
            self._say(run, "RUN_NOT_KEPT", error.text)
        else:
            self._unwritten.pop(run.run_id, None)

    def _conduct(self, key: Key, run: Run) -> Conduct:
        observed = self._strategies.find(key)
        return Conduct(run, RunState.STOPPED) if observed is None else observed.conduct(run)

    def _say(self, run: Run, code: str, text: Text) -> None:
        self._alert(Alert(code, run.sleeve_id, is_critical=False, text=text, at=self._wall.now()))


def new_run(
    run_id: str,
    spec: str,
    values: Mapping[str, int | float],
    key: tuple[AccountId, SleeveId],
    cash: int,
    now: int,
) -> Run:
    """
    Return a run that begins now.

    Raises:
        StrategyError: There is no such strategy, or its file cannot be read.
    """
    return Run(run_id, spec, dict(values), _code_hash(spec), *key, cash, now)


def _code_hash(spec: str) -> str:
    return hashlib.sha256(source_of(spec)).hexdigest()


def _run_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _config(run: Run) -> WorkerConfig:
    return WorkerConfig(run.spec, run.values, run.account_id, run.sleeve_id)


def _unknown(sleeve_id: SleeveId) -> Text:
    return Text(
        f"{sleeve_id} 전략이 없습니다. 이름을 확인하세요.",
        f"There is no strategy {sleeve_id}. Check its name.",
    )


def _changed(run: Run) -> Text:
    return Text(
        f"{run.sleeve_id} 전략의 코드나 값이 바뀌어 새 실행으로 시작합니다. 이전 성적은 이 실행의 "
        "근거가 되지 않습니다.",
        f"The code or values of {run.sleeve_id} changed, so it begins as a new run. Earlier "
        "results say nothing of it.",
    )


def _stays_stopped(run: Run) -> Text:
    return Text(
        f"{run.sleeve_id} 전략은 사람이 멈췄으므로 시작하지 않았습니다 ({run.end_reason}). 다시 "
        "돌리려면 전략을 시작하세요.",
        f"{run.sleeve_id} was stopped by a person and was not started ({run.end_reason}). Start "
        "the strategy to let it run again.",
    )


_NO_BARS: Final = Text(
    "이 실행기에는 워밍업에 쓸 데이터가 없어 전략을 돌릴 수 없습니다. --dataset 으로 정해 다시 "
    "시작하세요.",
    "This executor has no bars to warm strategies up with. Restart it with --dataset.",
)
_RUNS_ALREADY: Final = Text(
    "이 몫에서는 이미 전략이 돌고 있습니다. 먼저 멈추거나 다른 이름을 쓰세요.",
    "A strategy already runs in this sleeve. Stop it first, or use another name.",
)
