"""
The broker's truth against ours: at start, after every reconnect, and on a timer.

One round reads everything, every page, or says nothing. Executions are read last, so that a
fill that holdings and cash show already is in them. What the lists tell becomes events of the
core; holdings and cash are compared only when nothing was on its way all through the round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from maemae.core.actions import OrderAdopted
from maemae.core.events import AccountStated, Event, ExternalOrderSeen, SellableStated
from maemae.core.state import CoreState
from maemae.domain.errors import InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ClOrdId, ExecId, OrderId
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedCash, StatedExecution, StatedHolding, StatedOrder
from maemae.domain.terms import Purpose
from maemae.domain.text import Text
from maemae.failpoints import hit
from maemae.ports import Broker, VenueClock, WallClock
from maemae.trading.doubt import Absent, Found, Hold, Poll, Wait, judge_order, judge_request
from maemae.trading.links import Links
from maemae.trading.mailbox import Answer
from maemae.trading.sender import Sender
from maemae.trading.statements import external_orders, is_settled, missing_reports
from maemae.trading.turn import fingerprint


class Asker(Protocol):
    """Gives an event to the core and returns what followed, durable."""

    async def __call__(self, event: Event, *, still: Callable[[], bool] | None = None) -> Answer:
        """Return what followed."""


class Statement(msgspec.Struct, frozen=True):
    """
    Everything the broker says of an account, read in one round.

    Attributes:
        asked_at: Before the first page was asked for [ns, monotonic].
    """

    asked_at: int
    orders: Sequence[StatedOrder]
    holdings: Sequence[StatedHolding]
    cash: StatedCash
    executions: Sequence[StatedExecution]


class Round(msgspec.Struct, frozen=True):
    """
    What a round came to.

    Attributes:
        in_doubt: Orders and requests whose outcome is still not known.
        held: Those among them that only a person can settle, with why.
        is_compared: Whether holdings and cash were compared.
    """

    in_doubt: Sequence[ClOrdId]
    held: Sequence[tuple[ClOrdId, Text]]
    is_compared: bool


class Reconciler:
    """
    Reads an account and tells the core what it lacks.

    Args:
        broker: Connected.
        links: The broker's numbers of our orders.
        sender: Knows when each request without an outcome left.
        state: Returns the book.
        ask: Gives events to the core.
        clocks: The exchange's and the wall's.
    """

    def __init__(
        self,
        broker: Broker,
        links: Links,
        sender: Sender,
        state: Callable[[], CoreState],
        ask: Asker,
        clocks: tuple[VenueClock, WallClock],
    ) -> None:
        self._broker = broker
        self._links = links
        self._sender = sender
        self._state = state
        self._ask = ask
        self._venue, self._wall = clocks
        self._polls: dict[AccountId, list[Poll]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def run_round(self, account_id: AccountId, day: date) -> Round:
        """
        Read the account once and act upon it.

        Raises:
            BrokerUnavailableError: A list could not be read whole; nothing was concluded.
        """
        async with self._one_at_a_time:
            before = self._footprint(account_id)
            stated = await self._read(account_id, day)
            polls = self._remember(account_id, stated)
            missed = await self._tell_missing(stated)
            in_doubt, held = await self._judge(account_id, polls)
            missed += await self._tell_missing(stated)
            missed += await self._adopt(stated)
            self._drop_answers(account_id)
            await self._tell_sellable(account_id, stated, in_doubt)
            is_compared = False
            unmoved = not missed and before == self._footprint(account_id)
            if unmoved and is_settled(self._state(), account_id):
                is_compared = await self._compare(account_id, stated)
            return Round(in_doubt, held, is_compared)

    async def _read(self, account_id: AccountId, day: date) -> Statement:
        broker, asked_at = self._broker, self._wall.monotonic()
        orders = await broker.orders(account_id, day)
        hit("reconcile.orders_read")
        holdings = await broker.holdings(account_id)
        cash = await broker.cash(account_id)
        hit("reconcile.holdings_read")
        executions = await broker.executions(account_id, day)
        return Statement(asked_at, orders, holdings, cash, executions)

    def _remember(self, account_id: AccountId, stated: Statement) -> list[Poll]:
        """Keep a reading, and those before it since the oldest doubt."""
        doubts = self._sender.sent_at.values()
        oldest = min(doubts, default=stated.asked_at)
        poll = Poll(stated.asked_at, tuple(stated.orders), tuple(stated.executions))
        before = self._polls.get(account_id, ())
        self._polls[account_id] = [kept for kept in before if kept.asked_at >= oldest] + [poll]
        return self._polls[account_id]

    def _footprint(self, account_id: AccountId) -> tuple[object, ...]:
        """Return what changes with every order and fill of an account."""
        orders = self._orders(account_id)
        return tuple((order.cl_ord_id, order.standing, order.cum_qty) for order in orders)

    def _orders(self, account_id: AccountId) -> list[Order]:
        orders = self._state().orders.values()
        return [order for order in orders if order.account_id == account_id]

    async def _judge(
        self, account_id: AccountId, polls: Sequence[Poll]
    ) -> tuple[list[ClOrdId], list[tuple[ClOrdId, Text]]]:
        """Settle by evidence what can be; return what stays in doubt and what a person must see."""
        in_doubt: list[ClOrdId] = []
        held: list[tuple[ClOrdId, Text]] = []
        for order in self._orders(account_id):
            for number in self._doubts_of(order):
                why = await self._settle(order, number, polls)
                if why is None:
                    continue
                in_doubt.append(number)
                if isinstance(why, Hold):
                    held.append((number, why.reason))
        return in_doubt, held

    def _doubts_of(self, order: Order) -> list[ClOrdId]:
        """Return the order and its requests as far as their outcome is asked about."""
        if order.is_closed:
            return []
        doubts = [request.cl_ord_id for request in order.requests]
        if order.standing is OrderStatus.UNKNOWN:
            doubts.insert(0, order.cl_ord_id)
        return [number for number in doubts if number in self._sender.sent_at]

    async def _settle(
        self, order: Order, number: ClOrdId, polls: Sequence[Poll]
    ) -> Wait | Hold | None:
        """Tell the core what the evidence says of one request; return why it says nothing."""
        quiet, sent_at = self._broker.traits.quiet_period, self._sender.sent_at[number]
        if number != order.cl_ord_id:
            request = next(asked for asked in order.requests if asked.cl_ord_id == number)
            told = judge_request(order, request, sent_at, quiet, polls, self._links.linked())
            if isinstance(told, Wait | Hold):
                return told
            for report in told:
                await self._ask(report)
            self._sender.settle(number)
            return None
        verdict = judge_order(
            order,
            sent_at,
            quiet,
            polls,
            self._links.linked(),
            self._twins(order),
            client_id=self._broker.traits.client_id,
        )
        if isinstance(verdict, Wait | Hold):
            return verdict
        await self._tell_verdict(order, verdict)
        self._sender.settle(number)
        return None

    def _twins(self, order: Order) -> list[Order]:
        """Return orders that look the same and may be what the broker's list shows."""
        look = fingerprint(order)
        return [
            other
            for other in self._orders(order.account_id)
            if other.cl_ord_id != order.cl_ord_id
            and (other.sleeve_id == EXTERNAL_SLEEVE or other.cl_ord_id in self._sender.sent_at)
            and fingerprint(other) == look
        ]

    async def _tell_verdict(self, order: Order, verdict: Found | Absent) -> None:
        number, now = order.cl_ord_id, self._venue.now()
        if isinstance(verdict, Absent):
            text = "증권사 목록에 없어 접수되지 않은 것으로 확인했습니다."
            exec_id = ExecId(f"{number}:ABSENT")
            await self._ask(ExecutionReport(number, exec_id, ExecType.REJECTED, now, text=text))
            return
        exec_id = ExecId(f"{verdict.order_id}:NEW")
        found = ExecutionReport(number, exec_id, ExecType.NEW, now, order_id=verdict.order_id)
        await self._ask(found)
        await self._link(verdict.order_id, number)

    async def _tell_missing(self, stated: Statement) -> int:
        """Tell the core what the lists show and it lacks; return how much that was."""
        reports = missing_reports(self._links, self._state(), stated.orders, stated.executions)
        for report in reports:
            await self._ask(report)
            if report.order_id is not None:
                await self._link(report.order_id, report.cl_ord_id)
        return len(reports)

    async def _adopt(self, stated: Statement) -> int:
        """Take in orders that came to the account by another way; return how many."""
        unsure = [
            order
            for order in self._state().orders.values()
            if not order.is_closed and not order.order_ids
        ]
        seen = external_orders(self._links, stated.orders, unsure)
        for order in seen:
            actions = await self._ask(ExternalOrderSeen(order, self._venue.now()))
            for action in actions:
                if isinstance(action, OrderAdopted):
                    await self._link(order.order_id, action.order.cl_ord_id)
        if seen:
            await self._tell_missing(stated)
        return len(seen)

    def _drop_answers(self, account_id: AccountId) -> None:
        """Wait no more for whose request it was that closed an order: the lists told the rest."""
        for order in self._orders(account_id):
            if order.is_closed:
                for order_id in order.order_ids:
                    self._links.take(order_id)

    async def _link(self, order_id: OrderId, number: ClOrdId) -> None:
        """Remember whose a number is, and tell the core what was parked for it."""
        parked = self._links.link(order_id, number)
        for report in self._links.translate_all(parked, self._wall.monotonic()):
            await self._ask(report)

    async def _tell_sellable(
        self, account_id: AccountId, stated: Statement, in_doubt: Sequence[ClOrdId]
    ) -> None:
        """Let an exit in doubt be sent anew, after the quiet period, for what is still there."""
        quiet, orders = self._broker.traits.quiet_period, self._state().orders
        for number in in_doubt:
            order = orders.get(number)
            if order is None or order.purpose is Purpose.NEW:
                continue
            if stated.asked_at - self._sender.sent_at[number] < quiet:
                continue
            sellable = sum(held.sellable for held in stated.holdings if held.symbol == order.symbol)
            now = self._venue.now()
            await self._ask(SellableStated(account_id, order.symbol, sellable, now))

    async def _compare(self, account_id: AccountId, stated: Statement) -> bool:
        """Let the core compare, unless an order or fill overtakes the statement on its way."""
        now, footprint = self._venue.now(), self._footprint(account_id)
        event = AccountStated(account_id, stated.cash.cash, tuple(stated.holdings), now)
        try:
            await self._ask(event, still=lambda: footprint == self._footprint(account_id))
        except InvalidValueError:
            return False
        return True
