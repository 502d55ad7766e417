"""
A broker in memory for the emergency lane: with a rate limit, lost replies and an in-flight tail.

It keeps no number of ours and fills whatever it is told to sell, more than there is included:
that nobody oversells is the lane's own merit, and seen here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerUnavailableError, NotAcceptedError, OutcomeUnknownError
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import Mode, OrdType, Side, TimeInForce
from maemae.ports import BrokerEvent, BrokerTraits, ClientIdSupport, Permit
from tests.builders import ACCOUNT
from tests.virtual_time import BEGAN


class Fault(Enum):
    """What goes wrong with one request."""

    NONE = auto()
    LOST_REPLY = auto()  # done, and the answer is lost
    LOST_REQUEST = auto()  # not done, and nobody can know
    SILENCE = auto()  # done, and no answer ever comes
    REFUSED = auto()
    BUG = auto()  # the adapter breaks its promise of what it raises


class EmergencyBroker:
    """
    The truth of one account, and what came in.

    Args:
        orders_per_sec: Refuses what comes faster, in any sliding second.
        quiet_period: Longest time until something shows in the lists [ns].
        latency: Until an answer comes [s].
        tails: Times until each request takes effect, as shares of the quiet period; 0 after.
        faults: Of the requests, in order; none after.
        query_faults: Whether each query fails, in order; false after.
    """

    def __init__(
        self,
        orders_per_sec: int = 5,
        quiet_period: int = 10 * SECOND,
        latency: float = 0.1,
        tails: Iterable[float] = (),
        faults: Iterable[Fault] = (),
        query_faults: Iterable[bool] = (),
        queries_per_sec: int | None = None,
    ) -> None:
        self.traits = BrokerTraits(
            Mode.SIM,
            ClientIdSupport.NONE,
            quiet_period,
            orders_per_sec,
            orders_per_sec if queries_per_sec is None else queries_per_sec,
            fences=True,
        )
        self.book: dict[OrderId, StatedOrder] = {}
        self.held: dict[Symbol, int] = {}
        self.halted: set[Symbol] = set()
        self.arrivals: list[int] = []
        self.sent: list[str] = []
        self.rate_refusals = 0
        self.flat_at: int | None = None
        self.oversold: list[Symbol] = []
        self.epochs: list[int] = []
        self.is_reachable = True
        self._latency = latency
        self._tails: Iterator[float] = iter(tails)
        self._faults: Iterator[Fault] = iter(faults)
        self._query_faults: Iterator[bool] = iter(query_faults)
        self._recent: deque[int] = deque()

    def hold(self, symbol: str, qty: int) -> None:
        self.held[Symbol(symbol)] = qty

    def work(self, symbol: str, side: Side, qty: int, price: int | None = 1_000) -> OrderId:
        """Have an order at work."""
        order_id = OrderId(str(len(self.book) + 1))
        self.book[order_id] = StatedOrder(
            ACCOUNT,
            order_id,
            Symbol(symbol),
            side,
            OrdType.MARKET if price is None else OrdType.LIMIT,
            TimeInForce.DAY,
            price,
            qty,
            0,
            qty,
            StatedStatus.WORKING,
            BEGAN,
        )
        return order_id

    def work_later(self, secs: float, symbol: str, side: Side, qty: int) -> None:
        """Have an order arrive that somebody who is dead by now has sent."""
        asyncio.get_running_loop().call_later(secs, self.work, symbol, side, qty)

    @property
    def working(self) -> list[StatedOrder]:
        return [order for order in self.book.values() if order.status is StatedStatus.WORKING]

    @property
    def is_flat(self) -> bool:
        return not self.working and not any(self.held.values())

    def sellable(self, symbol: Symbol) -> int:
        selling = sum(
            order.leaves_qty
            for order in self.working
            if order.symbol == symbol and order.side is Side.SELL
        )
        return max(0, self.held.get(symbol, 0) - selling)

    async def connect(self, epoch: int) -> None:
        if not self.is_reachable:
            raise BrokerUnavailableError("연결할 수 없습니다.", "It cannot be reached.")
        self.epochs.append(epoch)

    async def close(self) -> None:
        pass

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        self.sent.append(f"SELL {order.symbol} {order.order_qty}")
        order_id = OrderId(f"S{len(self.sent)}")

        def arrive() -> None:
            if order.order_qty > self.sellable(order.symbol):
                self.oversold.append(order.symbol)
            self.held[order.symbol] = self.held.get(order.symbol, 0) - order.order_qty
            self._note_flat()

        is_halted = order.symbol in self.halted
        await self._request(arrive, is_refused=is_halted)
        return order_id

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        order_id = order.order_ids[-1]
        self.sent.append(f"CANCEL {order_id}")
        number = OrderId(f"C{len(self.sent)}")

        def arrive() -> None:
            stated = self.book[order_id]
            if stated.status is StatedStatus.WORKING:
                self.book[order_id] = replace(stated, status=StatedStatus.CANCELED, leaves_qty=0)
                self._note_flat()

        is_late = self.book[order_id].status is not StatedStatus.WORKING
        await self._request(arrive, is_refused=is_late)
        return number

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        raise AssertionError("the emergency lane changes nothing")

    async def _request(self, arrive: object, *, is_refused: bool) -> None:
        loop = asyncio.get_running_loop()
        now = round(loop.time() * SECOND)
        self.arrivals.append(now)
        while self._recent and self._recent[0] <= now - SECOND:
            self._recent.popleft()
        if len(self._recent) >= self.traits.orders_per_sec:
            self.rate_refusals += 1
            raise NotAcceptedError("너무 빠릅니다.", "Too fast.", "-308", resend=True)
        self._recent.append(now)
        fault = next(self._faults, Fault.NONE)
        if fault is Fault.REFUSED or is_refused:
            await asyncio.sleep(self._latency)
            raise NotAcceptedError("지금은 안 됩니다.", "Not now.", "1")
        if fault is not Fault.LOST_REQUEST:
            assert callable(arrive)
            tail = next(self._tails, 0.0) * self.traits.quiet_period / SECOND
            loop.call_later(tail, arrive)
        if fault is Fault.SILENCE:
            await asyncio.sleep(1e9)
        await asyncio.sleep(self._latency)
        if fault is Fault.BUG:
            raise KeyError("ODNO")
        if fault in {Fault.LOST_REPLY, Fault.LOST_REQUEST}:
            raise OutcomeUnknownError("답을 잃었습니다.", "The answer is lost.")

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        await self._query()
        return tuple(self.book.values())

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        raise AssertionError("the emergency lane does not need it")

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        await self._query()
        return tuple(
            StatedHolding(ACCOUNT, symbol, qty, self.sellable(symbol), qty * 1_000)
            for symbol, qty in self.held.items()
            if qty
        )

    async def cash(self, account_id: AccountId) -> StatedCash:
        raise AssertionError("the emergency lane does not need it")

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        return None

    async def reclaim(self) -> None:
        raise AssertionError("not asked for")

    async def server_time(self) -> int:
        await self._query()
        return BEGAN

    async def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        nothing: tuple[Notice, ...] = ()
        for notice in nothing:
            yield notice

    async def _query(self) -> None:
        await asyncio.sleep(self._latency)
        if next(self._query_faults, False):
            raise BrokerUnavailableError("목록을 읽지 못했습니다.", "The list cannot be read.")

    def _note_flat(self) -> None:
        if self.is_flat:
            self.flat_at = round(asyncio.get_running_loop().time() * SECOND)


class Memory:
    """A scribe that remembers (`maemae.trading.emergency.scribe.Scribe`)."""

    def __init__(self) -> None:
        self.records: list[msgspec.Struct] = []

    async def note(self, record: msgspec.Struct) -> None:
        self.records.append(record)
