"""
An order as the broker lists it: one row for each number that a replacement gave it.

The newest row says how the order stands: as in FIX its quantities count what filled under
earlier numbers too, and the rows before it stand still since they were replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import StatedOrder
from maemae.trading.links import exec_id_of


def chain_of(numbers: Collection[OrderId], rows: Iterable[StatedOrder]) -> list[StatedOrder]:
    """Return the rows under these numbers and those that replaced them, oldest first."""
    by_number = {row.order_id: row for row in rows}
    chain = [
        (depth, row)
        for row in by_number.values()
        if (depth := _depth(row, numbers, by_number)) is not None
    ]
    return [row for _, row in sorted(chain, key=_by_depth)]


def replaced_report(
    order: Order, row: StatedOrder, request_id: ClOrdId | None = None
) -> ExecutionReport:
    """
    Return the report that an order goes on under the number and terms of a row.

    Args:
        order: As it stands in the book.
        row: Its newest row.
        request_id: The replace that is answered, None if none of ours is known to be.
    """
    return ExecutionReport(
        order.cl_ord_id,
        _exec_id(order, ExecType.REPLACED, row, request_id),
        ExecType.REPLACED,
        row.at,
        order_id=row.order_id,
        price=row.price,
        order_qty=row.order_qty,
        request_id=request_id,
        text=row.text,
    )


def listed_report(
    order: Order, exec_type: ExecType, row: StatedOrder, request_id: ClOrdId | None = None
) -> ExecutionReport:
    """Return what a row says of an order; the same row always gives the same report."""
    return ExecutionReport(
        order.cl_ord_id,
        _exec_id(order, exec_type, row, request_id),
        exec_type,
        row.at,
        order_id=row.order_id,
        request_id=request_id,
        text=row.text,
    )


def _exec_id(
    order: Order, exec_type: ExecType, row: StatedOrder, request_id: ClOrdId | None
) -> ExecId:
    told = ExecId(f"{row.order_id}:{exec_type}:{request_id or ''}")
    return exec_id_of(order.account_id, order.cl_ord_id, told, row.at)


def _depth(
    row: StatedOrder, numbers: Collection[OrderId], by_number: dict[OrderId, StatedOrder]
) -> int | None:
    """Return how many rows a row goes back to, None if not to one of these numbers."""
    depth, is_of_it, seen = 0, row.order_id in numbers, {row.order_id}
    orig = row.orig_order_id
    while orig is not None and orig not in seen:
        is_of_it = is_of_it or orig in numbers
        seen.add(orig)
        depth += 1
        parent = by_number.get(orig)
        orig = None if parent is None else parent.orig_order_id
    return depth if is_of_it else None


def _by_depth(ranked: tuple[int, StatedOrder]) -> tuple[int, int, OrderId]:
    depth, row = ranked
    return depth, row.at, row.order_id
