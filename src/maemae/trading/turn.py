"""What one durable turn holds: requests that may leave, requests that are answered, alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from maemae.core.actions import (
    Action,
    CancelOrder,
    OrderReported,
    OrderRequest,
    ReplaceOrder,
    SubmitOrder,
)
from maemae.core.state import CoreState
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, Symbol
from maemae.domain.order import Order, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedOrder
from maemae.domain.terms import OrdType, Purpose, Side
from maemae.ports import Entry, Lane, OutboxRow, Turn
from maemae.trading.alarms import alert_of
from maemae.trading.outbox import Parcel


class Expiry(msgspec.Struct, frozen=True):
    """
    How long after its decision a request may still leave [ns of the exchange's time].

    Attributes:
        new: Orders that open or add to a position, and changes of them.
        reduce: Orders that shrink a position, and changes of them.
        cancel: Cancels; written down, yet a late cancel still leaves.
    """

    new: int
    reduce: int
    cancel: int


def fingerprint(order: Order) -> str:
    """Return what tells an order apart at a broker that keeps no number of ours."""
    return _fingerprint(
        order.account_id, order.symbol, order.side, order.ord_type, order.order_qty, order.price
    )


def stated_fingerprint(stated: StatedOrder) -> str:
    """Return the fingerprint of a row of the broker's list: equal to that of the order sent."""
    return _fingerprint(
        stated.account_id,
        stated.symbol,
        stated.side,
        stated.ord_type,
        stated.order_qty,
        stated.price,
    )


def compose(
    entries: Sequence[Entry], state: CoreState, epoch: int, expiry: Expiry, wall_now: int
) -> tuple[Turn, list[Parcel]]:
    """
    Return what a transaction makes durable, and what may leave after it.

    A request that later entries of the same turn have answered, or whose order they closed,
    is not among them: it never left and need not. Nor is a cancel of an order that has no
    number at the broker: nothing could be named, and the core asks again once it has one.

    Args:
        entries: Inputs of the core and what followed, in order.
        state: The book after the last of them.
        epoch: Of the lease under which they were decided.
        expiry: How long requests may wait.
        wall_now: Wall time, for alerts [ns, UTC].
    """
    actions = [action for entry in entries for action in entry.actions]
    parcels = [
        parcel
        for action in actions
        if isinstance(action, SubmitOrder | CancelOrder | ReplaceOrder)
        and (parcel := _parcel(action, state, epoch, expiry)) is not None
    ]
    settled = dict.fromkeys(
        number
        for action in actions
        if isinstance(action, OrderReported)
        for number in _settled(action.report, state)
    )
    alerts = [
        alert for action in actions if (alert := alert_of(action, state, wall_now)) is not None
    ]
    rows = tuple(parcel.row for parcel in parcels)
    return Turn(entries, rows, tuple(settled), tuple(alerts)), parcels


def withdrawn(actions: Sequence[Action]) -> frozenset[ClOrdId]:
    """Return the orders whose cancel named no number: if unsent, they need not leave any more."""
    return frozenset(
        action.orig_cl_ord_id
        for action in actions
        if isinstance(action, CancelOrder) and action.order_id is None
    )


def requested(actions: Sequence[Action]) -> frozenset[ClOrdId]:
    """Return the numbers of the requests among actions."""
    return frozenset(
        action.order.cl_ord_id if isinstance(action, SubmitOrder) else action.cl_ord_id
        for action in actions
        if isinstance(action, SubmitOrder | CancelOrder | ReplaceOrder)
    )


def _parcel(request: OrderRequest, state: CoreState, epoch: int, expiry: Expiry) -> Parcel | None:
    if isinstance(request, SubmitOrder):
        number = orig = request.order.cl_ord_id
        at = request.order.at
    else:
        number, orig, at = request.cl_ord_id, request.orig_cl_ord_id, request.at
    order = state.orders.get(orig)
    if order is None or not _is_wanted(request, order):
        return None
    lane = _lane(request, order)
    lasts = {Lane.CANCEL: expiry.cancel, Lane.REDUCE: expiry.reduce, Lane.NEW: expiry.new}[lane]
    shape = fingerprint(request.order if isinstance(request, SubmitOrder) else order)
    row = OutboxRow(number, orig, lane, shape, epoch, at + lasts, at)
    return Parcel(row, order, request)


def _is_wanted(request: OrderRequest, order: Order) -> bool:
    """Whether a request still makes sense after the whole turn."""
    if order.is_closed:
        return False
    if isinstance(request, SubmitOrder):
        return order.standing is OrderStatus.PENDING_NEW
    if request.order_id is None:
        return False
    return any(asked.cl_ord_id == request.cl_ord_id for asked in order.requests)


def _lane(request: OrderRequest, order: Order) -> Lane:
    if isinstance(request, CancelOrder):
        return Lane.CANCEL
    return Lane.NEW if order.purpose is Purpose.NEW else Lane.REDUCE


def _settled(report: ExecutionReport, state: CoreState) -> Iterator[ClOrdId]:
    """Yield the requests whose outcome a report tells."""
    exec_type = report.exec_type
    if exec_type is ExecType.OUTCOME_UNKNOWN:
        return
    if report.request_id is not None:
        yield report.request_id
    if exec_type is ExecType.CANCEL_REJECTED:
        return  # "no such order" does not prove that the order was not accepted
    yield report.cl_ord_id
    order = state.orders.get(report.cl_ord_id)
    if order is not None and order.is_closed:
        for request in order.requests:
            if request.kind is RequestKind.CANCEL:
                yield request.cl_ord_id  # nothing is left to cancel, whatever its answer


def _fingerprint(
    account_id: AccountId,
    symbol: Symbol,
    side: Side,
    ord_type: OrdType,
    order_qty: int,
    price: int | None,
) -> str:
    limit = "-" if price is None else price
    return f"{account_id}|{symbol}|{side}|{ord_type}|{order_qty}|{limit}"
