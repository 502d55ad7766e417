"""The broker's numbers: of its orders, per day, and of its reports, for ever."""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.order_status import ExecType
from maemae.domain.text import Text
from maemae.venue.working_order import Match, WorkingOrder


class Reporter:
    """Numbers orders and reports, and words what happened as execution reports."""

    def __init__(self) -> None:
        self._prefix = ""
        self._reports = 0
        self._orders = 0

    def start_session(self, day: date) -> None:
        """Count from 1 again; report numbers carry the day."""
        self._prefix = f"{day.isoformat().replace('-', '')}-"
        self._reports = 0
        self._orders = 0

    def next_order_id(self) -> OrderId:
        """Return the next order number of the day, seven digits as at Kiwoom."""
        self._orders += 1
        return OrderId(f"{self._orders:07}")

    def accepted(self, order: WorkingOrder, at: int) -> ExecutionReport:
        """Report that an order works."""
        return ExecutionReport(order.cl_ord_id, self._next_exec_id(), _EXEC_NEW, at, order.order_id)

    def rejected(self, cl_ord_id: ClOrdId, reason: Text, at: int) -> ExecutionReport:
        """Report that an order was not taken, and why."""
        return ExecutionReport(
            cl_ord_id, self._next_exec_id(), ExecType.REJECTED, at, text=_both(reason)
        )

    def traded(self, match: Match, at: int) -> ExecutionReport:
        """Report a fill."""
        order = match.order
        return ExecutionReport(
            order.cl_ord_id,
            self._next_exec_id(),
            _TRADE,
            at,
            order.order_id,
            match.qty,
            match.px,
        )

    def closed(
        self,
        order: WorkingOrder,
        exec_type: ExecType,
        at: int,
        request_id: ClOrdId | None,
    ) -> ExecutionReport:
        """Report that what was left of an order is gone."""
        return ExecutionReport(
            order.cl_ord_id,
            self._next_exec_id(),
            exec_type,
            at,
            order.order_id,
            request_id=request_id,
        )

    def replaced(self, order: WorkingOrder, request_id: ClOrdId, at: int) -> ExecutionReport:
        """Report the new number and terms of an order."""
        return ExecutionReport(
            order.cl_ord_id,
            self._next_exec_id(),
            ExecType.REPLACED,
            at,
            order.order_id,
            price=order.limit,
            order_qty=order.order_qty,
            request_id=request_id,
        )

    def refused(
        self,
        cl_ord_id: ClOrdId,
        order: WorkingOrder | None,
        request_id: ClOrdId,
        reason: Text,
        at: int,
    ) -> ExecutionReport:
        """Report that a cancel or replace was refused, and why."""
        return ExecutionReport(
            cl_ord_id,
            self._next_exec_id(),
            ExecType.CANCEL_REJECTED,
            at,
            None if order is None else order.order_id,
            request_id=request_id,
            text=_both(reason),
        )

    def _next_exec_id(self) -> ExecId:
        self._reports += 1
        return ExecId(f"{self._prefix}{self._reports:07}")


def _both(reason: Text) -> str:
    return f"{reason.ko} / {reason.en}"


_EXEC_NEW: Final = ExecType.NEW
_TRADE: Final = ExecType.TRADE
