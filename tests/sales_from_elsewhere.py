"""What must hold whenever a sale from elsewhere takes shares of an account's sleeves."""

from __future__ import annotations

from collections.abc import Sequence

from maemae.core.actions import Action, AlarmCode, AlarmRaised, FillBooked
from maemae.core.state import CoreState
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, ClOrdId, ExecId, SleeveId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from tests.builders import ACCOUNT

Shares = dict[SleeveId, int]


def holdings(state: CoreState, symbol: Symbol) -> Shares:
    """Return who holds how many shares; a sleeve that lacks some has less than none."""
    return {
        sleeve.sleeve_id: sleeve.positions[symbol].qty
        for sleeve in state.account(ACCOUNT)
        if symbol in sleeve.positions
    }


class SalesFromElsewhere:
    """Remembers where every fill was booked, and judges what becomes of it."""

    def __init__(self) -> None:
        self._taken: dict[tuple[ClOrdId, ExecId | None], Shares] = {}

    def judge(
        self,
        report: ExecutionReport,
        order: Order,
        before: Shares,
        state: CoreState,
        actions: Sequence[Action],
    ) -> None:
        """
        Check what followed from a report.

        Args:
            report: About the order.
            order: One that was adopted.
            before: Who held how many shares before the report.
            state: The book after it.
            actions: What followed.
        """
        bookings = [action for action in actions if isinstance(action, FillBooked)]
        if order.side is Side.BUY:
            assert {booked.sleeve_id for booked in bookings} <= {EXTERNAL_SLEEVE}
            return
        back = {booked.sleeve_id: booked.qty for booked in bookings if booked.qty > 0}
        gone = {booked.sleeve_id: -booked.qty for booked in bookings if booked.qty < 0}
        assert len(bookings) == len(back) + len(gone)  # each sleeve once
        is_fill = report.exec_type is ExecType.TRADE or report.exec_ref_id is None
        key = (order.cl_ord_id, report.exec_id if is_fill else report.exec_ref_id)
        assert back == (self._taken.pop(key, {}) if bookings else {})
        if gone:
            self._taken[key] = gone
        if back and sum(gone.values()) <= sum(back.values()):
            assert gone.keys() <= back.keys()
        elif not back and gone:
            check_order(before, gone)
        lost = {name for name in gone if gone[name] > back.get(name, 0)} - {EXTERNAL_SLEEVE}
        told = [a for a in actions if isinstance(a, AlarmRaised)]
        assert sum(alarm.code is AlarmCode.SOLD_ELSEWHERE for alarm in told) == bool(lost)
        for name in lost:
            check_own_sales(state, name, order.symbol)


def check_order(before: Shares, gone: Shares) -> None:
    """Check that EXTERNAL's shares went first, then the largest holding, and none are lacking."""
    after = {name: before.get(name, 0) - gone.get(name, 0) for name in before | gone}
    others = after.keys() - {EXTERNAL_SLEEVE}
    if after.get(EXTERNAL_SLEEVE, 0) > 0:
        assert gone.keys() == {EXTERNAL_SLEEVE}
    if gone.get(EXTERNAL_SLEEVE, 0) > max(0, before.get(EXTERNAL_SLEEVE, 0)):
        assert all(after[name] <= 0 for name in others)
    taken = [name for name in others if name in gone]
    assert all(after[name] >= 0 for name in taken)
    for left in others - gone.keys():
        assert all(_rank(before, name) < _rank(before, left) for name in taken) or after[left] <= 0
    assert sum(after[name] > 0 for name in taken) <= 1


def _rank(held: Shares, name: SleeveId) -> tuple[int, SleeveId]:
    return -held[name], name


def check_own_sales(state: CoreState, name: SleeveId, symbol: Symbol) -> None:
    """Check that a sleeve's sales, but for those being canceled, claim no more than it has."""
    claimed = sum(
        order.reserved_qty
        for order in state.orders.values()
        if (order.sleeve_id, order.symbol, order.side) == (name, symbol, Side.SELL)
        and not order.is_cancel_pending
    )
    assert claimed <= max(0, holdings(state, symbol).get(name, 0))


def check_nothing_lacks(state: CoreState, symbol: Symbol) -> None:
    """Check that EXTERNAL lacks no shares that others have, but for what fills may explain."""
    held = holdings(state, symbol)
    lacking = -held.pop(EXTERNAL_SLEEVE, 0)
    open_qty = sum(
        max(0, order.order_qty - order.cum_qty)
        for order in state.orders.values()
        if (order.sleeve_id, order.symbol, order.side) == (EXTERNAL_SLEEVE, symbol, Side.SELL)
    )
    assert lacking <= open_qty or all(qty <= 0 for qty in held.values())
