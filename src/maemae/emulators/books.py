"""
The broker's front office: it numbers orders as a Korean broker does and keeps the lists.

Money and matching are the House's. Here are the broker's numbers, counted by the day, of which
a cancel and a replace take one of their own; the lists of the day; and notices. Everything is
told with the client's number; who sends it on decides whether that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import msgspec

from maemae.core.events import InstrumentUpdated
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, IntentId, OrderId, SleeveId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import OrdType, Purpose, Side, TimeInForce
from maemae.emulators.requests import Cancel, Move, Replace, Request, Submit
from maemae.emulators.tape import CloseStep, EndStep, OpenStep, PhaseStep, Step
from maemae.krx.costs import CostSchedule
from maemae.venue.assumptions import Assumptions
from maemae.venue.house import House


class Row(msgspec.Struct):
    """
    One number of the day's list.

    Attributes:
        tag: The House's name of the order; every number of one order has the same.
        cum_qty: Filled so far [shares], what was filled under earlier numbers included.
        carried: Filled under earlier numbers [shares].
        taken_back: Canceled, or moved to another number, while the rest went on [shares].
        form, route, trigger: As they were asked for.
        fills: Under this number, oldest first.
    """

    tag: ClOrdId
    account_id: AccountId
    order_id: OrderId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int | None
    order_qty: int
    at: int
    cl_ord_id: ClOrdId | None
    orig_order_id: OrderId | None = None
    cum_qty: int = 0
    carried: int = 0
    taken_back: int = 0
    status: StatedStatus = StatedStatus.WORKING
    form: str = ""
    route: str = ""
    trigger: int | None = None
    fills: list[StatedExecution] = []

    @property
    def leaves_qty(self) -> int:
        """Shares that can still fill."""
        is_working = self.status is StatedStatus.WORKING
        return self.order_qty - self.taken_back - self.cum_qty if is_working else 0

    def stated(self) -> StatedOrder:
        """Return it as the list shows it."""
        return StatedOrder(
            self.account_id,
            self.order_id,
            self.symbol,
            self.side,
            self.ord_type,
            self.time_in_force,
            self.price,
            self.order_qty,
            self.cum_qty,
            self.leaves_qty,
            self.status,
            self.at,
            self.orig_order_id,
            self.cl_ord_id,
        )


class CancelRow(msgspec.Struct, frozen=True):
    """A number that a cancel took, and what it took back [shares] of which order."""

    account_id: AccountId
    order_id: OrderId
    row: Row
    qty: int
    at: int


class Outcome(msgspec.Struct, frozen=True):
    """
    What a request came to.

    Attributes:
        order_id: The number it was given, None if it was refused.
        text: Why it was refused.
        notices: What followed at once.
        qty: Shares that a cancel took back or a move moved; 0 for anything else.
    """

    order_id: OrderId | None
    text: str
    notices: tuple[Notice, ...]
    qty: int = 0


class DayLists(msgspec.Struct):
    """What the lists of one day hold, oldest first."""

    orders: list[Row] = []
    executions: list[StatedExecution] = []
    cancels: list[CancelRow] = []


class Books:
    """
    Orders, lists and money of one broker.

    Args:
        schedule: What it charges.
        assumptions: How its exchange behaves.
        accounts: Cash that each is opened with [won].
        order_digits: Digits of a number.
        days_kept: Days of which the lists are kept.
    """

    def __init__(
        self,
        schedule: CostSchedule,
        assumptions: Assumptions,
        accounts: dict[AccountId, int],
        order_digits: int = 10,
        days_kept: int = 2,
    ) -> None:
        self._order_digits = order_digits
        self._days_kept = days_kept
        self.house = House(schedule, assumptions)
        self.day = date.min
        self.rules: dict[Symbol, InstrumentUpdated] = {}
        self.account_ids = tuple(accounts)
        for account_id, cash in accounts.items():
            self.house.open_account(account_id, cash)
        self._lists: dict[date, DayLists] = {}
        self._today = DayLists()
        self._numbers = 0
        self._tags = 0
        self._current: dict[ClOrdId, Row] = {}
        self._by_number: dict[OrderId, Row] = {}

    def start_session(self, day: date) -> None:
        """Begin a trading day with empty lists; the oldest day's are forgotten."""
        self.house.start_session(day)
        self.day = day
        self._today = self._lists[day] = DayLists()
        for old in sorted(self._lists)[: -self._days_kept]:
            del self._lists[old]
        self._numbers = self._tags = 0
        self._current.clear()
        self._by_number.clear()

    def set_rules(self, update: InstrumentUpdated) -> None:
        """Say what holds for an instrument from now on."""
        self.rules[update.instrument.symbol] = update
        self.house.set_instrument(
            update.instrument, self.day, update.base_price, update.band, update.states
        )

    def take_step(self, step: Step) -> list[Notice]:
        """Let the market go a step, and return what it did to orders."""
        house = self.house
        if isinstance(step, OpenStep):
            return self._told(house.begin_bar(step.symbol, *step.bar, step.at))
        if isinstance(step, EndStep):
            house.end_bar(step.symbol)
            return []
        if isinstance(step, PhaseStep):
            house.set_phase(step.phase)
            return []
        if isinstance(step, CloseStep):
            return self._told(house.end_session(step.at))
        return self._told(house.move(step.symbol, step.px, step.at))

    def handle(self, request: Request, at: int, *, is_by_hand: bool = False) -> Outcome:
        """Carry a request out, or refuse it."""
        if isinstance(request, Submit):
            return self._submit(request, at, None if is_by_hand else request.cl_ord_id)
        row = self._by_number.get(request.order_id)
        if row is None or row.account_id != request.account_id:
            return _refused("접수된 주문번호가 아닙니다. / No order has that number.")
        if row.status is not StatedStatus.WORKING:
            return _refused("이미 종결된 주문입니다. / The order is already closed.")
        if isinstance(request, Cancel):
            return self._cancel(row, request.qty, at)
        if isinstance(request, Move):
            return self._move(row, request, at)
        return self._replace(row, request, at)

    def find_row(self, order_id: OrderId) -> Row | None:
        """Return the order of a number of today, None if there is none; read it only."""
        return self._by_number.get(order_id)

    def rows(self, account_id: AccountId, day: date) -> list[Row]:
        """Return the orders of a day, oldest first; read them only."""
        rows = self._lists.get(day, _NOTHING).orders
        return [row for row in rows if row.account_id == account_id]

    def cancels(self, account_id: AccountId, day: date) -> list[CancelRow]:
        """Return the cancels of a day, oldest first."""
        rows = self._lists.get(day, _NOTHING).cancels
        return [row for row in rows if row.account_id == account_id]

    def days(self) -> Iterator[date]:
        """Yield the days whose lists are kept, oldest first."""
        yield from sorted(self._lists)

    def is_kept(self, day: date) -> bool:
        """Return whether the lists of a day are still kept; those of a day to come are empty."""
        return day in self._lists or not self._lists or day > min(self._lists)

    def orders(self, account_id: AccountId, day: date) -> list[StatedOrder]:
        """Return the orders of a day, oldest first."""
        return [row.stated() for row in self.rows(account_id, day)]

    def executions(self, account_id: AccountId, day: date) -> list[StatedExecution]:
        """Return the fills of a day, oldest first."""
        fills = self._lists.get(day, _NOTHING).executions
        return [fill for fill in fills if fill.account_id == account_id]

    def holdings(self, account_id: AccountId) -> list[StatedHolding]:
        """Return the positions of an account, by symbol."""
        held = sorted(self.house.account(account_id).holdings.items())
        return [
            StatedHolding(account_id, symbol, each.qty, each.sellable, each.cost)
            for symbol, each in held
        ]

    def cash(self, account_id: AccountId) -> StatedCash:
        """Return the cash of an account."""
        account = self.house.account(account_id)
        return StatedCash(account_id, account.cash, account.orderable)

    def _submit(
        self,
        request: Submit,
        at: int,
        cl_ord_id: ClOrdId | None,
        orig_order_id: OrderId | None = None,
    ) -> Outcome:
        self._tags += 1
        tag = ClOrdId(self._tags)
        reports = self.house.submit(_order(request, tag, at), at, request.trigger)
        if reports[0].exec_type is ExecType.REJECTED:
            return _refused(reports[0].text)
        row = Row(
            tag,
            request.account_id,
            self._next_number(),
            request.symbol,
            request.side,
            request.ord_type,
            request.time_in_force,
            request.price,
            request.order_qty,
            at,
            cl_ord_id,
            orig_order_id,
            form=request.form,
            route=request.route,
            trigger=request.trigger,
        )
        self._enlist(row)
        return Outcome(row.order_id, "", tuple(self._told(reports)))

    def _cancel(self, row: Row, asked: int, at: int) -> Outcome:
        qty = row.leaves_qty
        if 0 < asked < qty:
            changed = self._take_back(row, asked, at)
            if changed.text:
                return changed
            number, notices, qty = self._next_number(), changed.notices, asked
        else:
            reports = self.house.cancel(row.tag, row.tag, at)
            number = self._next_number()
            notices = tuple(self._told(reports, number))
        self._today.cancels.append(CancelRow(row.account_id, number, row, qty, at))
        return Outcome(number, "", notices, qty)

    def _take_back(self, row: Row, qty: int, at: int) -> Outcome:
        """Let an order have fewer shares under its number, or more by a negative quantity."""
        if row.price is None:
            return _refused("시장가 주문은 전량만 취소합니다. / A market order is canceled whole.")
        left = row.order_qty - row.taken_back - qty
        reports = self.house.replace(row.tag, row.tag, row.price, left, at)
        if reports[0].exec_type is ExecType.CANCEL_REJECTED:
            return _refused(reports[0].text)
        row.taken_back += qty
        return Outcome(None, "", tuple(self._told(reports[1:])))

    def _move(self, row: Row, request: Move, at: int) -> Outcome:
        qty = min(request.qty, row.leaves_qty)
        if qty == row.leaves_qty:
            whole = row.order_qty - row.taken_back
            follower = msgspec.structs.replace(
                row, carried=row.cum_qty, order_qty=whole, taken_back=0
            )
            outcome = self._follow(row, follower, request.price, at)
            return msgspec.structs.replace(outcome, qty=qty)
        changed = self._take_back(row, qty, at)
        if changed.text:
            return changed
        moved = Submit(
            row.cl_ord_id,
            row.account_id,
            row.symbol,
            row.side,
            row.ord_type,
            row.time_in_force,
            request.price,
            qty,
            row.form,
            row.route,
            row.trigger,
        )
        outcome = self._submit(moved, at, row.cl_ord_id, row.order_id)
        if outcome.order_id is None:
            restored = self._take_back(row, -qty, at)
            return msgspec.structs.replace(outcome, notices=restored.notices)
        return msgspec.structs.replace(outcome, qty=qty)

    def _replace(self, row: Row, request: Replace, at: int) -> Outcome:
        follower = msgspec.structs.replace(row, order_qty=request.order_qty)
        return self._follow(row, follower, request.price, at)

    def _follow(self, row: Row, follower: Row, price: int, at: int) -> Outcome:
        """Let an order go on under a new number, with the follower's terms at another price."""
        reports = self.house.replace(row.tag, row.tag, price, follower.order_qty, at)
        if reports[0].exec_type is ExecType.CANCEL_REJECTED:
            return _refused(reports[0].text)
        number = self._next_number()
        row.status = StatedStatus.REPLACED
        follower = msgspec.structs.replace(
            follower,
            order_id=number,
            orig_order_id=row.order_id,
            price=price,
            at=at,
            status=StatedStatus.WORKING,
            fills=[],
        )
        self._enlist(follower)
        return Outcome(number, "", tuple(self._told(reports, number)))

    def _enlist(self, row: Row) -> None:
        self._today.orders.append(row)
        self._by_number[row.order_id] = row
        self._current[row.tag] = row

    def _next_number(self) -> OrderId:
        self._numbers += 1
        return OrderId(f"{self._numbers:0{self._order_digits}d}")

    def _told(
        self, reports: Iterable[ExecutionReport], request_id: OrderId | None = None
    ) -> list[Notice]:
        """Keep the lists by what the House reports, and word it as notices."""
        notices = []
        for report in reports:
            row = self._current[report.cl_ord_id]
            self._keep(row, report)
            is_answer = report.exec_type in _ANSWERS and request_id is not None
            notices.append(_notice(row, report, request_id if is_answer else None))
        return notices

    def _keep(self, row: Row, report: ExecutionReport) -> None:
        if report.exec_type is ExecType.TRADE:
            row.cum_qty += report.last_qty
            if row.cum_qty == row.order_qty - row.taken_back:
                row.status = StatedStatus.FILLED
            fill = StatedExecution(
                row.account_id,
                row.order_id,
                report.exec_id,
                row.symbol,
                row.side,
                report.last_qty,
                report.last_px,
                report.at,
            )
            row.fills.append(fill)
            self._today.executions.append(fill)
        elif report.exec_type in _ENDS:
            row.status = _ENDS[report.exec_type]


