"""The simulated broker as an executor, or a watchdog, uses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date

from maemae.brokers.quota import Quota
from maemae.brokers.sim.clock import SimVenueClock
from maemae.brokers.sim.mapping import (
    cancel_from_request,
    order_id_from_reply,
    replace_from_request,
    submit_from_order,
    traits_from_welcome,
    unavailable,
)
from maemae.brokers.sim.messages import (
    AskCash,
    AskExecutions,
    AskHoldings,
    AskLastTrade,
    AskOrders,
    CashAnswer,
    ClockPush,
    ExecutionsPage,
    HoldingsPage,
    LastTradeAnswer,
    NoticePush,
    OrdersPage,
    Ping,
    Pong,
    Push,
    Query,
    Reply,
    Request,
    Welcome,
)
from maemae.brokers.sim.paging import every_page
from maemae.brokers.sim.stream import Link, SimAddress
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
)
from maemae.ports import BrokerEvent, BrokerTraits, Permit, WallClock


class SimBroker:
    """
    One connection to a simulated broker (`maemae.ports.Broker`).

    A process that must act on its own, as a watchdog, makes another one and connects with a
    higher epoch: from then on the broker refuses whatever comes under the older one.

    Args:
        address: Where it is, and how patient to be.
        wall: The machine's clock.

    Attributes:
        venue_clock: The exchange's time; valid once connected.
        accounts: What the credential may trade for; known once connected.
    """

    def __init__(self, address: SimAddress, wall: WallClock) -> None:
        self.venue_clock = SimVenueClock()
        self.accounts: tuple[AccountId, ...] = ()
        self._wall = wall
        self._traits: BrokerTraits | None = None
        self._told: asyncio.Queue[Notice | BrokerEvent | None] = asyncio.Queue()
        self._link = Link(address, wall, self._take, self._greet, self._told.put_nowait)
        self._orders = self._queries = Quota(1, wall)

    @property
    def traits(self) -> BrokerTraits:
        """What must be known of it; valid once connected."""
        if self._traits is None:
            raise BrokerUnavailableError(
                "모의 증권사에 아직 연결하지 않았습니다. connect 를 먼저 부르세요.",
                "The simulated broker is not connected yet. Call connect first.",
            )
        return self._traits

    async def connect(self, epoch: int) -> None:
        """Connect under an epoch, 1 or more."""
        await self._link.open(epoch)

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        await self._link.close()
        self._told.put_nowait(None)

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        """Send a new order once, if it may leave; return the broker's number of it."""
        return await self._request(submit_from_order(order), permit)

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Cancel what is left of an order; return the broker's number of the cancel."""
        return await self._request(cancel_from_request(order, request), permit)

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Change an order; return the number that goes on with it."""
        return await self._request(replace_from_request(order, request), permit)

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        """Return every order of a day, oldest first."""
        pages = await every_page(self._ask, AskOrders(0, account_id, day), OrdersPage)
        return tuple(row for page in pages for row in page.rows)

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        """Return every fill of a day, oldest first."""
        pages = await every_page(self._ask, AskExecutions(0, account_id, day), ExecutionsPage)
        return tuple(row for page in pages for row in page.rows)

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        """Return every position."""
        rows: list[StatedHolding] = []
        after = ""
        while True:
            page = await self._ask(AskHoldings(0, account_id, after))
            if not isinstance(page, HoldingsPage):
                raise unavailable(page)
            rows += page.rows
            after = page.next_after
            if not after:
                return tuple(rows)

    async def cash(self, account_id: AccountId) -> StatedCash:
        """Return the account's cash."""
        reply = await self._ask(AskCash(0, account_id))
        if not isinstance(reply, CashAnswer):
            raise unavailable(reply)
        return reply.cash

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        """Return the newest print of an instrument, asked for and not streamed."""
        reply = await self._ask(AskLastTrade(0, symbol))
        if not isinstance(reply, LastTradeAnswer):
            raise unavailable(reply)
        return reply.trade

    async def server_time(self) -> int:
        """Return the server's clock, which is the exchange's [ns, UTC]; no quota counts it."""
        reply = await self._link.query(Ping(0))
        if not isinstance(reply, Pong):
            raise unavailable(reply)
        return reply.venue_time

    async def reclaim(self) -> None:
        """Do nothing: the simulated broker gives every login a stream of its own."""

    async def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        """Yield notices as they come, from the connection on, until closed."""
        while True:
            told = await self._told.get()
            if told is None:
                return
            yield told

    async def _request(self, request: Request, permit: Permit | None = None) -> OrderId:
        async with self._orders.slot():
            if permit is not None:
                permit()
            return order_id_from_reply(await self._link.ask(request))

    async def _ask(self, query: Query) -> Reply:
        async with self._queries.slot():
            return await self._link.query(query)

    def _take(self, push: Push) -> None:
        if isinstance(push, NoticePush):
            self._told.put_nowait(push.notice)
        elif isinstance(push, ClockPush):
            self.venue_clock.set(push.venue_time)

    async def _greet(self, welcome: Welcome) -> None:
        traits = traits_from_welcome(welcome)
        if traits != self._traits:
            self._orders = Quota(traits.orders_per_sec, self._wall)
            self._queries = Quota(traits.queries_per_sec, self._wall)
        self._traits = traits
        self.accounts = welcome.accounts
        self.venue_clock.set(welcome.venue_time, welcome.speed)
