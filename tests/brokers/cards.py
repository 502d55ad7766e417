"""What the cards have in common: orders and requests to send, and waiting for what follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.ids import AccountId, ClOrdId, IntentId, OrderId, SleeveId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.domain.terms import OrdType, Purpose, Side, TimeInForce
from maemae.ports import BrokerEvent
from tests.brokers.rig import Rig

PATIENCE = 60  # seconds of the wall that a card waits for what must come
GIVES_UP = 2 * SECOND  # what a client waits at most, where that wait is what a card is about
_Told = TypeVar("_Told")


def an_order(
    rig: Rig,
    number: int = 1,
    qty: int = 10,
    price: int | None = None,
    side: Side = Side.BUY,
    life: TimeInForce = TimeInForce.DAY,
    account: AccountId | None = None,
    symbol: Symbol | None = None,
) -> Order:
    """Return an order of the rig's account and instrument; a market order if no price is given."""
    return Order(
        ClOrdId(number),
        account or rig.account,
        SleeveId("S"),
        symbol or rig.symbol,
        side,
        OrdType.MARKET if price is None else OrdType.LIMIT,
        life,
        price,
        qty,
        Purpose.NEW,
        IntentId(f"I{number}"),
        0,
    )


def a_cancel(order: Order, order_id: OrderId, number: int = 1_000) -> CancelOrder:
    """Return a request to cancel an order."""
    return CancelOrder(ClOrdId(number), order.cl_ord_id, order_id, 0)


def a_replace(
    order: Order, order_id: OrderId, price: int, qty: int, number: int = 2_000
) -> ReplaceOrder:
    """Return a request to change an order."""
    return ReplaceOrder(ClOrdId(number), order.cl_ord_id, order_id, price, qty, 0)


async def take_until(
    stream: AsyncIterator[_Told], is_enough: Callable[[list[_Told]], bool]
) -> list[_Told]:
    """Return what a stream tells until it is enough."""
    told: list[_Told] = []
    async with asyncio.timeout(PATIENCE):
        async for each in stream:
            told.append(each)
            if is_enough(told):
                return told
    raise AssertionError(f"the stream ended after {told}")


def noticed(told: list[Notice | BrokerEvent]) -> list[Notice]:
    """Return the notices."""
    return [each for each in told if isinstance(each, Notice)]


def filled(told: list[Notice | BrokerEvent]) -> int:
    """Return the shares of every fill that was told, each counted once."""
    return sum({fill.exec_id: fill.last_qty for fill in fills(told)}.values())


def fills(told: list[Notice | BrokerEvent]) -> list[Notice]:
    """Return the notices of fills."""
    return [each for each in told if isinstance(each, Notice) and each.exec_type is ExecType.TRADE]


def kinds(told: list[Notice | BrokerEvent]) -> list[ExecType | bool]:
    """Return what each notice says happened, and each event whether there is a connection."""
    return [each.exec_type if isinstance(each, Notice) else each.is_connected for each in told]