def _notice(row: Row, report: ExecutionReport, request_id: OrderId | None) -> Notice:
    is_replaced = report.exec_type is ExecType.REPLACED
    return Notice(
        row.account_id,
        row.order_id,
        row.symbol,
        row.side,
        report.exec_type,
        report.exec_id,
        report.at,
        orig_order_id=row.orig_order_id if is_replaced else None,
        request_id=request_id,
        last_qty=report.last_qty,
        last_px=report.last_px,
        price=report.price,
        order_qty=report.order_qty,
        cl_ord_id=row.cl_ord_id,
    )


def _order(request: Submit, tag: ClOrdId, at: int) -> Order:
    """Return a request as the House takes it; only what was asked for is read there."""
    return Order(
        tag,
        request.account_id,
        _UNNAMED,
        request.symbol,
        request.side,
        request.ord_type,
        request.time_in_force,
        request.price,
        request.order_qty,
        Purpose.NEW,
        IntentId(""),
        at,
    )


def _refused(text: str) -> Outcome:
    return Outcome(None, text, ())


_NOTHING: Final = DayLists()
_UNNAMED: Final = SleeveId("")
_ANSWERS: Final = frozenset({ExecType.CANCELED, ExecType.REPLACED})
_ENDS: Final = {
    ExecType.CANCELED: StatedStatus.CANCELED,
    ExecType.EXPIRED: StatedStatus.EXPIRED,
}
