"""Ready-made statements of a broker: what it has, and orders that maemae did not send."""

from __future__ import annotations

from maemae.core.events import AccountStated
from maemae.domain.ids import OrderId, Symbol
from maemae.domain.statement import StatedHolding, StatedOrder, StatedStatus
from maemae.domain.terms import OrdType, Side, TimeInForce
from tests.builders import ACCOUNT, NOON, SAMSUNG


def an_external_order(
    side: Side = Side.BUY,
    order_qty: int = 10,
    price: int | None = 9_900,
    *,
    order_id: str = "0009001",
    symbol: Symbol = SAMSUNG,
    status: StatedStatus = StatedStatus.WORKING,
    orig: str | None = None,
    at: int = NOON,
) -> StatedOrder:
    """Return an order that a person placed in HTS."""
    return StatedOrder(
        ACCOUNT,
        OrderId(order_id),
        symbol,
        side,
        OrdType.MARKET if price is None else OrdType.LIMIT,
        TimeInForce.DAY,
        price,
        order_qty,
        0,
        order_qty if status is StatedStatus.WORKING else 0,
        status,
        at,
        None if orig is None else OrderId(orig),
    )


def an_account(cash: int, *holdings: tuple[Symbol, int, int], at: int = NOON) -> AccountStated:
    """Return what the broker says an account has: cash [won], and shares with their cost [won]."""
    return AccountStated(
        ACCOUNT,
        cash,
        tuple(StatedHolding(ACCOUNT, symbol, qty, qty, cost) for symbol, qty, cost in holdings),
        at,
    )
