"""Requests on their way out, as an outbox holds them."""

from __future__ import annotations

from maemae.core.actions import CancelOrder, SubmitOrder
from maemae.domain.ids import ClOrdId, OrderId
from maemae.domain.terms import Side
from maemae.ports import Lane, OutboxRow
from maemae.trading.outbox import Parcel
from maemae.trading.turn import fingerprint
from tests.builders import an_order


def a_parcel(
    cl_ord_id: int = 1, lane: Lane = Lane.NEW, *, price: int = 10_000, expires_at: int = 100
) -> Parcel:
    """Return a new order, or a cancel in that lane; orders are alike if their prices are."""
    number = ClOrdId(cl_ord_id)
    side = Side.SELL if lane is Lane.REDUCE else Side.BUY
    if lane is Lane.CANCEL:
        orig = ClOrdId(cl_ord_id + 1_000_000)
        order = an_order(price=price, side=side, cl_ord_id=orig)
        cancel = CancelOrder(number, orig, OrderId("0000001"), 0)
        row = OutboxRow(number, orig, lane, fingerprint(order), 1, expires_at, 0)
        return Parcel(row, order, cancel)
    order = an_order(price=price, side=side, cl_ord_id=number)
    row = OutboxRow(number, number, lane, fingerprint(order), 1, expires_at, 0)
    return Parcel(row, order, SubmitOrder(order))
