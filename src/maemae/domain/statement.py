"""
What a broker states about an account: its orders, executions, holdings and cash.

A statement carries the broker's own numbers. Which of our orders it is about is found out by
`maemae.trading`: Korean brokers take no number of ours.
"""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.order_status import ExecType
from maemae.domain.terms import OrdType, Side, Term, TimeInForce


@unique
class StatedStatus(Term):
    """Where an order stands by the broker's list of the day."""

    WORKING = "WORKING"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REPLACED = "REPLACED"  # another number goes on with it
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class StatedOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One row of the broker's list of a day's orders, working and closed.

    Attributes:
        price: Limit price [won], None for a market order.
        order_qty, cum_qty, leaves_qty: Asked for, filled, still able to fill [shares].
        at: When the broker took it [ns, UTC].
        orig_order_id: The number that this one replaced, None for a first one.
        cl_ord_id: Our number, from a broker that keeps it; None from all others.
        text: The broker's own words, empty if none.
    """

    account_id: AccountId
    order_id: OrderId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int | None
    order_qty: int
    cum_qty: int
    leaves_qty: int
    status: StatedStatus
    at: int
    orig_order_id: OrderId | None = None
    cl_ord_id: ClOrdId | None = None
    text: str = ""


class StatedExecution(msgspec.Struct, frozen=True):
    """
    One fill of the day.

    Attributes:
        exec_id: The broker's number, unique in its day; the same in list and stream.
        qty, px: Shares [> 0] and price [won].
        at: When it traded [ns, UTC].
    """

    account_id: AccountId
    order_id: OrderId
    exec_id: ExecId
    symbol: Symbol
    side: Side
    qty: int
    px: int
    at: int


class StatedHolding(msgspec.Struct, frozen=True):
    """
    One position.

    Attributes:
        qty: Shares by trade date.
        sellable: Shares that no open sell holds.
        cost: Paid for them, charges left out [won].
    """

    account_id: AccountId
    symbol: Symbol
    qty: int
    sellable: int
    cost: int


class StatedCash(msgspec.Struct, frozen=True):
    """
    Cash of an account.

    Attributes:
        cash: By trade date, unsettled trades included (D+2 예수금) [won].
        orderable: What new buys may use [won].
    """

    account_id: AccountId
    cash: int
    orderable: int


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What the broker's stream says happened to an order.

    Attributes:
        order_id: The broker's number of the order; after a replacement the new one.
        exec_id: Number of the notice; the same notice always has the same one.
        orig_order_id: The number it had before a replacement.
        request_id: The broker's number of the cancel or replace request that is answered.
        last_qty, last_px: Of a fill [shares, won].
        price, order_qty: After a replacement [won, shares].
        exec_ref_id: The fill that is taken back or changed.
        cl_ord_id: Our number, from a broker that keeps it.
        text: The broker's own words, empty if none.
    """

    account_id: AccountId
    order_id: OrderId
    symbol: Symbol
    side: Side
    exec_type: ExecType
    exec_id: ExecId
    at: int
    orig_order_id: OrderId | None = None
    request_id: OrderId | None = None
    last_qty: int = 0
    last_px: int = 0
    price: int | None = None
    order_qty: int | None = None
    exec_ref_id: ExecId | None = None
    cl_ord_id: ClOrdId | None = None
    text: str = ""
