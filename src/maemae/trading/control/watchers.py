"""
Those who watch an executor, and the pulse that all of them are sent.

Nothing here waits for anybody: bytes are handed to the kernel, and who does not read them in
time is let go. Hearing costs an entry in a dictionary; a pulse is made ten times a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from maemae.core.machine import TradingCore
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.krx.session import Phase
from maemae.ports import Entry, VenueClock, WallClock
from maemae.storage.records import is_worth_a_record
from maemae.trading.control.watch import Pulse, Quote, watch_frame

MOST_WATCHERS: Final = 8
MOST_UNREAD: Final = 1024 * 1024
"""Bytes that may wait for one watcher; with more it is let go."""

_EVERY: Final = SECOND // 10
_LONGEST_SILENCE: Final = SECOND


class Watchers:
    """
    Hears what happens (`maemae.trading.engine.Listener`) and tells it in pulses.

    Args:
        venue: The exchange's time.
        wall: Paces the pulses.
    """

    def __init__(self, venue: VenueClock, wall: WallClock) -> None:
        self._venue = venue
        self._wall = wall
        self._lines: set[asyncio.WriteTransport] = set()
        self._core: TradingCore | None = None
        self._prints: dict[Symbol, Trade] = {}
        self._changed: set[Symbol] = set()
        self._head = 0
        self._told_head = 0
        self._told_at = 0

    @property
    def count(self) -> int:
        """How many watch."""
        return len(self._lines)

    def hear_print(self, trade: Trade) -> None:
        """Take a print of the stream."""
        self._prints[trade.symbol] = trade
        self._changed.add(trade.symbol)

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Note the newest record."""
        self._core = core
        for entry in reversed(entries):
            if is_worth_a_record(entry.event, entry.actions):
                self._head = entry.seq
                return

    def hear_time(self, core: TradingCore) -> None:
        """Note the core."""
        self._core = core

    def hear_ready(self, core: TradingCore) -> None:
        """Note the core."""
        self._core = core

    def add(self, line: asyncio.WriteTransport) -> bool:
        """Tell a watcher everything now and each change from now on; False if there is no room."""
        if len(self._lines) >= MOST_WATCHERS:
            return False
        self._lines.add(line)
        self._send(line, watch_frame(self._pulse(self._prints)))
        return True

    def remove(self, line: asyncio.WriteTransport) -> None:
        """Forget a watcher."""
        self._lines.discard(line)

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            await self._wall.sleep(_EVERY)
            self.beat()

    def beat(self) -> None:
        """Send a pulse if there is anything to tell, or nothing was told for a second."""
        now = self._wall.monotonic()
        is_news = bool(self._changed) or self._head != self._told_head
        if not is_news and now - self._told_at < _LONGEST_SILENCE:
            return
        if self._lines:
            frame = watch_frame(self._pulse(self._changed))
            for line in tuple(self._lines):
                self._send(line, frame)
        self._changed.clear()
        self._told_head, self._told_at = self._head, now

    def _pulse(self, symbols: Iterable[Symbol]) -> Pulse:
        core = self._core
        return Pulse(
            self._venue.now(),
            Phase.CLOSED if core is None else core.market.phase,
            None if core is None else core.state.session_date,
            self._head,
            tuple(self._quote(symbol) for symbol in symbols),
        )

    def _quote(self, symbol: Symbol) -> Quote:
        trade = self._prints[symbol]
        rules = None if self._core is None else self._core.market.instruments.get(symbol)
        base_price = None if rules is None else rules.base_price
        return Quote(symbol, trade.px, trade.qty, trade.at, base_price)

    def _send(self, line: asyncio.WriteTransport, frame: bytes) -> None:
        if line.get_write_buffer_size() > MOST_UNREAD:
            self._lines.discard(line)
            line.abort()
        elif not line.is_closing():
            line.write(frame)
