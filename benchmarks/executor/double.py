"""
A broker and a feed in the process that is measured: they answer at once and cost next to nothing.

What they count is what the executor hands over: when each request came, and which.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from time import perf_counter_ns
from typing import Final

import msgspec

from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.core.events import InstrumentUpdated
from maemae.domain.errors import NotAcceptedError
from maemae.domain.ids import AccountId, ExecId, OrderId, Symbol
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import Market, Mode, Product, Side
from maemae.krx.band import PriceBand
from maemae.krx.instrument import Instrument
from maemae.ports import BrokerEvent, BrokerTraits, ClientIdSupport, Permit

ACCOUNT: Final = AccountId("5012345610")
CASH: Final = 10_000_000_000_000
"""What the account was opened with [won]; no order is refused for want of it."""
PRICE: Final = 10_000
TRAITS: Final = BrokerTraits(Mode.SIM, ClientIdSupport.NONE, SECOND, 100_000, 100_000)


class Line:
    """What one side tells and the other has not read yet; used from one event loop."""

    def __init__(self) -> None:
        self.told: deque[Notice | BrokerEvent | Trade | InstrumentUpdated] = deque()
        self._has_news = asyncio.Event()

    def tell(self, *news: Notice | Trade | BrokerEvent) -> None:
        """Put news behind what waits."""
        self.told.extend(news)
        self._has_news.set()

    async def wait(self) -> None:
        """Return once something waits."""
        while not self.told:
            self._has_news.clear()
            await self._has_news.wait()


class DoubleBroker:
    """
    A broker that keeps the books of one account (`maemae.ports.Broker`); nothing is charged.

    Args:
        now: The exchange's time.
        fills: Whether an order is filled as soon as it is accepted, at its limit or `PRICE`.

    Attributes:
        submitted: Orders as they came, each with when [ns].
        canceled: Cancels as they came.
        on_submit: Called with each order that comes.
    """

    traits = TRAITS

    def __init__(self, now: Callable[[], int], *, fills: bool) -> None:
        self.submitted: list[tuple[int, Order]] = []
        self.canceled: list[tuple[int, CancelOrder]] = []
        self.on_submit: Callable[[Order], None] = _ignore
        self.fills = fills
        self._now = now
        self._line = Line()
        self._day: date | None = None
        self._last = 0
        self._rows: dict[OrderId, StatedOrder] = {}
        self._executions: list[StatedExecution] = []
        self._held: dict[Symbol, int] = {}
        self._cash = CASH

    async def connect(self, epoch: int) -> None:
        """Let go of what an earlier connection was told and has not read."""
        self._line.told.clear()

    async def close(self) -> None:
        """Do nothing."""

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        """Accept an order."""
        self.submitted.append((perf_counter_ns(), order))
        self.on_submit(order)
        self._turn_page()
        self._last += 1
        order_id = OrderId(f"{self._last:07d}")
        self._rows[order_id] = StatedOrder(
            ACCOUNT,
            order_id,
            order.symbol,
            order.side,
            order.ord_type,
            order.time_in_force,
            order.price,
            order.order_qty,
            0,
            order.order_qty,
            StatedStatus.WORKING,
            self._now(),
        )
        if self.fills:
            self.fill(order_id)
        return order_id

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Cancel what is left."""
        self.canceled.append((perf_counter_ns(), request))
        row = self._rows[order.order_ids[-1]]
        if row.status is not StatedStatus.WORKING:
            raise NotAcceptedError("남은 수량이 없습니다.", "Nothing is left.", "DONE")
        self._rows[row.order_id] = msgspec.structs.replace(
            row, leaves_qty=0, status=StatedStatus.CANCELED
        )
        self._last += 1
        number = OrderId(f"{self._last:07d}")
        self._line.tell(self._notice(row, ExecType.CANCELED, f"C{number}", request_id=number))
        return number

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Refuse: nothing that is measured replaces."""
        raise NotAcceptedError("정정은 받지 않습니다.", "No replacements.", "NONE")

    def cut(self) -> None:
        """Tell that the stream was cut and stands again."""
        self._line.tell(BrokerEvent(is_connected=False), BrokerEvent(is_connected=True))

    def expire(self, *, tells: bool) -> None:
        """End what is at work, as the close does; silent where only the lists show it."""
        for row in tuple(self._rows.values()):
            if row.status is StatedStatus.WORKING:
                self._rows[row.order_id] = msgspec.structs.replace(
                    row, leaves_qty=0, status=StatedStatus.EXPIRED
                )
                if tells:
                    self._line.tell(self._notice(row, ExecType.EXPIRED, f"E{row.order_id}"))

    def fill(self, order_id: OrderId) -> None:
        """Fill an order whole and tell of it."""
        row = self._rows[order_id]
        px, at = row.price or PRICE, self._now()
        sign = 1 if row.side is Side.BUY else -1
        self._held[row.symbol] = self._held.get(row.symbol, 0) + sign * row.order_qty
        self._cash -= sign * row.order_qty * px
        self._rows[order_id] = msgspec.structs.replace(
            row, cum_qty=row.order_qty, leaves_qty=0, status=StatedStatus.FILLED
        )
        exec_id = ExecId(f"F{order_id}")
        self._executions.append(
            StatedExecution(ACCOUNT, order_id, exec_id, row.symbol, row.side, row.order_qty, px, at)
        )
        self._line.tell(
            self._notice(row, ExecType.TRADE, exec_id, last_qty=row.order_qty, last_px=px)
        )

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        """Return the rows of a day, if it is the present one."""
        return tuple(self._rows.values()) if self._is_open(day) else ()

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        """Return the fills of a day, if it is the present one."""
        return tuple(self._executions) if self._is_open(day) else ()

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        """Return every position."""
        return tuple(
            StatedHolding(ACCOUNT, symbol, qty, qty, qty * PRICE)
            for symbol, qty in self._held.items()
            if qty
        )

    async def cash(self, account_id: AccountId) -> StatedCash:
        """Return the account's cash."""
        return StatedCash(ACCOUNT, self._cash, self._cash)

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        """Return that nothing is known but the stream."""
        return None

    async def server_time(self) -> int:
        """Return the exchange's time."""
        return self._now()

    async def reclaim(self) -> None:
        """Do nothing: nobody else logs in."""

    async def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        """Yield notices as they come."""
        while True:
            await self._line.wait()
            told = self._line.told.popleft()
            if isinstance(told, Notice | BrokerEvent):
                yield told

    def _is_open(self, day: date) -> bool:
        self._turn_page()
        return day == self._day

    def _turn_page(self) -> None:
        """Forget the orders of the day before: numbers begin anew, as a broker's do."""
        today = kst_date(self._now())
        if today != self._day:
            self._day, self._last = today, 0
            self._rows.clear()
            self._executions.clear()

    def _notice(
        self, row: StatedOrder, exec_type: ExecType, exec_id: str, **more: object
    ) -> Notice:
        known = {
            "account_id": ACCOUNT,
            "order_id": row.order_id,
            "symbol": row.symbol,
            "side": row.side,
            "exec_type": exec_type,
            "exec_id": exec_id,
            "at": self._now(),
        }
        return msgspec.convert(known | more, Notice)


