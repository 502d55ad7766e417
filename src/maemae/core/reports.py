"""Execution reports to the book, and what follows from them."""

from __future__ import annotations

from maemae.core import ledger, protection, rebalance
from maemae.core.actions import AlarmCode, AlarmRaised, FillBooked, OrderReported
from maemae.core.desk import Desk
from maemae.core.kill import liquidate
from maemae.domain.execution import ExecutionReport
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType


def take_report(desk: Desk, report: ExecutionReport) -> None:
    """Apply a report; the same fill twice counts once, and an unknown order is alarmed."""
    before = desk.state.orders.get(report.cl_ord_id)
    if before is None:
        desk.do(AlarmRaised(AlarmCode.UNKNOWN_ORDER, report.cl_ord_id, report.exec_id, desk.now))
        return
    if report.exec_type is ExecType.TRADE and before.has_fill(report.exec_id):
        return
    desk.do(OrderReported(report))
    after = desk.state.orders[report.cl_ord_id]
    if report.exec_type is ExecType.TRADE:
        _take_fill(desk, before, after, report)
    elif report.exec_type in {ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT}:
        desk.do(AlarmRaised(AlarmCode.FILL_REVISED, report.cl_ord_id, report.exec_id, desk.now))
        ledger.book_revision(desk, before, after, report.at)
    elif report.exec_type is ExecType.OUTCOME_UNKNOWN:
        desk.do(AlarmRaised(AlarmCode.OUTCOME_UNKNOWN, report.cl_ord_id, report.text, desk.now))
    if after.is_closed and not before.is_closed:
        rebalance.advance(desk, desk.state.get_sleeve(after.account_id, after.sleeve_id))
        liquidate(desk)


def _take_fill(desk: Desk, before: Order, after: Order, report: ExecutionReport) -> None:
    if before.is_closed:
        desk.do(AlarmRaised(AlarmCode.LATE_FILL, report.cl_ord_id, report.exec_id, desk.now))
    ledger.book_fill(desk, before, report.last_qty, report.last_px, report.at)
    if after.is_overfilled:
        ledger.halt_overfilled(desk, after)
    booked = next(done for done in reversed(desk.actions) if isinstance(done, FillBooked))
    protection.follow_fill(desk, after, booked)
