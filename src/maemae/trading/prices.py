"""Market data on its way to the core: prints, the day's rules, and a second look at a price."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from maemae.core.actions import PriceDoubted, ProtectionBlinded
from maemae.core.events import InstrumentUpdated, PriceUpdated
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.errors import BrokerError
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.krx.session import Phase
from maemae.ports import BrokerEvent, Entry
from maemae.trading.endings import Ending
from maemae.trading.mailbox import Mailbox
from maemae.trading.outside import Outside
from maemae.trading.phases import trading_day

Watcher = Callable[[Trade], None]
"""Told of every print, as the bars of strategies need it."""


class PricePump:
    """
    Streams prints to the core, and asks the broker itself where the stream is not enough.

    Args:
        outside: Broker and feed.
        mailbox: Where the core's inputs go.
        watch: Told of every print of the stream.

    Attributes:
        is_connected: Whether the stream stands.
        last_at: When the newest print came [ns, monotonic]; 0 before the first.
    """

    def __init__(self, outside: Outside, mailbox: Mailbox, watch: Watcher) -> None:
        self.is_connected = True
        self.last_at = 0
        self._outside = outside
        self._mailbox = mailbox
        self._watch = watch
        self._asked: set[Symbol] = set()
        self._told_day: date | None = None
        self._is_back = asyncio.Event()

    async def run(self) -> None:
        """Stream for ever."""
        async for told in self._outside.feed.trades():
            if isinstance(told, Trade):
                self.last_at = self._outside.wall.monotonic()
                self._mailbox.put(PriceUpdated(told.symbol, told.px, told.at))
                self._watch(told)
            elif isinstance(told, BrokerEvent):
                self.is_connected = told.is_connected
                if told.is_connected:
                    self._is_back.set()
            else:
                self._mailbox.put(told)

    async def tell_rules(self, day: date) -> Sequence[InstrumentUpdated]:
        """Tell the core what holds today, and have those instruments streamed; retries."""
        while True:
            try:
                rules = await self._outside.feed.instruments(day)
                await self._outside.feed.subscribe([rule.instrument.symbol for rule in rules])
            except BrokerError as error:
                self._outside.warn("FEED_UNAVAILABLE", str(day), error.text)
                await self._outside.wall.sleep(_RETRY)
            else:
                self._outside.over(Ending.RULES_TOLD)
                self._mailbox.put_all(rules)
                self._told_day = day
                return rules

    async def keep_rules(self) -> None:
        """Tell the rules of the day anew whenever the stream has come back: news may be lost."""
        while True:
            await self._is_back.wait()
            self._is_back.clear()
            day = trading_day(self._outside.venue.now())
            if day == self._told_day:
                await self.tell_rules(day)

    async def tell_prices(self, state: CoreState) -> None:
        """Ask for the price of everything held or working; what is not told stays unknown."""
        held = {symbol for sleeve in state.sleeves.values() for symbol in sleeve.positions}
        for symbol in sorted(held | state.working.keys()):
            await self._look(symbol)

    def wants_look(self, entries: Sequence[Entry]) -> list[Symbol]:
        """Return instruments whose price the core doubts or misses, each once until it came."""
        wanted = [
            action.symbol
            for entry in entries
            for action in entry.actions
            if isinstance(action, PriceDoubted | ProtectionBlinded)
        ]
        return [symbol for symbol in dict.fromkeys(wanted) if symbol not in self._asked]

    async def look(self, symbol: Symbol) -> None:
        """Ask the broker for an instrument's last print: a second source beside the stream."""
        self._asked.add(symbol)
        try:
            await self._look(symbol)
        finally:
            self._asked.discard(symbol)

    async def keep_looking(self, core: Callable[[], TradingCore]) -> None:
        """Ask again for what guards miss while the exchange trades: a look may have failed."""
        while True:
            await self._outside.wall.sleep(_LOOK_AGAIN)
            for symbol in tuple(core().state.blinded):
                if core().market.phase is Phase.CONTINUOUS and symbol not in self._asked:
                    await self.look(symbol)

    async def _look(self, symbol: Symbol) -> None:
        try:
            trade = await self._outside.broker.last_trade(symbol)
        except BrokerError as error:
            self._outside.warn("PRICE_UNAVAILABLE", symbol, error.text)
            return
        self._outside.over(Ending.PRICED, symbol)
        if trade is not None:
            self._mailbox.put(PriceUpdated(symbol, trade.px, trade.at, is_confirmed=True))


_RETRY: Final = SECOND
_LOOK_AGAIN: Final = 5 * SECOND
