"""What any emulated broker is asked to do, once its own wire format has been read."""

from __future__ import annotations

import msgspec

from maemae.domain.ids import AccountId, ClOrdId, OrderId, Symbol
from maemae.domain.terms import OrdType, Side, TimeInForce


class Submit(msgspec.Struct, frozen=True, tag="SUBMIT", omit_defaults=True):
    """
    A new order.

    Attributes:
        cl_ord_id: The client's number, None where the broker takes none.
        price: Limit [won], None for a market order.
        form: The broker's own code of the kind of order; the books keep it unread.
        route: Where the client wants it executed, in the broker's own word; kept unread.
        trigger: Price that brings a stop-limit order to the exchange [won], None for at once.
    """

    cl_ord_id: ClOrdId | None
    account_id: AccountId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int | None
    order_qty: int
    form: str = ""
    route: str = ""
    trigger: int | None = None


class Cancel(msgspec.Struct, frozen=True, tag="CANCEL", omit_defaults=True):
    """
    Take back what is left of an order, or part of it.

    Attributes:
        qty: Shares to take back at most; 0 for all that is left.
    """

    cl_ord_id: ClOrdId | None
    account_id: AccountId
    order_id: OrderId
    qty: int = 0


class Replace(msgspec.Struct, frozen=True, tag="REPLACE"):
    """Change limit [won] and whole quantity [shares, what is filled included]."""

    cl_ord_id: ClOrdId | None
    account_id: AccountId
    order_id: OrderId
    price: int
    order_qty: int


class Move(msgspec.Struct, frozen=True, tag="MOVE"):
    """
    Let what is left of an order, or part of it, go on under a new number at another price.

    The new number counts its fills from 0; what is not moved stays under the old one.

    Attributes:
        price: New limit [won].
        qty: Shares to move at most [> 0].
    """

    cl_ord_id: ClOrdId | None
    account_id: AccountId
    order_id: OrderId
    price: int
    qty: int


Request = Submit | Cancel | Replace | Move
