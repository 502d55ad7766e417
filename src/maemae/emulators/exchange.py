"""
One broker on its market: books, tape and ledger, moved by the exchange's time.

Everything happens between two calls and is in the ledger, synced, before the call returns, so
that whoever calls may tell it. A broker that is started on a ledger repeats it first; its
exchange went on while it was away, so it then catches up.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from maemae.clocks import SteadyVenueClock
from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import OrderId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.domain.terms import PriceBasis
from maemae.emulators.books import Books, Outcome
from maemae.emulators.exchange_config import ExchangeConfig
from maemae.emulators.ledger import (
    Began,
    EpochRaised,
    Filled,
    Ledger,
    Record,
    Requested,
    SessionBegan,
    StatesChanged,
    corrupt,
    require_same,
)
from maemae.emulators.market_source import MarketData
from maemae.emulators.requests import Request
from maemae.emulators.tape import OpenStep, Step, Tape, TradeStep
from maemae.krx.status import InstrumentState
from maemae.ports import WallClock
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis, regular_phases
from maemae.simulation.reference import Reference
from maemae.strategy.panel import FIELDS
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX


class Listeners(msgspec.Struct, frozen=True):
    """Who is told of what, once it is durable."""

    notice: Callable[[Notice], None]
    trade: Callable[[Trade], None]
    update: Callable[[InstrumentUpdated], None]
    clock: Callable[[int], None]


class Exchange:
    """
    A broker and its exchange through the sessions of a market.

    Args:
        config: What it is started with.
        data: The market.
        wall: The machine's clock.
        listeners: Who is told.

    Attributes:
        epoch: The newest that said hello.
        prints: Prints of the session by instrument, oldest first.
        axis, bars: The sessions of the market and its bars, those to come too.
        session: Number of the session on the axis.

    Raises:
        JournalCorruptError: The ledger is damaged.
    """

    def __init__(
        self, config: ExchangeConfig, data: MarketData, wall: WallClock, listeners: Listeners
    ) -> None:
        self.epoch = 0
        self.prints: dict[Symbol, list[Trade]] = {}
        self._config = config
        self._wall = wall
        self._listeners = listeners
        self.axis = CalendarAxis(data.panel)
        self.bars = BarReader(data.panel, self.axis)
        self._symbols = data.panel.symbols
        self._tape = Tape(self.bars, self.axis, config.seed)
        self._reference = Reference(self.bars, self.axis, data.instruments)
        is_raw = data.panel.basis is PriceBasis.RAW
        assumptions = STRICT_KRX if is_raw else RELAXED_ADJUSTED
        self.books = Books(
            config.schedule,
            assumptions,
            config.accounts,
            config.order_digits,
            config.days_kept,
        )
        self.session = min(1, len(self.axis.starts) - 1) - 1  # the first only gives base prices
        self._clock = SteadyVenueClock(0)
        self._steps: Iterator[Step] = iter(())
        self._next: Step | None = None
        self._step = 0
        self._at = 0
        self._is_live = False
        self._began: SessionBegan | None = None  # the newest that was repeated
        self._made: deque[Filled] = deque()
        self._ledger = Ledger(Path(config.ledger))
        self._header = Began(_fingerprint(config, data), config.accounts)

    @property
    def now(self) -> int:
        """The exchange's time [ns, UTC]; it never goes back."""
        return max(self._at, self._clock.now())

    @property
    def next_at(self) -> int | None:
        """When the next step of the session is due [ns, UTC]; None once it is over."""
        return None if self._next is None else self._next.at

    def begin(self) -> None:
        """
        Begin the first session, or go on from the ledger with everything that happened since.

        Raises:
            ConfigError: The ledger belongs to another broker.
            JournalCorruptError: The ledger does not repeat.
        """
        records, self._ledger.records = self._ledger.records, []
        if records:
            require_same(records[0], self._header, self._config.ledger)
            for record in records[1:]:
                self._repeat(record)
        else:
            self._ledger.append(self._header)
        while self._made:  # happened, and was not written before the process died
            self._ledger.append(self._made.popleft())
        self._ledger.sync()
        self._is_live = True
        if self._began is None:
            self.start_session()
            return
        away = max(0, self._wall.now() - self._began.wall) * self._config.speed
        self._set_clock(self._began.venue_time + away)  # the exchange went on meanwhile
        self.advance()

    async def wait_until(self, instant: int) -> None:
        """Return once the exchange's time has reached an instant [ns, UTC]."""
        await self._clock.sleep_until(instant)

    def advance(self) -> None:
        """Let everything happen that is due by now, and tell it."""
        self._advance(self.now)

    def next_session_at(self) -> int | None:
        """Return when the next session's order entry begins [ns, UTC]; None after the last."""
        if self.session + 1 >= len(self.axis.starts):
            return None
        return regular_phases(self.axis.session_date(self.session + 1))[0].at

    def start_session(self) -> None:
        """Enter the next session; a night that is skipped takes no time."""
        begins = self.next_session_at()
        if begins is None:
            return
        day = self.axis.session_date(self.session + 1)
        if self.books.day == date.min and self._config.opens_at is not None:
            begins = max(begins, kst_nanos(day, self._config.opens_at))
        began = SessionBegan(day, begins, self._wall.now())
        self._ledger.append(began)
        self._enter(began)
        self._set_clock(begins)
        self._ledger.sync()
        for update in self.books.rules.values():
            self._listeners.update(update)
        self.advance()

    def raise_epoch(self, epoch: int) -> None:
        """Let only this epoch, and newer ones, order from now on."""
        if epoch > self.epoch:
            self.epoch = epoch
            self._ledger.append(EpochRaised(epoch, self._wall.now()))
            self._ledger.sync()

    def refuse(self, request: Request, epoch: int, code: str, text: str) -> None:
        """Keep in the ledger that a request was refused before the books saw it."""
        self._ledger.append(self._requested(request, epoch, None, code, text, self.now))
        self._ledger.sync()

    def handle(
        self,
        request: Request,
        epoch: int,
        *,
        ghost: str | None = None,
        is_by_hand: bool = False,
    ) -> Outcome:
        """
        Carry a request out or refuse it; its notices are returned and told to nobody yet.

        Args:
            request: What is asked.
            epoch: Of the connection it came by.
            ghost: What the client is told although it is carried out.
            is_by_hand: Whether it comes by another way.
        """
        self.advance()
        self._at = self.now
        outcome = self.books.handle(request, self._at, is_by_hand=is_by_hand)
        code = ghost or (REJECTED if outcome.order_id is None else None)
        record = self._requested(request, epoch, outcome.order_id, code, outcome.text, self._at)
        self._ledger.append(msgspec.structs.replace(record, is_booked=True, is_by_hand=is_by_hand))
        self._book_fills(outcome.notices)
        self._ledger.sync()
        return outcome

    def set_states(self, symbol: Symbol, states: tuple[InstrumentState, ...]) -> None:
        """Give an instrument other states for the rest of the day."""
        self.advance()
        self._at = self.now
        self._ledger.append(StatesChanged(self._step, self._at, symbol, states))
        self._change_states(symbol, states, self._at)
        self._ledger.sync()
        self._listeners.update(self.books.rules[symbol])

    def close(self) -> None:
        """Close the ledger; everything that was told is in it."""
        self._ledger.close()

    def _repeat(self, record: Record) -> None:
        """Let a record of the ledger happen again, and see that it is the same."""
        if isinstance(record, Filled):
            self._go_to(record.step)
            if not self._made or self._made.popleft() != record:
                raise corrupt(record.exec_id)
            return
        if isinstance(record, Requested | StatesChanged):
            self._go_to(record.step)
        if self._made:
            raise corrupt(self._made[0].exec_id)
        if isinstance(record, Requested):
            self._repeat_request(record)
        elif isinstance(record, StatesChanged):
            self._change_states(record.symbol, record.states, record.at)
            self._at = max(self._at, record.at)
        elif isinstance(record, EpochRaised):
            self.epoch = record.epoch
        elif isinstance(record, SessionBegan):
            self._finish()
            self._enter(record)
            self._began = record

    def _repeat_request(self, record: Requested) -> None:
        self._at = max(self._at, record.at)
        if not record.is_booked:
            return
        outcome = self.books.handle(record.request, record.at, is_by_hand=record.is_by_hand)
        if outcome.order_id != record.order_id:
            raise corrupt(f"{record.order_id}")
        self._book_fills(outcome.notices)

    def _go_to(self, step: int) -> None:
        while self._step < step:
            if self._next is None:
                raise corrupt(f"{self.books.day}, {step}")
            self._take_step(self._next)

    def _finish(self) -> None:
        """Go to the end of the session; what it fills must be in the ledger already."""
        while self._next is not None:
            self._take_step(self._next)
        if self._made:
            raise corrupt(self._made[0].exec_id)

    def _enter(self, began: SessionBegan) -> None:
        self.session += 1
        if self.axis.session_date(self.session) != began.day:
            raise corrupt(f"{began.day}")
        self.books.start_session(began.day)
        self.prints.clear()
        self._steps = self._tape.steps(self.session)
        self._next = next(self._steps, None)
        self._step = 0
        opening = regular_phases(began.day)[0].at
        for symbol in self._symbols:
            self.books.set_rules(self._rule(symbol, opening))

    def _rule(self, symbol: Symbol, at: int) -> InstrumentUpdated:
        """Return what holds today, and the close before: it shows whether the base follows."""
        rule = self._reference.of_session(symbol, self.session, at)
        close = self._reference.close_before(symbol, self.session)
        return msgspec.structs.replace(rule, last_close=close)

    def _set_clock(self, instant: int) -> None:
        self._clock = SteadyVenueClock(max(self.now, instant), self._config.speed)
        self._listeners.clock(self.now)

    def _advance(self, until: int) -> None:
        notices: list[Notice] = []
        trades: list[Trade] = []
        while self._next is not None and self._next.at <= until:
            trade, followed = self._take_step(self._next)
            if trade is not None:
                trades.append(trade)
            notices += followed
        self._ledger.sync()
        for trade in trades:
            self._listeners.trade(trade)
        for notice in notices:
            self._listeners.notice(notice)

    def find_last(self, symbol: Symbol) -> Trade | None:
        """Return the newest print of an instrument in the session, None before the first."""
        prints = self.prints.get(symbol)
        return prints[-1] if prints else None

    def _take_step(self, step: Step) -> tuple[Trade | None, list[Notice]]:
        """Return what is printed, and what happened to orders."""
        trade = self._printed(step)
        if trade is not None:
            self.prints.setdefault(trade.symbol, []).append(trade)
        notices = self.books.take_step(step)
        self._step += 1
        self._at = max(self._at, step.at)
        self._next = next(self._steps, None)
        if notices:
            self._book_fills(notices)
        return trade, notices

    def _printed(self, step: Step) -> Trade | None:
        """Return the print of a step; what is halted prints nothing."""
        if not isinstance(step, OpenStep | TradeStep) or step.qty < 1:
            return None
        if InstrumentState.HALTED in self.books.rules[step.symbol].states:
            return None
        px = step.bar[0] if isinstance(step, OpenStep) else step.px
        return Trade(step.symbol, px, step.qty, step.at)

    def _change_states(self, symbol: Symbol, states: tuple[InstrumentState, ...], at: int) -> None:
        update = msgspec.structs.replace(self.books.rules[symbol], states=states, at=at)
        self.books.set_rules(update)

    def _book_fills(self, notices: Iterable[Notice]) -> None:
        """Write fills to the ledger; while it is repeated, keep them to be compared."""
        for notice in notices:
            if notice.exec_type is ExecType.TRADE:
                filled = _filled(notice, self._step)
                if self._is_live:
                    self._ledger.append(filled)
                else:
                    self._made.append(filled)

    def _requested(
        self,
        request: Request,
        epoch: int,
        order_id: OrderId | None,
        code: str | None,
        text: str,
        at: int,
    ) -> Requested:
        return Requested(
            step=self._step,
            at=at,
            wall=self._wall.now(),
            epoch=epoch,
            is_by_hand=False,
            is_booked=False,
            request=request,
            order_id=order_id,
            code=code,
            text=text,
        )


def _filled(notice: Notice, step: int) -> Filled:
    return Filled(
        step,
        notice.at,
        notice.account_id,
        notice.order_id,
        notice.cl_ord_id,
        notice.exec_id,
        notice.symbol,
        notice.side,
        notice.last_qty,
        notice.last_px,
    )


def _fingerprint(config: ExchangeConfig, data: MarketData) -> str:
    """Return what tells this market, seed and schedule from any other."""
    digest = hashlib.sha256()
    for name in ("opened", "known", *FIELDS):
        digest.update(np.ascontiguousarray(getattr(data.panel, name)).data)
    instruments = sorted(data.instruments.items())
    told = (config.seed, config.schedule, data.panel.symbols, data.panel.basis, instruments)
    digest.update(msgspec.msgpack.encode(told))
    return digest.hexdigest()[:_FINGERPRINT]


_FINGERPRINT: Final = 32

REJECTED: Final = "REJECTED"
"""What the ledger says of a request that the books refused, unless the client is told otherwise."""
