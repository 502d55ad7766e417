"""Execution reports to the book, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from maemae.core import cancels, ledger, parents, protection, rebalance, sharing
from maemae.core.actions import (
    AlarmCode,
    AlarmRaised,
    FillBooked,
    OrderReported,
    about_order,
)
from maemae.core.desk import Desk
from maemae.core.kill import liquidate
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.order_status import CLOSED, ExecType, OrderStatus
from maemae.domain.terms import Side
from maemae.krx.calendar import settlement_date


def take_report(desk: Desk, report: ExecutionReport) -> None:
    """Apply a report; the same fill twice counts once, and an unknown order is alarmed."""
    before = desk.state.orders.get(report.cl_ord_id)
    if before is None:
        desk.do(AlarmRaised(AlarmCode.UNKNOWN_ORDER, report.exec_id, desk.now, report.cl_ord_id))
        return
    bookings: Sequence[FillBooked] = ()
    exec_type = report.exec_type
    if exec_type is _TRADE:
        if before.fills and before.has_fill(report.exec_id):
            return
        bookings = _take_fill(desk, before, report)
    elif exec_type is _OUTCOME_UNKNOWN:
        desk.do(OrderReported(report, desk.now))
        desk.do(about_order(AlarmCode.OUTCOME_UNKNOWN, before, report.text, desk.now))
    elif not before.is_news(report):
        return  # told again, or by another way: an answer that is awaited changes the order
    elif exec_type in _REVISIONS:
        bookings = _take_revision(desk, before, report)
    else:
        desk.do(OrderReported(report, desk.now))
    _follow(desk, before, bookings)


def _take_fill(desk: Desk, before: Order, report: ExecutionReport) -> Sequence[FillBooked]:
    # Whatever can fail fails here, before the order counts a fill that the ledger then lacks.
    parts = sharing.divide(desk.state, before, report.last_qty)
    bookings = ledger.price_fill(desk, before, parts, report.last_px, report.at)
    desk.do(OrderReported(report, desk.now))
    if before.status in CLOSED and before.sleeve_id != EXTERNAL_SLEEVE:
        desk.do(about_order(AlarmCode.LATE_FILL, before, report.exec_id, desk.now))
    ledger.book(desk, before, bookings)
    sharing.follow_sale(desk, before, report.exec_id, parts)
    return bookings


def _take_revision(desk: Desk, before: Order, report: ExecutionReport) -> Sequence[FillBooked]:
    """Return the last booking of every sleeve; none if nothing had to be booked."""
    if before.side is Side.SELL:
        ledger.require_instrument(desk, before)
    settlement_date(kst_date(report.at))  # whatever can fail fails before anything is folded
    desk.do(OrderReported(report, desk.now))
    desk.do(about_order(AlarmCode.FILL_REVISED, before, report.exec_id, desk.now))
    after = desk.state.orders[before.cl_ord_id]
    done = ledger.book_revision(desk, before, after, report.at)
    return tuple({booked.sleeve_id: booked for booked in done}.values())


def _follow(desk: Desk, before: Order, bookings: Sequence[FillBooked]) -> None:
    """Draw what follows from an order's new state: guards, buys that waited, the kill."""
    after = desk.state.orders[before.cl_ord_id]
    if bookings:
        if after.is_overfilled:
            ledger.halt_overfilled(desk, after)
        for booked in bookings:
            protection.follow_fill(desk, after, booked)
    if after.status in CLOSED:
        if before.status not in CLOSED:
            _follow_end(desk, after)
        return
    if after.standing is _UNKNOWN and before.standing is not _UNKNOWN:
        protection.retry(desk, after.symbol)  # an exit that was lost pages at once
        liquidate(desk)
    cancels.follow_report(desk, before)


def _follow_end(desk: Desk, order: Order) -> None:
    """Draw what follows from an order that has just closed."""
    state, symbol = desk.state, order.symbol
    if symbol in state.guarded:
        sleeve = state.get_sleeve(order.account_id, order.sleeve_id)
        protection.end_if_empty(desk, sleeve, symbol)
    if state.rebalances:
        rebalance.advance(desk)
    if state.children and order.cl_ord_id in state.children:
        parents.follow_close(desk, order)
    if symbol in state.guarded:
        protection.retry(desk, symbol)
    liquidate(desk)


_REVISIONS: Final = frozenset({ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT})

_TRADE: Final = ExecType.TRADE
_OUTCOME_UNKNOWN: Final = ExecType.OUTCOME_UNKNOWN
_UNKNOWN: Final = OrderStatus.UNKNOWN
