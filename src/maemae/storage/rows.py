"""Rows of the tables that show the state, one function a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from maemae.core.state import Sleeve
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ExecId, Symbol
from maemae.domain.instant import kst_date
from maemae.domain.order import Order

Row = dict[str, Any]


class Rows:
    """
    Makes the rows of one executor.

    Args:
        executor_id: Its number in the tables.
    """

    def __init__(self, executor_id: int) -> None:
        self._executor_id = executor_id

    def account(self, account_id: AccountId) -> Row:
        """Return the row of an account that trades."""
        return {"executor_id": self._executor_id, "account_id": account_id}

    def order(self, order: Order, session: date | None, seq: int) -> Row:
        """Return the row of an order; it is sent in the session, if it is new."""
        return {
            "executor_id": self._executor_id,
            "cl_ord_id": order.cl_ord_id,
            "account_id": order.account_id,
            "sleeve_id": order.sleeve_id,
            "symbol": order.symbol,
            "side": order.side.value,
            "ord_type": order.ord_type.value,
            "time_in_force": order.time_in_force.value,
            "venue": order.venue.value,
            "purpose": order.purpose.value,
            "cause": order.cause.value,
            "intent_id": order.intent_id,
            "session_date": session or kst_date(order.at),
            "at": order.at,
            "price": order.price,
            "order_qty": order.order_qty,
            "status": order.status.value,
            "order_id": order.order_ids[-1] if order.order_ids else None,
            "cum_qty": order.cum_qty,
            "leaves_qty": order.leaves_qty,
            "notional": order.notional,
            "seq": seq,
        }

    def execution(
        self,
        order: Order,
        exec_id: ExecId,
        report: ExecutionReport,
        charges: Sequence[int],
        seq: int,
    ) -> Row:
        """
        Return the row of a fill as the order holds it now.

        Args:
            order: After the report.
            exec_id: Which of its fills.
            report: What told it, or took it back.
            charges: Commission, tax and profit that came with the report [won].
            seq: Number of the input.
        """
        qty, px = next((fill.qty, fill.px) for fill in order.fills if fill.exec_id == exec_id)
        commission, tax, realized = charges
        return {
            "executor_id": self._executor_id,
            "cl_ord_id": order.cl_ord_id,
            "exec_id": exec_id,
            "account_id": order.account_id,
            "sleeve_id": order.sleeve_id,
            "symbol": order.symbol,
            "side": order.side.value,
            "venue": order.venue.value,
            "session_date": kst_date(report.at),
            "at": report.at,
            "order_id": report.order_id,
            "qty": qty,
            "px": px,
            "commission": commission,
            "tax": tax,
            "realized": realized,
            "seq": seq,
        }

    def sleeve(self, sleeve: Sleeve) -> Row:
        """Return the row of a sleeve."""
        return {
            "executor_id": self._executor_id,
            "account_id": sleeve.account_id,
            "sleeve_id": sleeve.sleeve_id,
            "is_halted": sleeve.halted,
            "cash": sleeve.cash,
            "reserved": sleeve.reserved,
            "flows": sleeve.flows,
            "realized": sleeve.realized,
            "commission": sleeve.commission,
            "tax": sleeve.tax,
            "opening_equity": sleeve.opening_equity,
            "opening_flows": sleeve.opening_flows,
            "orders_today": sleeve.orders_today,
        }

    def position(self, sleeve: Sleeve, symbol: Symbol) -> Row | None:
        """Return the row of what a sleeve holds of an instrument, None if that is nothing."""
        held = sleeve.positions.get(symbol)
        if held is None:
            return None
        guard = sleeve.protections.get(symbol)
        return {
            "executor_id": self._executor_id,
            "account_id": sleeve.account_id,
            "sleeve_id": sleeve.sleeve_id,
            "symbol": symbol,
            "qty": held.qty,
            "cost": held.cost,
            "opened_at": held.opened_at,
            "stop_px": None if guard is None else guard.stop_px or None,
            "take_px": None if guard is None else guard.take_px or None,
        }

    def performance(self, sleeve: Sleeve, day: date) -> Row:
        """Return how a sleeve stands in a session."""
        return {
            "executor_id": self._executor_id,
            "account_id": sleeve.account_id,
            "sleeve_id": sleeve.sleeve_id,
            "session_date": day,
            "opening_equity": sleeve.opening_equity,
            "opening_flows": sleeve.opening_flows,
            "flows": sleeve.flows,
            "realized": sleeve.realized,
            "commission": sleeve.commission,
            "tax": sleeve.tax,
        }

    def balance(self, account_id: AccountId, sleeves: Sequence[Sleeve], day: date) -> Row:
        """Return how an account stands in a session."""
        return {
            "executor_id": self._executor_id,
            "account_id": account_id,
            "session_date": day,
            "cash": sum(sleeve.cash for sleeve in sleeves),
            "receivable": sum(sum(sleeve.receivable.values()) for sleeve in sleeves),
        }
