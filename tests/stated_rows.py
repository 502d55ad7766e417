"""Rows of a broker's lists, as it would state them about the orders of the builders."""

from __future__ import annotations

from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.order import Order
from maemae.domain.statement import StatedExecution, StatedOrder, StatedStatus
from tests.builders import NOON, an_order


def stated(
    order_id: str = "0000001",
    status: StatedStatus = StatedStatus.WORKING,
    cum_qty: int = 0,
    *,
    order: Order | None = None,
    order_qty: int | None = None,
    price: int | None = None,
    orig: str | None = None,
    cl_ord_id: int | None = None,
    at: int = NOON,
) -> StatedOrder:
    """Return the row of an order: 100 shares at 10,000 won, working, if nothing else is said."""
    of = an_order() if order is None else order
    qty = of.order_qty if order_qty is None else order_qty
    return StatedOrder(
        of.account_id,
        OrderId(order_id),
        of.symbol,
        of.side,
        of.ord_type,
        of.time_in_force,
        of.price if price is None else price,
        qty,
        cum_qty,
        qty - cum_qty if status is StatedStatus.WORKING else 0,
        status,
        at,
        None if orig is None else OrderId(orig),
        None if cl_ord_id is None else ClOrdId(cl_ord_id),
    )


def executed(
    qty: int,
    exec_id: str = "F1",
    order_id: str = "0000001",
    *,
    order: Order | None = None,
    px: int = 10_000,
    at: int = NOON,
) -> StatedExecution:
    """Return a fill of the order of the builders."""
    of = an_order() if order is None else order
    return StatedExecution(
        of.account_id, OrderId(order_id), ExecId(exec_id), of.symbol, of.side, qty, px, at
    )
