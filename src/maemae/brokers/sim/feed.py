"""Prices of the simulated broker, on a connection of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date

from maemae.brokers.quota import Quota
from maemae.brokers.sim.mapping import unavailable
from maemae.brokers.sim.messages import (
    AskInstruments,
    Done,
    InstrumentPush,
    InstrumentsPage,
    Push,
    Query,
    Reply,
    Subscribe,
    TradePush,
    Welcome,
)
from maemae.brokers.sim.paging import every_page
from maemae.brokers.sim.stream import Link, SimAddress
from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.ports import BrokerEvent, WallClock


class SimFeed:
    """
    Trades and changes of state (`maemae.ports.MarketFeed`); it cannot order.

    Args:
        address: Where the simulated broker is, and how patient to be.
        wall: The machine's clock.
    """

    def __init__(self, address: SimAddress, wall: WallClock) -> None:
        self._wall = wall
        self._symbols: tuple[Symbol, ...] = ()
        self._told: asyncio.Queue[Trade | InstrumentUpdated | BrokerEvent | None] = asyncio.Queue()
        self._link = Link(address, wall, self._take, self._greet, self._told.put_nowait)
        self._queries = Quota(1, wall)

    async def connect(self) -> None:
        """
        Connect.

        Raises:
            BrokerUnavailableError: It cannot be reached.
        """
        await self._link.open(epoch=0)

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        await self._link.close()
        self._told.put_nowait(None)

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        """
        Return the day's rules of every instrument that may be traded.

        Raises:
            BrokerUnavailableError: Any page failed.
        """
        pages = await every_page(self._ask, AskInstruments(0, day), InstrumentsPage)
        return tuple(row for page in pages for row in page.rows)

    async def subscribe(self, symbols: Sequence[Symbol]) -> None:
        """
        Have these streamed, and nothing else; also over every later connection.

        Raises:
            BrokerUnavailableError: The broker did not confirm; it is asked again with the
                next connection.
        """
        self._symbols = tuple(symbols)
        reply = await self._link.query(Subscribe(0, self._symbols))
        if not isinstance(reply, Done):
            raise unavailable(reply)

    async def trades(self) -> AsyncIterator[Trade | InstrumentUpdated | BrokerEvent]:
        """Yield prints and changes of state as they come, until closed."""
        while True:
            told = await self._told.get()
            if told is None:
                return
            yield told

    async def _ask(self, query: Query) -> Reply:
        async with self._queries.slot():
            return await self._link.query(query)

    def _take(self, push: Push) -> None:
        if isinstance(push, TradePush):
            self._told.put_nowait(push.trade)
        elif isinstance(push, InstrumentPush):
            self._told.put_nowait(push.update)

    async def _greet(self, welcome: Welcome) -> None:
        self._queries = Quota(welcome.traits.queries_per_sec, self._wall)
        if self._symbols:
            await self.subscribe(self._symbols)
