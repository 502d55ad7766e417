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
from maemae.domain.instant import MINUTE
from maemae.domain.intent import Intent
from maemae.domain.market_data import Trade
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.ports import Alert, Entry
from maemae.simulation.book import SleeveBook
from maemae.strategy.news import Filled
from maemae.strategy.panel import Panel
from maemae.trading.dropped import Dropped
from maemae.trading.workers.bars import BarRow, TradeBars
from maemae.trading.workers.book_state import BookState, state_of
from maemae.trading.workers.events import Failed, Intents, Printed, WorkerEvent
from maemae.trading.workers.supervisor import StrategyWorker, WorkerConfig

Key = tuple[AccountId, SleeveId]
"""Whose strategy it is."""

_STALE: Final = MINUTE
"""A wish that is older is not acted upon: it was made for another price [ns, exchange's time]."""


class StrategySeat(msgspec.Struct, frozen=True, eq=False):
    """
    A strategy with what it needs to begin.

    Attributes:
        history: Returns the bars before a session, for the warm-up; blocks.
        interval: Length of those bars, and so of the ones that are built of the day's trades.
    """

    worker: WorkerConfig
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
    All strategies of an executor; hears prints, fills and time (`maemae.trading.engine.Ears`).

    Args:
        seats: Strategies; all see the same instruments and bars of the same length.
        log: Bars of the day.
        alert: Takes what a person must look at.
        wall_now: Time of alerts [ns, UTC].
        note_dropped: Takes word of wishes that are not acted upon.

    Attributes:
        hand_in: Takes what they wish; until it is set, wishes are dropped.
    """

    def __init__(
        self,
        seats: Sequence[StrategySeat],
        log: RowLog,
        alert: Callable[[Alert], None],
        wall_now: Callable[[], int],
        note_dropped: Callable[[Dropped], None],
    ) -> None:
        self._seats = {(seat.worker.account_id, seat.worker.sleeve_id): seat for seat in seats}
        self._log = log
        self.hand_in: Callable[[Sequence[Intent]], None] = _drop
        self._alert = alert
        self._wall_now = wall_now
        self._note_dropped = note_dropped
        self._now = 0
        self._bars: TradeBars | None = None
        self._symbols: tuple[Symbol, ...] = ()
        self._workers: dict[Key, StrategyWorker] = {}
        self._paused: set[Key] = set()
        self._beginning: asyncio.Task[None] | None = None
        self._day: date | None = None  # the session that was begun
        self._is_ready = False  # the first recovery opens sleeves after the session
        self._ending: asyncio.Task[None] | None = None

    def hear_ready(self, core: TradingCore) -> None:
        """Start every strategy, as soon as there is a session."""
        self._is_ready = True
        self._begin(core)

    def pause(self, key: Key) -> None:
        """Let a strategy see the market and wish nothing."""
        self._paused.add(key)

    def go_on(self, key: Key) -> None:
        """Let it wish again."""
        self._paused.discard(key)

    def end(self, key: Key) -> None:
        """End a strategy's run; it begins again with the next session."""
        worker = self._workers.pop(key, None)
        if worker is not None:
            self._ending = asyncio.create_task(worker.stop())

    def knows(self, key: Key) -> bool:
        """Whether there is such a strategy."""
        return key in self._seats

    async def stop(self) -> None:
        """End every worker."""
        if self._beginning is not None:
            self._beginning.cancel()
        await self.stop_workers()

    def hear_print(self, trade: Trade) -> None:
        """Take a print into its bar."""
        if self._bars is not None:
            self._bars.add(trade)

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Tell strategies of their fills."""
        for entry in entries:
            for action in entry.actions:
                if isinstance(action, FillBooked):
                    self._tell_fill(action, core)
                elif isinstance(action, SessionOpened) and self._is_ready:
                    self._begin(core)

    def hear_time(self, core: TradingCore) -> None:
        """Hand out the bars that are complete by now."""
        self._now = core.now
        if self._bars is None:
            return
        for row in self._bars.advance(core.now):
            self._keep(row)
            for key, worker in self._workers.items():
                worker.barrier(row, self._book(key, core))

    def _begin(self, core: TradingCore) -> None:
        """Start every strategy anew for the present session; the bars so far are told again."""
        day = core.state.session_date
        if day is None or not self._seats or day == self._day:
            return
        self._day = day
        if self._beginning is not None:
            self._beginning.cancel()
        self._beginning = asyncio.create_task(self._begin_session(core, day))
        self._beginning.add_done_callback(self._begun)

    def _begun(self, beginning: asyncio.Task[None]) -> None:
        """Alert if strategies could not begin: nobody else waits to hear of it."""
        error = None if beginning.cancelled() else beginning.exception()
        if error is None:
            return
        self._day = None
        why = error.text if isinstance(error, MaemaeError) else Text(repr(error), repr(error))
        text = Text(
            f"전략을 시작하지 못했습니다. {why.ko}", f"Strategies could not begin. {why.en}"
        )
        self._alert(
            Alert("STRATEGY_FAILED", "ALL", is_critical=True, text=text, at=self._wall_now())
        )

    def _keep(self, row: BarRow) -> None:
        """Keep a bar for a restart; without it strategies warm up on fewer bars, nothing more."""
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

    async def _begin_session(self, core: TradingCore, day: date) -> None:
        await self.stop_workers()
        panels = {
            key: await asyncio.to_thread(seat.history, day) for key, seat in self._seats.items()
        }
        self._symbols = next(iter(panels.values())).symbols
        self._bars = TradeBars(self._symbols, next(iter(self._seats.values())).interval)
        told = self._log.rows(day, len(self._symbols))
        for key, seat in self._seats.items():
            if core.state.find_sleeve(*key) is None:
                continue
            worker = StrategyWorker(seat.worker, panels[key], self._book(key, core), self._hear)
            self._workers[key] = worker
            worker.start()
            for row in told:
                worker.barrier(row, self._book(key, core))

    async def stop_workers(self) -> None:
        """End the workers of the session before."""
        workers, self._workers = self._workers, {}
        for worker in workers.values():
            await worker.stop()

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
        if isinstance(event, Intents):
            is_paused = key in self._paused
            if not is_paused and self._now - event.at <= _STALE:
                self.hand_in(event.intents)
            else:
                self._note_dropped(Dropped(*key, event.at, self._now, is_paused))
        elif isinstance(event, Failed):
            self._alert(_failure(event, self._wall_now()))
        elif isinstance(event, Printed):
            self._alert(_printed(event, self._wall_now()))


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
