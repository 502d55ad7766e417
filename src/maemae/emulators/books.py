"""
The broker's front office: it numbers orders as a Korean broker does and keeps the lists.

Money and matching are the House's. Here are the broker's numbers, ten digits counted by the
day, of which a cancel and a replace take one of their own; the lists of the day; and notices.
Everything is told with the client's number; who sends it on decides whether that is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
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

_DAYS_KEPT: Final = 2


class Row(msgspec.Struct):
    """
    One number of the day's list.

    Attributes:
        tag: The House's name of the order; every number of one order has the same.
        cum_qty: Filled so far [shares], what was filled under earlier numbers included.
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
    status: StatedStatus = StatedStatus.WORKING

    def stated(self) -> StatedOrder:
        """Return it as the list shows it."""
        is_working = self.status is StatedStatus.WORKING
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
            self.order_qty - self.cum_qty if is_working else 0,
            self.status,
            self.at,
            self.orig_order_id,
            self.cl_ord_id,
        )


class Outcome(msgspec.Struct, frozen=True):
    """
    What a request came to.

    Attributes:
        order_id: The number it was given, None if it was refused.
        text: Why it was refused.
        notices: What followed at once.
    """

    order_id: OrderId | None
    text: str
    notices: tuple[Notice, ...]


class DayLists(msgspec.Struct):
    """What the lists of one day hold, oldest first."""

    orders: list[Row] = []
    executions: list[StatedExecution] = []


class Books:
    """
    Orders, lists and money of one broker.

    Args:
        schedule: What it charges.
        assumptions: How its exchange behaves.
        accounts: Cash that each is opened with [won].
    """

    def __init__(
        self, schedule: CostSchedule, assumptions: Assumptions, accounts: dict[AccountId, int]
    ) -> None:
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
        """Begin a trading day with empty lists; the lists of two days are kept."""
        self.house.start_session(day)
        self.day = day
        self._today = self._lists[day] = DayLists()
        for old in sorted(self._lists)[:-_DAYS_KEPT]:
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
            return self._told(house.end_bar(step.symbol, step.at))
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
            return self._cancel(row, at)
        return self._replace(row, request, at)

    def account_of(self, order_id: OrderId) -> AccountId | None:
        """Return whose order has a number of today, None if there is none."""
        row = self._by_number.get(order_id)
        return None if row is None else row.account_id

    def is_kept(self, day: date) -> bool:
        """Return whether the lists of a day are still kept; those of a day to come are empty."""
        return day in self._lists or not self._lists or day > min(self._lists)

    def orders(self, account_id: AccountId, day: date) -> list[StatedOrder]:
        """Return the orders of a day, oldest first."""
        rows = self._lists.get(day, _NOTHING).orders
        return [row.stated() for row in rows if row.account_id == account_id]

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

    def _submit(self, request: Submit, at: int, cl_ord_id: ClOrdId | None) -> Outcome:
        self._tags += 1
        tag = ClOrdId(self._tags)
        reports = self.house.submit(_order(request, tag, at), at)
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
        )
        self._enlist(row)
        return Outcome(row.order_id, "", tuple(self._told(reports)))

    def _cancel(self, row: Row, at: int) -> Outcome:
        reports = self.house.cancel(row.tag, row.tag, at)
        number = self._next_number()
        return Outcome(number, "", tuple(self._told(reports, number)))

    def _replace(self, row: Row, request: Replace, at: int) -> Outcome:
        reports = self.house.replace(row.tag, row.tag, request.price, request.order_qty, at)
        if reports[0].exec_type is ExecType.CANCEL_REJECTED:
            return _refused(reports[0].text)
        number = self._next_number()
        row.status = StatedStatus.REPLACED
        follower = msgspec.structs.replace(
            row,
            order_id=number,
            orig_order_id=row.order_id,
            price=request.price,
            order_qty=request.order_qty,
            at=at,
            status=StatedStatus.WORKING,
        )
        self._enlist(follower)
        return Outcome(number, "", tuple(self._told(reports, number)))

    def _enlist(self, row: Row) -> None:
        self._today.orders.append(row)
        self._by_number[row.order_id] = row
        self._current[row.tag] = row

    def _next_number(self) -> OrderId:
        self._numbers += 1
        return OrderId(f"{self._numbers:010d}")

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
            if row.cum_qty == row.order_qty:
                row.status = StatedStatus.FILLED
            self._today.executions.append(
                StatedExecution(
                    row.account_id,
                    row.order_id,
                    report.exec_id,
                    row.symbol,
                    row.side,
                    report.last_qty,
                    report.last_px,
                    report.at,
                )
            )
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
