"""A strategy in a process of its own: fed, timed, ended and started again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from maemae.domain.errors import StrategyError, StrategyStuckError
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.instant import SECOND
from maemae.domain.intent import CancelIntent, Intent, ReplaceIntent
from maemae.strategy.news import Filled
from maemae.strategy.panel import Panel
from maemae.trading.workers.bars import BarRow
from maemae.trading.workers.book_state import BookState
from maemae.trading.workers.events import Failed, Intents, Printed, WorkerEvent, WorkerReady
from maemae.trading.workers.frames import (
    Answer,
    Barrier,
    Begin,
    Fill,
    News,
    Ready,
    frame_from_panel,
)
from maemae.trading.workers.process import Down, WorkerProcess, unreadable

_GRACE_SECS: Final = 1.0  # given to a worker to end by itself


class WorkerConfig(msgspec.Struct, frozen=True):
    """
    What to run, and how long to bear with it.

    Attributes:
        strategy: A bundled name, or `my.py:MyStrategy`.
        parameters: Values of its parameters by name; the others keep their defaults.
        memory_limit: Address space that its process may have [bytes].
        barrier_limit: Longest time for the answer to one barrier or fill [ns, wall].
        setup_limit: Longest time until it is set up [ns, wall].
        pauses: How long to wait before each restart [ns, wall]; there are as many restarts.
        most_pending: Barriers and fills that may wait for it; with more it has lost pace.
    """

    strategy: str
    parameters: Mapping[str, int | float]
    account_id: AccountId
    sleeve_id: SleeveId
    memory_limit: int = 1024**3
    barrier_limit: int = 5 * SECOND
    setup_limit: int = 30 * SECOND
    pauses: tuple[int, ...] = (SECOND, 5 * SECOND, 30 * SECOND)
    most_pending: int = 1_000


class StrategyWorker:
    """
    Runs one strategy for one session of the exchange.

    It never keeps the loop waiting: news is taken at once and answered through `on_event`. A
    process that fails is ended, reported, and after a pause started again; the new one hears
    the same news in the same order first, so that what the strategy remembers is as before,
    and what it wished then is dropped. News that it failed on, or has not heard, it hears as
    new: no decision is lost, and none is made twice. After the last restart it stays stopped.

    The book goes with the news: a strategy that has fallen behind sees its sleeve as of now,
    not as of then.

    Args:
        config: What to run.
        panel: Bars for the warm-up; what is given to `barrier` follows them.
        book: The sleeve as it stands.
        on_event: Called in the loop with whatever there is to report.
    """

    def __init__(
        self,
        config: WorkerConfig,
        panel: Panel,
        book: BookState,
        on_event: Callable[[WorkerEvent], None],
    ) -> None:
        self._config = config
        self._panel = panel
        self._first_book = self._book = book
        self._on_event = on_event
        self._heard: list[News] = []
        self._pending: deque[News] = deque()
        self._has_news = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    def is_running(self) -> bool:
        """Whether it has been started, and neither stopped nor given up."""
        return self._task is not None and not self._task.done() and not self._is_stopping

    def start(self) -> None:
        """Begin in the running loop; `WorkerReady` tells when the strategy is set up."""
        self._task = asyncio.create_task(self._supervise())
        self._task.add_done_callback(self._leave)

    def barrier(self, row: BarRow, book: BookState) -> None:
        """Tell of bars that have become known, in order of time, and how the sleeve stands."""
        self._take(Barrier(row, book))

    def fill(self, filled: Filled, book: BookState) -> None:
        """Tell of a fill of the strategy's own, and how the sleeve stands."""
        self._take(Fill(filled, book))

    async def caught_up(self) -> None:
        """Return once everything told so far is answered, or nothing more will be."""
        await self._is_idle.wait()

    async def stop(self) -> None:
        """End the process, by force if it does not within a second; nothing comes after."""
        self._end()
        if self._task is not None:
            await asyncio.wait([self._task])

    def _end(self) -> None:
        if self._task is not None and not self._is_stopping:
            self._is_stopping = True
            self._task.cancel()

    def _take(self, news: News) -> None:
        if not self.is_running:
            return
        self._book = news.book
        self._pending.append(news)
        self._has_news.set()
        self._is_idle.clear()
        if len(self._pending) > self._config.most_pending:
            self._report(Down(_lost_pace(len(self._pending))), is_final=True)
            self._end()

    async def _supervise(self) -> None:
        for pause in self._config.pauses:
            down = await self._live()
            self._report(down, is_final=down.is_certain)
            if down.is_certain:
                return
            await asyncio.sleep(pause / SECOND)
        self._report(await self._live(), is_final=True)

    def _leave(self, task: asyncio.Task[None]) -> None:
        """Let go of whoever waits; even a fault of our own must not stop a strategy in silence."""
        self._pending.clear()
        self._is_idle.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._report(Down(_not_supervised(error)), is_final=True)

    async def _live(self) -> Down:
        """Run one process until it fails, and return why it did."""
        try:
            process = await WorkerProcess.spawn(self._config.memory_limit, self._printed)
        except OSError as error:
            return Down(_not_started(error))
        grace = 0.0
        try:
            return await self._converse(process)
        except asyncio.CancelledError:
            grace = _GRACE_SECS
            raise
        finally:
            await process.end(grace)

    async def _converse(self, process: WorkerProcess) -> Down:
        config, owner = self._config, self._owner
        panel = frame_from_panel(self._panel)
        begin = Begin(config.strategy, config.parameters, *owner, panel, self._first_book)
        said = await process.ask(begin, config.setup_limit)
        if not isinstance(said, Ready):
            return said if isinstance(said, Down) else Down(unreadable())
        for news in tuple(self._heard):
            again = await process.ask(news, config.barrier_limit)
            if not isinstance(again, Answer):
                return again if isinstance(again, Down) else Down(unreadable())
        self._on_event(WorkerReady(*owner, said.warmup))
        while True:
            down = await self._go_on(process)
            if down is not None:
                return down

    async def _go_on(self, process: WorkerProcess) -> Down | None:
        """Wait for news, and hand on what the strategy wishes thereupon."""
        if not self._pending:
            down = await self._wait_for_news(process)
            if down is not None:
                return down
        news = msgspec.structs.replace(self._pending[0], book=self._book)
        said = await process.ask(news, self._config.barrier_limit)
        if isinstance(said, Down):
            return said
        if not isinstance(said, Answer) or not all(map(self._is_own, said.intents)):
            return Down(unreadable())
        self._heard.append(news)
        self._pending.popleft()
        if said.intents:
            self._on_event(Intents(*self._owner, news.at, tuple(said.intents)))
        if not self._pending:
            self._has_news.clear()
            self._is_idle.set()
        return None

    async def _wait_for_news(self, process: WorkerProcess) -> Down | None:
        news = asyncio.create_task(self._has_news.wait())
        end = asyncio.create_task(process.last_words())
        try:
            await asyncio.wait({news, end}, return_when=asyncio.FIRST_COMPLETED)
            return end.result() if end.done() else None
        finally:
            news.cancel()
            end.cancel()

    @property
    def _owner(self) -> tuple[AccountId, SleeveId]:
        return self._config.account_id, self._config.sleeve_id

    def _is_own(self, intent: Intent) -> bool:
        """Return whether it names no account and no sleeve but the strategy's own."""
        if isinstance(intent, CancelIntent | ReplaceIntent):
            return True  # they name an order; the core knows whose it is
        return (intent.account_id, intent.sleeve_id) == self._owner

    def _printed(self, lines: list[str], left_out: int) -> None:
        self._on_event(Printed(*self._owner, tuple(lines), left_out))

    def _report(self, down: Down, *, is_final: bool) -> None:
        self._on_event(Failed(*self._owner, down.error, down.traceback, is_final))


def _lost_pace(pending: int) -> StrategyStuckError:
    return StrategyStuckError(
        f"전략에 봉과 체결이 {pending}건 밀려 멈췄습니다. 봉마다 하는 계산을 줄이세요.",
        f"The strategy was stopped with {pending} bars and fills behind. Do less at each bar.",
    )


def _not_started(error: OSError) -> StrategyError:
    return StrategyError(
        f"전략 프로세스를 띄우지 못했습니다({error}). 기기의 메모리와 열린 파일 수를 확인하세요.",
        f"The strategy's process could not be started ({error}). Check the machine's memory and "
        "open files.",
    )


def _not_supervised(error: BaseException) -> StrategyError:
    plain = f"{type(error).__name__}: {error}"
    return StrategyError(
        f"전략을 돌보던 실행기에 오류가 나서 전략이 멈췄습니다({plain}). 이 문장을 알려 주세요.",
        f"The strategy stopped because the executor's care for it failed ({plain}). Please report "
        "this sentence.",
    )
