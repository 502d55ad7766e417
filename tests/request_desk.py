"""A rig whose requests leave, to a broker that takes every one and need not say what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec.structs import replace

from maemae.core.actions import Action, CancelOrder, ReplaceOrder
from maemae.core.events import Event, TimePassed
from maemae.core.machine import TradingCore
from maemae.domain.ids import OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.statement import Notice, StatedOrder, StatedStatus
from maemae.ports import Entry, Permit
from maemae.trading.turn import Expiry, compose
from tests.builders import ACCOUNT, DAY_1, NOON
from tests.reconciler_rig import ListedBroker, Rig
from tests.timed_outside import LeapingVenue

EXPIRY = Expiry(30 * SECOND, 300 * SECOND, 300 * SECOND)
ROUND_SECS = 2

Asked = CancelOrder | ReplaceOrder


class TakingBroker(ListedBroker):
    """
    Takes every request, and does and says nothing by itself.

    Attributes:
        taken: What it took, with when [s since the test began].
        on_taken: Told of each request, with the number that it was given.
    """

    def __init__(self, venue: LeapingVenue) -> None:
        super().__init__(venue)
        self.taken: list[tuple[float, Asked]] = []
        self.sold: list[Order] = []
        self.on_taken: Callable[[OrderId, Asked], object] = lambda _number, _asked: None

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        self.sold.append(order)
        return OrderId(f"{8_000_000 + len(self.sold)}")

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        return self._take(request)

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        return self._take(request)

    def restate(self, order_id: str, status: StatedStatus) -> None:
        """List an order with another status."""
        rows = self.of(DAY_1).orders
        rows[:] = [
            replace(row, status=status, leaves_qty=0) if row.order_id == order_id else row
            for row in rows
        ]

    def row(self, order_id: str) -> StatedOrder:
        """Return a row of the list."""
        return next(row for row in self.of(DAY_1).orders if row.order_id == order_id)

    def _take(self, request: Asked) -> OrderId:
        self.taken.append((asyncio.get_running_loop().time(), request))
        number = OrderId(f"{9_000_000 + len(self.taken)}")
        self.on_taken(number, request)
        return number


class RequestDesk(Rig):
    """Core, sender and reconciler with a broker that takes requests."""

    broker: TakingBroker

    def __init__(self, core: TradingCore | None = None, instant: int = NOON) -> None:
        super().__init__(core, instant, TakingBroker)

    def take(self, event: Event) -> tuple[Action, ...]:
        """Give the core an event and let go what follows, as an engine does."""
        actions = super().take(event)
        entries = (Entry(0, event, actions),)
        turn, parcels = compose(entries, self.core.state, 1, EXPIRY, 0)
        for number in turn.settled:
            self.sender.settle(number)
        self.sender.put(parcels)
        return actions

    @property
    def asked_at(self) -> list[float]:
        """When each request was taken [s]."""
        return [at for at, _ in self.broker.taken]

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Let requests leave meanwhile."""
        running = asyncio.create_task(self.sender.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def go_on(self, secs: float) -> bool:
        """Let time pass, with a reading every two seconds; return whether the last compared."""
        is_compared = False
        for _ in range(round(secs / ROUND_SECS)):
            await asyncio.sleep(ROUND_SECS)
            is_compared = (await self.reconciler.run_round(ACCOUNT, DAY_1)).is_compared
            self.take(TimePassed(self.place.venue.now()))
        return is_compared

    def hear_later(self, secs: float, notice: Notice) -> None:
        """Have the stream tell something later."""
        asyncio.get_running_loop().call_later(secs, self.hear, notice)
