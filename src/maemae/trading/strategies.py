"""Strategies of an executor: each in its worker, fed with bars and fills, heard as wishes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Protocol

import msgspec

from maemae.catalogue.interval import Interval
from maemae.core.actions import FillBooked, SessionOpened
from maemae.core.machine import TradingCore
from maemae.domain.errors import MaemaeError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.intent import Intent
from maemae.domain.market_data import Trade
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.ports import Alert, Entry
from maemae.simulation.book import SleeveBook
from maemae.strategy.news import Filled
from maemae.strategy.panel import Panel
from maemae.trading.conduct import Observed
from maemae.trading.control.replies import MadeBars
from maemae.trading.dropped import Dropped
from maemae.trading.endings import Ending
from maemae.trading.session_bars import SessionBars
from maemae.trading.workers.bars import BarRow, TradeBars
from maemae.trading.workers.book_state import BookState, state_of
from maemae.trading.workers.events import Failed, Intents, Printed, WorkerEvent, WorkerReady
from maemae.trading.workers.supervisor import StrategyWorker, WorkerConfig

Key = tuple[AccountId, SleeveId]
"""Whose strategy it is."""

_ALL: Final = "ALL"
_STALE: Final = MINUTE
"""A wish that is older is not acted upon: it was made for another price [ns, exchange's time]."""

_STALE_BY_THE_WALL: Final = 5 * SECOND
"""The same where the exchange runs faster: nobody thinks in a sixtieth of the time [ns, wall]."""


class BarSource(msgspec.Struct, frozen=True, eq=False):
    """
    Bars that strategies begin with; all see the same instruments, and bars of the same length.

    Attributes:
        history: Returns the bars before a session, for the warm-up; blocks.
        interval: Length of those bars, and so of the ones that are built of the day's trades.
    """

    history: Callable[[date], Panel]
    interval: Interval


class RowLog(Protocol):
    """Where complete bars of the day are kept, so that a restart can tell them again."""

    def rows(self, day: date, width: int) -> Sequence[BarRow]:
        """Return those of a session so far, oldest first; `width` instruments wide."""

    def append(self, row: BarRow) -> None:
        """Keep one more."""


class Strategies:
    """
    All strategies of an executor; hears prints, fills and time (`maemae.trading.engine.Listener`).

    Args:
        source: Of bars; None for an executor without strategies.
        log: Bars of the day.
        alert: Takes what a person must look at.
        over: Told what makes alerts untrue, and about which subject.
        wall_now: Time of alerts [ns, UTC].
        note_dropped: Takes word of wishes that are not acted upon.

    Attributes:
        hand_in: Takes what they wish; until it is set, wishes are dropped.
        note_started: Told whose worker was started.
        speed: Seconds of the exchange in a second of the wall.
    """

    def __init__(
        self,
        source: BarSource | None,
        log: RowLog,
        alert: Callable[[Alert], None],
        over: Callable[[Ending, str], None],
        wall_now: Callable[[], int],
        note_dropped: Callable[[Dropped], None],
    ) -> None:
        self._source = source
        self._seats: dict[Key, WorkerConfig] = {}
        self._observed: dict[Key, Observed] = {}
        self._log = log
        self.hand_in: Callable[[Sequence[Intent]], None] = _drop
        self.note_started: Callable[[Key], None] = _overlook
        self.speed: Callable[[], int] = _as_the_wall
        self._alert = alert
        self._over = over
        self._wall_now = wall_now
        self._note_dropped = note_dropped
        self._now = 0
        self._bars: TradeBars | None = None
        self._made: SessionBars | None = None
        self._symbols: tuple[Symbol, ...] = ()
        self._workers: dict[Key, StrategyWorker] = {}
        self._core: TradingCore | None = None
        self._panel: Panel | None = None  # once the session's bars are there
        self._beginning: asyncio.Task[None] | None = None
        self._day: date | None = None  # the session that was begun
        self._is_ready = False  # the first recovery opens sleeves after the session
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def can_run(self) -> bool:
        """Whether there are bars to begin with."""
        return self._source is not None

    def seat(self, config: WorkerConfig, *, is_paused: bool = False) -> None:
        """Let a strategy take part: at once while a session goes on, and in those to come."""
        key = (config.account_id, config.sleeve_id)
        self._seats[key] = config
        self._observed[key] = Observed(is_paused=is_paused)
        if self._panel is not None and self._core is not None:
            self._start(key, config, self._panel, self._core)

    def hear_ready(self, core: TradingCore) -> None:
        """Start every strategy, as soon as there is a session."""
        self._is_ready, self._core = True, core
        self._begin(core)

    def pause(self, key: Key) -> None:
        """Let a strategy see the market and wish nothing."""
        if key in self._observed:
            self._observed[key].is_paused = True

    def go_on(self, key: Key) -> None:
        """Let it wish again."""
        if key in self._observed:
            self._observed[key].is_paused = False

    def end(self, key: Key) -> None:
        """Let a strategy take part no more."""
        self._seats.pop(key, None)
        worker = self._workers.pop(key, None)
        if worker is not None:
            ending = asyncio.create_task(worker.stop())
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)

    def find(self, key: Key) -> Observed | None:
        """Return what is seen of a strategy that takes part; None if it does not."""
        return self._observed[key] if key in self._seats else None

    def bars_of(self, symbol: Symbol) -> MadeBars:
        """Return the bars of an instrument that the present session has made so far."""
        made = self._made
        if made is None:
            return MadeBars()
        return MadeBars(made.day, str(made.interval), made.of(symbol))

    async def stop(self) -> None:
        """End every worker."""
        if self._beginning is not None:
            self._beginning.cancel()
        await self.stop_workers()
        if self._endings:
            await asyncio.wait(self._endings)

    def hear_print(self, trade: Trade) -> None:
        """Take a print into its bar."""
        if self._bars is not None:
            self._bars.add(trade)

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Tell strategies of their fills."""
        self._core = core
        for entry in entries:
            for action in entry.actions:
                if isinstance(action, FillBooked):
                    self._tell_fill(action, core)
                elif isinstance(action, SessionOpened) and self._is_ready:
                    self._begin(core)

    def hear_time(self, core: TradingCore) -> None:
        """Hand out the bars that are complete by now."""
        self._now, self._core = core.now, core
        if self._bars is None:
            return
        for row in self._bars.advance(core.now):
            self._keep(row)
            for key, worker in self._workers.items():
                self._tell_bar(key, worker, row, core)

    def _begin(self, core: TradingCore) -> None:
        """Start every strategy anew for the present session; the bars so far are told again."""
        day = core.state.session_date
        if day is None or self._source is None or day == self._day:
            return
        self._day = day
        if self._beginning is not None:
            self._beginning.cancel()
        self._beginning = asyncio.create_task(self._begin_session(self._source, day))
        self._beginning.add_done_callback(self._begun)

    def _begun(self, beginning: asyncio.Task[None]) -> None:
        """Alert if strategies could not begin: nobody else waits to hear of it."""
        error = None if beginning.cancelled() else beginning.exception()
        if error is None:
            self._over(Ending.STRATEGY_READY, _ALL)
            return
        self._day = None
        why = error.text if isinstance(error, MaemaeError) else Text(repr(error), repr(error))
        text = Text(
            f"전략을 시작하지 못했습니다. {why.ko}", f"Strategies could not begin. {why.en}"
        )
        self._alert(
            Alert("STRATEGY_FAILED", _ALL, is_critical=True, text=text, at=self._wall_now())
        )

    def _keep(self, row: BarRow) -> None:
        """Keep a bar for a restart; without it strategies warm up on fewer bars, nothing more."""
        if self._made is not None:
            self._made.add(row)
        try:
            self._log.append(row)
        except OSError as error:
            text = Text(
                f"분봉을 파일에 남기지 못했습니다 ({error}). 디스크를 확인하세요.",
                f"A bar could not be kept ({error}). Check the disk.",
            )
            self._alert(
                Alert("BAR_NOT_KEPT", "bars", is_critical=False, text=text, at=self._wall_now())
            )

    async def _begin_session(self, source: BarSource, day: date) -> None:
        self._panel = None
        await self.stop_workers()
        panel = await asyncio.to_thread(source.history, day)
        core = self._core
        if core is None:
            return  # nobody has told of a core yet: the session is begun again once somebody has
        self._panel, self._symbols = panel, panel.symbols
        self._bars = TradeBars(self._symbols, source.interval)
        self._made = SessionBars(day, source.interval, self._symbols)
        for row in self._log.rows(day, len(self._symbols)):
            self._made.add(row)
        for key, config in self._seats.items():
            self._start(key, config, panel, core)

    def _start(self, key: Key, config: WorkerConfig, panel: Panel, core: TradingCore) -> None:
        """Start a worker; the session's bars so far are told again."""
        if core.state.find_sleeve(*key) is None or self._day is None:
            return
        self._observed[key].begin(len(panel))
        worker = StrategyWorker(config, panel, self._book(key, core), self._hear)
        self._workers[key] = worker
        worker.start()
        for row in self._log.rows(self._day, len(self._symbols)):
            self._tell_bar(key, worker, row, core)
        self.note_started(key)

    def _tell_bar(self, key: Key, worker: StrategyWorker, row: BarRow, core: TradingCore) -> None:
        self._observed[key].bar(row.known)
        worker.barrier(row, self._book(key, core))

    async def stop_workers(self) -> None:
        """End the workers of the session before, all at once: one that hangs takes a second."""
        workers, self._workers = self._workers, {}
        await asyncio.gather(*(worker.stop() for worker in workers.values()))

    def _book(self, key: Key, core: TradingCore) -> BookState:
        book = SleeveBook(core.state.get_sleeve(*key), core.market)
        return state_of(book, self._symbols)

    def _tell_fill(self, booked: FillBooked, core: TradingCore) -> None:
        key = (booked.account_id, booked.sleeve_id)
        worker = self._workers.get(key)
        if worker is None or booked.qty == 0:
            return
        side = Side.BUY if booked.qty > 0 else Side.SELL
        filled = Filled(
            booked.symbol, side, abs(booked.qty), booked.px, booked.at, booked.cl_ord_id
        )
        worker.fill(filled, self._book(key, core))

    def _hear(self, event: WorkerEvent) -> None:
        key = (event.account_id, event.sleeve_id)
        observed = self._observed[key]
        if isinstance(event, WorkerReady):
            observed.ready(event.warmup)
            self._over(Ending.STRATEGY_READY, event.sleeve_id)
        elif isinstance(event, Intents):
            observed.wish(event.at, event.intents)
            is_paused = observed.is_paused
            stale = max(_STALE, _STALE_BY_THE_WALL * self.speed())
            if not is_paused and self._now - event.at <= stale:
                self.hand_in(event.intents)
            else:
                self._note_dropped(Dropped(*key, event.at, self._now, is_paused))
        elif isinstance(event, Failed):
            observed.failed(event.error.text, is_final=event.is_final)
            self._alert(_failure(event, self._wall_now()))
        elif isinstance(event, Printed):
            self._alert(_printed(event, self._wall_now()))


def _overlook(_key: Key) -> None:
    """Take word of a start that nobody waits for."""


def _as_the_wall() -> int:
    return 1


def _drop(_intents: Sequence[Intent]) -> None:
    """Take wishes that nobody can act upon yet."""


def _failure(event: Failed, at: int) -> Alert:
    why = event.error.text
    if event.is_final:
        text = Text(
            f"{why.ko} 전략을 멈췄습니다. 고친 뒤 다시 시작하세요.",
            f"{why.en} The strategy is stopped. Mend it and start again.",
        )
    else:
        text = Text(f"{why.ko} 곧 다시 시작합니다.", f"{why.en} It is started again soon.")
    return Alert("STRATEGY_FAILED", event.sleeve_id, event.is_final, text, at)


def _printed(event: Printed, at: int) -> Alert:
    lines = "\n".join(event.lines)
    return Alert(
        "STRATEGY_PRINTED", event.sleeve_id, is_critical=False, text=Text(lines, lines), at=at
    )
