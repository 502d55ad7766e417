"""
From the actions of a turn to the rows that show the state after it. Pure.

Rows are taken from the book, which says everything; the actions only say which ones changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

import msgspec

from maemae.core.actions import (
    Action,
    CancelOrder,
    CashAdjusted,
    CashMoved,
    CeilingChanged,
    DividendEarned,
    FillBooked,
    HoldingAdjusted,
    HoldingChanged,
    KillChanged,
    OrderAdopted,
    OrderReported,
    ProtectionEnded,
    ProtectionSet,
    ReplaceOrder,
    SessionOpened,
    SleeveAdded,
    SleeveLimited,
    SleeveStateChanged,
    SubmitOrder,
    TradingStateChanged,
)
from maemae.core.state import CoreState
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId, SleeveId, Symbol
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType
from maemae.ports import Entry
from maemae.storage.rows import Row, Rows

SleeveKey = tuple[AccountId, SleeveId]
PositionKey = tuple[AccountId, SleeveId, Symbol]
ExecutionKey = tuple[ClOrdId, ExecId]

_NOTHING: Final = (0, 0, 0)
_REVISIONS: Final = frozenset({ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT})
_TO_JSON: Final = msgspec.json.Encoder().encode


class Changes:
    """
    Rows by their keys; a later change of a row takes the place of an earlier one.

    Attributes:
        executor: Columns of the executor's own row that changed.
        positions: None for a position that is empty now.
    """

    def __init__(self) -> None:
        self.executor: Row = {}
        self.accounts: dict[AccountId, Row] = {}
        self.sleeves: dict[SleeveKey, Row] = {}
        self.limits: list[Row] = []
        self.orders: dict[ClOrdId, Row] = {}
        self.executions: dict[ExecutionKey, Row] = {}
        self.positions: dict[PositionKey, Row | None] = {}
        self.balances: dict[tuple[AccountId, date], Row] = {}
        self.performance: dict[tuple[AccountId, SleeveId, date], Row] = {}

    def add(self, later: Changes) -> None:
        """Take in what changed later."""
        self.executor |= later.executor
        self.accounts |= later.accounts
        self.sleeves |= later.sleeves
        self.limits += later.limits
        self.orders |= later.orders
        self.positions |= later.positions
        self.balances |= later.balances
        self.performance |= later.performance
        for key, row in later.executions.items():
            before = self.executions.get(key)
            if before is not None:
                for charge in ("commission", "tax", "realized"):
                    row[charge] += before[charge]
            self.executions[key] = row


class Projection:
    """
    Tells what a turn changed.

    Args:
        executor_id: Whose rows they are.
        state: The book before the first turn.
    """

    def __init__(self, executor_id: int, state: CoreState) -> None:
        self._executor_id = executor_id
        self._orders = dict(state.orders)
        self._sleeves: dict[SleeveKey, Row] = {}
        self._accounts: set[AccountId] = set()
        self._session = state.session_date

    def changes(self, entries: Iterable[Entry], state: CoreState) -> Changes:
        """Return the rows that entries changed, as the book after them shows them."""
        turn = _Turn(self._executor_id, state, self._orders, self._sleeves, self._session)
        for entry in entries:
            for action in entry.actions:
                handler = _HANDLERS.get(type(action))
                if handler is not None:
                    handler(turn, action, entry.seq)
        self._session = turn.session
        changes = turn.changes()
        for account_id in changes.accounts.keys() & self._accounts:
            del changes.accounts[account_id]  # its row never changes
        self._accounts |= changes.accounts.keys()
        if turn.has_new_session:
            self._orders = dict(state.orders)
        return changes


class _Turn:
    """What the actions of one turn have touched so far."""

    def __init__(
        self,
        executor_id: int,
        state: CoreState,
        orders: dict[ClOrdId, Order],
        shown: dict[SleeveKey, Row],
        session: date | None,
    ) -> None:
        self.executor_id = executor_id
        self.makes = Rows(executor_id)
        self.state = state
        self.session = session
        self.has_new_session = False
        self.before = orders
        self.shown = shown
        self.rows = Changes()
        self.actions: dict[ClOrdId, list[Action]] = {}
        self.seqs: dict[ClOrdId, int] = {}
        self.sessions: dict[ClOrdId, date | None] = {}
        self.reports: dict[ExecutionKey, tuple[ExecutionReport, int]] = {}
        self.charges: dict[ExecutionKey, list[int]] = {}
        self.filling: dict[ClOrdId, ExecutionKey] = {}
        self.sleeves: set[SleeveKey] = set()
        self.positions: set[PositionKey] = set()
        self.money: set[tuple[AccountId, SleeveId, date]] = set()

    def touch_order(self, cl_ord_id: ClOrdId, action: Action, seq: int) -> None:
        self.actions.setdefault(cl_ord_id, []).append(action)
        self.seqs[cl_ord_id] = seq
        self.sessions.setdefault(cl_ord_id, self.session)

    def touch_money(self, account_id: AccountId, sleeve_id: SleeveId) -> None:
        self.sleeves.add((account_id, sleeve_id))
        if self.session is not None:
            self.money.add((account_id, sleeve_id, self.session))

    def changes(self) -> Changes:
        """Return the rows of everything that was touched."""
        changes, rows, state = self.rows, self.makes, self.state
        for number, seq in self.seqs.items():
            order = state.orders.get(number) or self._gone(number)
            self.before[number] = order
            self.sleeves.add((order.account_id, order.sleeve_id))
            changes.orders[number] = rows.order(order, self.sessions[number], seq)
        for key, (report, seq) in self.reports.items():
            number, exec_id = key
            charges = self.charges.get(key, _NOTHING)
            order = self.before[number]
            changes.executions[key] = rows.execution(order, exec_id, report, charges, seq)
        for account_id, sleeve_id in self.sleeves:
            row = rows.sleeve(state.get_sleeve(account_id, sleeve_id))
            if row != self.shown.get((account_id, sleeve_id)):
                self.shown[account_id, sleeve_id] = changes.sleeves[account_id, sleeve_id] = row
                changes.accounts[account_id] = rows.account(account_id)
        for account_id, sleeve_id, symbol in self.positions:
            sleeve = state.get_sleeve(account_id, sleeve_id)
            changes.positions[account_id, sleeve_id, symbol] = rows.position(sleeve, symbol)
        for account_id, sleeve_id, day in self.money:
            sleeve = state.get_sleeve(account_id, sleeve_id)
            changes.performance[account_id, sleeve_id, day] = rows.performance(sleeve, day)
            sleeves = state.account(account_id)
            changes.balances[account_id, day] = rows.balance(account_id, sleeves, day)
        return changes

    def _gone(self, number: ClOrdId) -> Order:
        """Return an order that ended, and was left out of the book by a new session, in a turn."""
        order = self.before.get(number)
        for action in self.actions[number]:
            if isinstance(action, SubmitOrder | OrderAdopted):
                order = action.order
            elif order is None:
                continue
            elif isinstance(action, OrderReported):
                order = order.apply(action.report)
            elif isinstance(action, CancelOrder):
                order = order.request(Request(action.cl_ord_id, RequestKind.CANCEL))
            elif isinstance(action, ReplaceOrder):
                order = order.request(
                    Request(action.cl_ord_id, RequestKind.REPLACE, action.price, action.order_qty)
                )
        if order is None:
            raise KeyError(number)
        return order


def _entered(turn: _Turn, action: SubmitOrder | OrderAdopted, seq: int) -> None:
    turn.touch_order(action.order.cl_ord_id, action, seq)


def _requested(turn: _Turn, action: CancelOrder | ReplaceOrder, seq: int) -> None:
    turn.touch_order(action.orig_cl_ord_id, action, seq)


def _reported(turn: _Turn, action: OrderReported, seq: int) -> None:
    report = action.report
    turn.touch_order(report.cl_ord_id, action, seq)
    exec_id = report.exec_id
    if report.exec_type in _REVISIONS and report.exec_ref_id is not None:
        exec_id = report.exec_ref_id
    elif report.exec_type is not ExecType.TRADE:
        return
    key = report.cl_ord_id, exec_id
    turn.reports.setdefault(key, (report, seq))
    turn.filling[report.cl_ord_id] = key


def _booked(turn: _Turn, action: FillBooked, _seq: int) -> None:
    key = turn.filling[action.cl_ord_id]  # its report comes just before it
    charges = turn.charges.setdefault(key, [0, 0, 0])
    charges[0] += action.commission
    charges[1] += action.tax
    charges[2] += action.realized
    turn.touch_money(action.account_id, action.sleeve_id)
    turn.positions.add((action.account_id, action.sleeve_id, action.symbol))


def _holding_changed(turn: _Turn, action: HoldingChanged, _seq: int) -> None:
    turn.touch_money(action.account_id, action.sleeve_id)
    for symbol in (action.symbol, action.new_symbol):
        turn.positions.add((action.account_id, action.sleeve_id, symbol))


def _guarded(turn: _Turn, action: ProtectionSet | ProtectionEnded, _seq: int) -> None:
    turn.positions.add((action.account_id, action.sleeve_id, action.symbol))


def _holding_adjusted(turn: _Turn, action: HoldingAdjusted, _seq: int) -> None:
    turn.touch_money(action.account_id, action.sleeve_id)
    turn.positions.add((action.account_id, action.sleeve_id, action.symbol))


def _received(turn: _Turn, action: DividendEarned | CashAdjusted, _seq: int) -> None:
    turn.touch_money(action.account_id, action.sleeve_id)


def _moved(turn: _Turn, action: CashMoved, _seq: int) -> None:
    flow = action.flow
    turn.touch_money(flow.account_id, flow.sleeve_id)
    if flow.to_sleeve_id is not None:
        turn.touch_money(flow.account_id, flow.to_sleeve_id)


def _sleeve_changed(turn: _Turn, action: SleeveStateChanged, _seq: int) -> None:
    turn.sleeves.add((action.account_id, action.sleeve_id))


def _added(turn: _Turn, action: SleeveAdded, seq: int) -> None:
    turn.touch_money(action.account_id, action.sleeve_id)
    _limited(turn, action, seq)


def _limited(turn: _Turn, action: SleeveAdded | SleeveLimited, seq: int) -> None:
    turn.rows.limits.append(
        {
            "executor_id": turn.executor_id,
            "account_id": action.account_id,
            "sleeve_id": action.sleeve_id,
            "seq": seq,
            "session_date": turn.session,
            "content": _TO_JSON(action.limits).decode(),
        }
    )


def _opened(turn: _Turn, action: SessionOpened, _seq: int) -> None:
    turn.session = action.session_date
    turn.has_new_session = True
    turn.rows.executor["session_date"] = action.session_date
    for sleeve in turn.state.sleeves.values():
        turn.touch_money(sleeve.account_id, sleeve.sleeve_id)


def _trading_changed(turn: _Turn, action: TradingStateChanged, _seq: int) -> None:
    turn.rows.executor["trading_state"] = action.state.value


def _ceiling_changed(turn: _Turn, action: CeilingChanged, _seq: int) -> None:
    turn.rows.executor["ceiling"] = action.ceiling.value


def _kill_changed(turn: _Turn, action: KillChanged, _seq: int) -> None:
    turn.rows.executor["kill"] = action.level.value


_HANDLERS: Final[dict[type, Callable[[_Turn, Any, int], None]]] = {
    SubmitOrder: _entered,
    OrderAdopted: _entered,
    CancelOrder: _requested,
    ReplaceOrder: _requested,
    OrderReported: _reported,
    FillBooked: _booked,
    HoldingChanged: _holding_changed,
    ProtectionSet: _guarded,
    ProtectionEnded: _guarded,
    DividendEarned: _received,
    CashAdjusted: _received,
    HoldingAdjusted: _holding_adjusted,
    CeilingChanged: _ceiling_changed,
    CashMoved: _moved,
    SleeveStateChanged: _sleeve_changed,
    SleeveAdded: _added,
    SleeveLimited: _limited,
    SessionOpened: _opened,
    TradingStateChanged: _trading_changed,
    KillChanged: _kill_changed,
}
