"""Execution reports to the book, and what follows from them."""

from __future__ import annotations

from typing import Final

from maemae.core import ledger, protection, rebalance
from maemae.core.actions import AlarmCode, AlarmRaised, FillBooked, OrderReported
from maemae.core.desk import Desk
from maemae.core.kill import liquidate
from maemae.domain.execution import ExecutionReport
from maemae.domain.order import Order, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.terms import Side


def take_report(desk: Desk, report: ExecutionReport) -> None:
    """Apply a report; the same fill twice counts once, and an unknown order is alarmed."""
    before = desk.state.orders.get(report.cl_ord_id)
    if before is None:
        desk.do(AlarmRaised(AlarmCode.UNKNOWN_ORDER, report.cl_ord_id, report.exec_id, desk.now))
    elif report.exec_type is ExecType.TRADE:
        if not before.has_fill(report.exec_id):
            _take_fill(desk, before, report)
    elif report.exec_type in _REVISIONS:
        _take_revision(desk, before, report)
    else:
        desk.do(OrderReported(report))
        if report.exec_type is ExecType.OUTCOME_UNKNOWN:
            desk.do(AlarmRaised(AlarmCode.OUTCOME_UNKNOWN, before.cl_ord_id, report.text, desk.now))
    if before is not None:
        _follow(desk, before)


def _take_fill(desk: Desk, before: Order, report: ExecutionReport) -> None:
    # Whatever can fail fails here, before the order counts a fill that the ledger then lacks.
    booked = ledger.price_fill(desk, before, report.last_qty, report.last_px, report.at)
    desk.do(OrderReported(report))
    if before.is_closed:
        desk.do(AlarmRaised(AlarmCode.LATE_FILL, before.cl_ord_id, report.exec_id, desk.now))
    ledger.book(desk, before, booked)


def _take_revision(desk: Desk, before: Order, report: ExecutionReport) -> None:
    if before.side is Side.SELL:
        ledger.require_instrument(desk, before)
    desk.do(OrderReported(report))
    desk.do(AlarmRaised(AlarmCode.FILL_REVISED, before.cl_ord_id, report.exec_id, desk.now))
    ledger.book_revision(desk, before, desk.state.orders[before.cl_ord_id], report.at)


def _follow(desk: Desk, before: Order) -> None:
    """Draw what follows from an order's new state: guards, buys that waited, the kill."""
    after = desk.state.orders[before.cl_ord_id]
    booked = next((done for done in reversed(desk.actions) if isinstance(done, FillBooked)), None)
    if booked is not None:
        if after.is_overfilled:
            ledger.halt_overfilled(desk, after)
        protection.follow_fill(desk, after, booked)
    if after.is_closed and not before.is_closed:
        rebalance.advance(desk)
        if any(request.kind is RequestKind.CANCEL for request in before.requests):
            protection.retry(desk, after.symbol)
        if after.status is not OrderStatus.REJECTED:  # sent again at once it would be again
            liquidate(desk)


_REVISIONS: Final = frozenset({ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT})
