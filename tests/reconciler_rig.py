"""A core, a sender and a reconciler around a broker whose lists are what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from maemae.core.actions import Action, AlarmCode, AlarmRaised
from maemae.core.events import Event, SessionStarted
from maemae.core.machine import TradingCore
from maemae.domain.errors import BrokerUnavailableError, InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, Symbol
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
)
from maemae.domain.terms import Side
from maemae.ports import Lane, OutboxRow
from maemae.trading.links import Links
from maemae.trading.outbox import Outbox
from maemae.trading.reconciler import Reconciler
from maemae.trading.sender import Sender
from maemae.trading.turn import fingerprint
from tests.builders import ACCOUNT, CASH, NOON, SAMSUNG, a_core, a_report, an_intent
from tests.timed_outside import LeapingVenue, Place, TimedBroker

T = TypeVar("T")


@dataclass
class DayLists:
    """What the broker lists of a day."""

    orders: list[StatedOrder] = field(default_factory=list)
    fills: list[StatedExecution] = field(default_factory=list)


class ListedBroker(TimedBroker):
    """
    A broker that answers queries only.

    Attributes:
        lists: By day; a day that is not there is empty.
        gone: Days whose lists it does not give.
        asked: Days whose orders were asked for.
        on_cash: Done whenever cash is asked for, in the midst of a round.
        takes: How long a reading takes [s].
    """

    def __init__(self, venue: LeapingVenue) -> None:
        super().__init__(venue)
        self.lists: dict[date, DayLists] = {}
        self.gone: set[date] = set()
        self.asked: list[date] = []
        self.held: dict[Symbol, int] = {}
        self.money = CASH
        self.on_cash: Callable[[], object] = lambda: None
        self.takes = 0.0

    def of(self, day: date) -> DayLists:
        return self.lists.setdefault(day, DayLists())

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        self.asked.append(day)
        return tuple(self._lists(day).orders)

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        return tuple(self._lists(day).fills)

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        return tuple(
            StatedHolding(account_id, symbol, qty, qty, qty * 10_000)
            for symbol, qty in self.held.items()
        )

    async def cash(self, account_id: AccountId) -> StatedCash:
        self.on_cash()
        await asyncio.sleep(self.takes)
        return StatedCash(account_id, self.money, self.money)

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        return None

    def _lists(self, day: date) -> DayLists:
        if day in self.gone:
            raise BrokerUnavailableError(
                "그날의 내역이 없습니다.", "The lists of that day are gone."
            )
        return self.of(day)


class Rig:
    """
    An account of 10,000,000 won on the fourth of March 2024.

    Args:
        core: At work; None for one that trades since noon.
        instant: The exchange's time [ns, UTC].
        broker: Makes its broker.

    Attributes:
        told: Everything that the core took from start and rounds.
        alarms: What it raised thereupon.
        on_told: Done after each of it.
    """

    def __init__(
        self,
        core: TradingCore | None = None,
        instant: int = NOON,
        broker: Callable[[LeapingVenue], ListedBroker] = ListedBroker,
    ) -> None:
        self.core = a_core() if core is None else core
        self.place = Place(instant)
        self.broker = broker(self.place.venue)
        self.told: list[Event] = []
        self.alarms: list[AlarmCode] = []
        self.on_told: Callable[[Event], object] = lambda _event: None
        clocks = self.place.venue, self.place.wall
        state = self.core.state
        self.links = Links(state.orders.values(), state.session_date)
        self.sender = Sender(
            self.broker, Outbox(), self.links, lambda _parcel: None, self._take_all, clocks
        )
        self.reconciler = Reconciler(
            self.broker,
            self.links,
            self.sender,
            lambda: self.core.state,
            self.ask,
            clocks,
            self.place.outside.warn,
        )

    async def ask(
        self, event: Event, *, still: Callable[[], bool] | None = None
    ) -> tuple[Action, ...]:
        """Take an event as an engine does."""
        if still is not None and not still():
            raise InvalidValueError("그사이 바뀌었습니다.", "It changed meanwhile.")
        self.told.append(event)
        actions = self.take(event)
        self.alarms += [action.code for action in actions if isinstance(action, AlarmRaised)]
        if isinstance(event, SessionStarted):
            self.links.start_session(self.core.state.orders.values(), event.session_date)
        self.on_told(event)
        return actions

    def take(self, event: Event) -> tuple[Action, ...]:
        """Give the core an event."""
        return tuple(self.core.handle(event))

    def _take_all(self, reports: Sequence[ExecutionReport]) -> None:
        for report in reports:
            self.take(report)

    def kinds(self, kind: type[T]) -> list[T]:
        """Return what the core was told of a kind."""
        return [event for event in self.told if isinstance(event, kind)]

    def wish(self, price: int | None = 9_900, qty: int = 10, side: Side = Side.BUY) -> Order:
        """Have an order sent of which nothing is heard."""
        number = self.core.state.last_cl_ord_id + 1
        at = max(self.core.now, NOON)
        self.core.handle(an_intent(side, qty, price=price, intent_id=f"wish-{number}", at=at))
        return self.core.state.orders[ClOrdId(number)]

    def work(self, order_id: str, price: int | None = 9_900, qty: int = 10) -> Order:
        """Have a buy at work under a number of the broker."""
        return self.acknowledge(self.wish(price, qty), order_id)

    def acknowledge(self, order: Order, order_id: str) -> Order:
        """Have an order at work under a number of the broker."""
        self.core.handle(a_report(cl_ord_id=order.cl_ord_id, order_id=order_id, at=order.at))
        now = self.order(order.cl_ord_id)
        self.links.link(now.order_ids[0], now.cl_ord_id)
        return now

    def lose(self, price: int | None = 9_900, qty: int = 10, side: Side = Side.BUY) -> Order:
        """Have an order sent whose answer is lost; call it while time runs."""
        return self.lose_answer(self.wish(price, qty, side))

    def lose_answer(self, order: Order) -> Order:
        """Have the answer to an order lost; call it while time runs."""
        row = row_of(order)
        self.sender.doubt(row)
        self.core.handle(in_doubt(order))
        return self.order(order.cl_ord_id)

    def order(self, number: int) -> Order:
        return self.core.state.orders[ClOrdId(number)]

    def hear(self, notice: Notice) -> None:
        """Give the core what a notice of the stream says."""
        for report in self.links.translate_all([notice], 0):
            self.take(report)

    def qty(self, symbol: Symbol = SAMSUNG) -> int:
        """Return the account's shares by the book."""
        return sum(
            sleeve.positions[symbol].qty
            for sleeve in self.core.state.account(ACCOUNT)
            if symbol in sleeve.positions
        )


def row_of(order: Order) -> OutboxRow:
    """Return the outbox row of a new order."""
    number = order.cl_ord_id
    return OutboxRow(number, number, Lane.NEW, fingerprint(order), 1, order.at + 1, order.at)


def in_doubt(order: Order) -> Event:
    """Return that nobody knows what became of an order."""
    return a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=order.cl_ord_id, order_id=None, at=order.at)