class DoubleFeed:
    """
    Prints as a measurement makes them (`maemae.ports.MarketFeed`).

    Args:
        symbols: Instruments that may be traded.
        now: The exchange's time.

    Attributes:
        line: Where prints are put.
    """

    def __init__(self, symbols: Sequence[Symbol], now: Callable[[], int]) -> None:
        self.line = Line()
        self._symbols = symbols
        self._now = now

    async def connect(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        """Return funds, on whose sale no tax is due, with the band around `PRICE`."""
        band = PriceBand(PRICE * 7 // 10, PRICE * 13 // 10)
        return tuple(
            InstrumentUpdated(
                Instrument(symbol, "bench", Market.KOSPI, Product.ETF),
                day,
                PRICE,
                band,
                self._now(),
            )
            for symbol in self._symbols
        )

    async def subscribe(self, symbols: Sequence[Symbol]) -> None:
        """Do nothing."""

    async def trades(self) -> AsyncIterator[Trade | InstrumentUpdated | BrokerEvent]:
        """Yield prints as they come."""
        while True:
            await self.line.wait()
            told = self.line.told.popleft()
            if isinstance(told, Trade):
                yield told


def _ignore(_order: Order) -> None:
    """Take an order that nobody waits for."""


def symbols_of(count: int) -> tuple[Symbol, ...]:
    """Return so many instruments."""
    return tuple(Symbol(f"{100_000 + number}") for number in range(count))
