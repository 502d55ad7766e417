"""What a broker states about one order, unchanged."""

from __future__ import annotations

import msgspec

from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.order_status import ExecType


class ExecutionReport(
    msgspec.Struct, frozen=True, tag="EXECUTION_REPORT", omit_defaults=True, gc=False
):
    """
    One statement about one order (FIX ExecutionReport, 35=8).

    Attributes:
        cl_ord_id: The order it is about.
        exec_id: Number of the report. Where a broker gives none, the adapter derives it from
            the report's own fields, so that the same report always has the same one.
        exec_type: What happened.
        at: When it happened at the venue [ns, UTC] (FIX TransactTime <60>).
        order_id: The broker's number of the order, None before acknowledgment.
        last_qty: Quantity of this fill [shares], > 0 for a fill and 0 otherwise.
        last_px: Price of this fill [won].
        price: Limit price after a replace [won]. A REPLACED report always names it and
            order_qty, changed or not: the newest report then says all there is to say.
        order_qty: Quantity asked for after a replace [shares], cum_qty included.
        request_id: The cancel or replace request that is answered, None if none was made.
        exec_ref_id: The fill that is taken back or changed.
        text: The broker's own words, empty if none.
    """

    cl_ord_id: ClOrdId
    exec_id: ExecId
    exec_type: ExecType
    at: int
    order_id: OrderId | None = None
    last_qty: int = 0
    last_px: int = 0
    price: int | None = None
    order_qty: int | None = None
    request_id: ClOrdId | None = None
    exec_ref_id: ExecId | None = None
    text: str = ""
