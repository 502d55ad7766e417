"""The order: an immutable value that requests and reports turn into the next value."""

from __future__ import annotations

from enum import unique
from typing import Final

import msgspec
from msgspec.structs import replace

from maemae.domain.errors import InvalidTransitionError
from maemae.domain.execution import ExecutionReport
from maemae.domain.exit_terms import ExitTerms
from maemae.domain.ids import AccountId, ClOrdId, ExecId, IntentId, OrderId, SleeveId, Symbol
from maemae.domain.intent import MILLION
from maemae.domain.order_status import CLOSED, ExecType, OrderStatus, next_standing, status_of
from maemae.domain.terms import Cause, ExecutionVenue, OrdType, Purpose, Side, Term, TimeInForce


@unique
class RequestKind(Term):
    """What an open request asks the broker to do with the order."""

    CANCEL = "CANCEL"
    REPLACE = "REPLACE"


class Request(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    A cancel or replace that the broker has not answered yet.

    Attributes:
        price: Limit price asked for by a replace [won].
        order_qty: Quantity asked for by a replace, what is filled included [shares].
    """

    cl_ord_id: ClOrdId
    kind: RequestKind
    price: int = 0
    order_qty: int = 0


class Fill(msgspec.Struct, frozen=True, gc=False):
    """
    Shares that changed hands (FIX ExecutionReport with ExecType=TRADE).

    A fill that was taken back stays with qty 0, so that its repetition counts for nothing.
    """

    exec_id: ExecId
    qty: int
    px: int
    revised_at: int  # of the last bust or correction [ns]; -1 as first reported


class Order(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    An instruction to trade and all that became of it.

    Attributes:
        cl_ord_id: Our number of the order.
        price: Limit price [won, on the tick], None for a market order.
        order_qty: Quantity asked for [shares], > 0; a replace may change it.
        purpose: Why it exists; decided which checks it passed.
        reserve_px: Price at which its cash is set aside [won]; 0 for a sell.
        charge_ppm: Commission set aside with that cash [ppm of it].
        stop_loss, take_profit: Distance from the entry price at which to leave
            [parts per million], None for none.
        standing: What the broker has said (`maemae.domain.order_status`).
        status: What a person reads.
        cum_qty: Filled so far [shares]; above order_qty only if the broker overfilled.
        notional: Sum of qty x px of the fills [won].
        order_ids: The broker's numbers, oldest first; a replace chains a new one.
        terms_at: When the terms were last replaced at the venue [ns], -1 if never.
        cancel_at: When its cancel was last asked for [ns], -1 if never.
        freed_qty: Shares of a sale in doubt, or of an earlier day, that the broker says nothing
            holds; they are reserved again as soon as the order is known to work.
        was_freed: Whether the broker ever said how much of a sale in doubt is free: from then on
            orders that look the same may leave beside it.
        exits: What else the order says of how to leave; None if nothing is said.
        terms_of: The broker's number under which the terms were last replaced; None if never,
            or if it was not told.
    """

    cl_ord_id: ClOrdId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int | None
    order_qty: int
    purpose: Purpose
    intent_id: IntentId
    at: int
    reserve_px: int = 0
    charge_ppm: int = 0
    stop_loss: int | None = None
    take_profit: int | None = None
    cause: Cause = Cause.SIGNAL
    venue: ExecutionVenue = ExecutionVenue.KRX
    standing: OrderStatus = OrderStatus.PENDING_NEW
    status: OrderStatus = OrderStatus.PENDING_NEW
    cum_qty: int = 0
    notional: int = 0
    order_ids: tuple[OrderId, ...] = ()
    fills: tuple[Fill, ...] = ()
    requests: tuple[Request, ...] = ()
    terms_at: int = -1
    cancel_at: int = -1
    freed_qty: int = 0
    was_freed: bool = False
    exits: ExitTerms | None = None
    terms_of: OrderId | None = None

    @property
    def is_closed(self) -> bool:
        """Whether no further fill is expected."""
        return self.status in CLOSED

    @property
    def leaves_qty(self) -> int:
        """Quantity still able to fill [shares]; 0 once closed (FIX LeavesQty <151>)."""
        return 0 if self.status in CLOSED else max(0, self.order_qty - self.cum_qty)

    @property
    def is_cancel_pending(self) -> bool:
        """Whether a cancel has not been answered yet."""
        return bool(self.requests) and any(asked.kind is _CANCEL for asked in self.requests)

    @property
    def is_overfilled(self) -> bool:
        """Whether the broker filled more than was asked for."""
        return self.cum_qty > self.order_qty

    @property
    def reserved_qty(self) -> int:
        """Most shares that can still fill, on the present terms or those asked for."""
        claimed = self.claimed_qty
        return max(0, claimed - self.freed_qty) if self.freed_qty else claimed

    @property
    def claimed_qty(self) -> int:
        """The same, whatever the broker said of an order in doubt [shares]."""
        if self.status in CLOSED:
            return 0
        order_qty = self.order_qty
        for request in self.requests:
            order_qty = max(order_qty, request.order_qty)
        return order_qty - self.cum_qty

    @property
    def reserved_cash(self) -> int:
        """Most cash that the order can still cost, charges included [won]; 0 for a sell."""
        if self.side is _SELL or self.status in CLOSED:
            return 0
        notional = (self.order_qty - self.cum_qty) * self.reserve_px
        for request in self.requests:
            notional = max(notional, (request.order_qty - self.cum_qty) * request.price)
        return notional + -(-notional * self.charge_ppm // MILLION)

    def has_fill(self, exec_id: ExecId) -> bool:
        """Whether that fill has been counted."""
        return bool(self.fills) and any(fill.exec_id == exec_id for fill in self.fills)

    def yields_to(
        self, at: int, order_id: OrderId | None, price: int | None, order_qty: int
    ) -> bool:
        """
        Whether terms are newer than the order's: of two of one instant, the newer number's.

        Args:
            at: When they were put in place [ns]; brokers may stamp whole seconds.
            order_id: The broker's number that goes on with them, None if it is not told.
            price: Limit price [won].
            order_qty: Quantity [shares].
        """
        known = _terms(self.terms_at, self.terms_of, self.price, self.order_qty)
        return _terms(at, order_id, price, order_qty) > known

    def is_news(self, report: ExecutionReport) -> bool:
        """
        Whether a report says what is not known yet, so that the order changes by it.

        Raises:
            InvalidTransitionError: As `apply`.
        """
        number = report.order_id
        if number is not None and number not in self.order_ids:
            return True
        return self.apply(report) != self

    def request(self, request: Request) -> Order:
        """
        Return the order with one more open request.

        Raises:
            InvalidTransitionError: The order is closed.
        """
        if self.is_closed:
            raise InvalidTransitionError(
                f"주문 {self.cl_ord_id} 은 이미 {self.status} 입니다. 더 바꿀 수 없습니다.",
                f"Order {self.cl_ord_id} is already {self.status}; it cannot be changed.",
            )
        return self._settled(self.standing, self.order_ids, (*self.requests, request))

    def apply(self, report: ExecutionReport) -> Order:
        """
        Return the order as it stands after the report.

        Reports may come in any order and more than once: the result depends only on the
        set of them. A fill counted twice is a position that does not exist.

        Args:
            report: A report about this very order.

        Raises:
            InvalidTransitionError: The report is about another order, a fill without a
                positive quantity and price, or a replacement that asks for nothing.
        """
        if report.cl_ord_id != self.cl_ord_id:
            raise InvalidTransitionError(
                f"주문 {report.cl_ord_id} 의 통보를 주문 {self.cl_ord_id} 에 적용할 수 없습니다.",
                f"A report on order {report.cl_ord_id} cannot be applied to {self.cl_ord_id}.",
            )
        exec_type = report.exec_type
        if exec_type is _UNKNOWN and report.request_id is not None:
            return self  # of a cancel or replace: it stays open, and so does what it reserves
        number, ids = report.order_id, self.order_ids
        if number is not None and number not in ids:
            if not ids and self.requests and self.is_cancel_pending:
                return self._without_cancels().apply(report)
            ids = (number,) if not ids else tuple(sorted((*ids, number), key=_age))
        standing = next_standing(self.standing, exec_type)
        if self.freed_qty and standing is not self.standing:
            return replace(self, freed_qty=0).apply(report)
        if exec_type is _TRADE:
            return self._traded(standing, ids, report)
        if exec_type in _REVISIONS:
            return self._revised(standing, ids, report)
        answered = self.requests
        if answered and report.request_id is not None:
            answered = self._without(report.request_id)
        if exec_type is _REPLACED:
            return self._replaced(standing, ids, answered, report)
        return self._settled(standing, ids, answered)

    def _without_cancels(self) -> Order:
        """
        Drop the cancels from before the order's first number.

        They had no number to name and never left, so that no answer to them will ever come.
        """
        others = tuple(asked for asked in self.requests if asked.kind is not _CANCEL)
        return self._settled(self.standing, self.order_ids, others)

    def _traded(
        self, standing: OrderStatus, ids: tuple[OrderId, ...], report: ExecutionReport
    ) -> Order:
        _require_fill(report)
        qty, px, fills = report.last_qty, report.last_px, self.fills
        if fills and self.has_fill(report.exec_id):
            return self if ids is self.order_ids else replace(self, order_ids=ids)
        fill = Fill(report.exec_id, qty, px, -1)
        fills = _in_order((*fills, fill)) if fills else (fill,)
        return self._filled(standing, ids, fills, self.cum_qty + qty, self.notional + qty * px)

    def _revised(
        self, standing: OrderStatus, ids: tuple[OrderId, ...], report: ExecutionReport
    ) -> Order:
        """Take a fill back or change it; the latest word of the venue holds."""
        if report.exec_ref_id is None:
            raise InvalidTransitionError(
                f"통보 {report.exec_id} 이 어느 체결을 고치는지 말하지 않습니다.",
                f"Report {report.exec_id} does not say which fill it changes.",
            )
        revised = Fill(report.exec_ref_id, 0, 0, report.at)
        if report.exec_type is ExecType.TRADE_CORRECT:
            _require_fill(report)
            revised = Fill(report.exec_ref_id, report.last_qty, report.last_px, report.at)
        others = tuple(fill for fill in self.fills if fill.exec_id != revised.exec_id)
        for fill in self.fills:
            if fill.exec_id == revised.exec_id:
                revised = max(fill, revised, key=_revision)
        fills = _in_order((*others, revised))
        return self._filled(
            standing,
            ids,
            fills,
            sum(fill.qty for fill in fills),
            sum(fill.qty * fill.px for fill in fills),
        )

    def _replaced(
        self,
        standing: OrderStatus,
        ids: tuple[OrderId, ...],
        answered: tuple[Request, ...],
        report: ExecutionReport,
    ) -> Order:
        order_qty = self.order_qty if report.order_qty is None else report.order_qty
        price = self.price if report.price is None else report.price
        if order_qty < 1 or (price is not None and price < 1):
            raise InvalidTransitionError(
                f"정정 통보의 수량 {order_qty}, 가격 {price} 이 올바르지 않습니다.",
                f"An order cannot be replaced to {order_qty} shares at {price} won.",
            )
        if not self.yields_to(report.at, report.order_id, price, order_qty):
            return self._settled(standing, ids, answered)
        reserves = self.side is Side.BUY and price is not None
        return replace(
            self,
            standing=standing,
            status=_status(standing, self.cum_qty, order_qty, answered),
            order_ids=ids,
            requests=answered,
            price=price,
            order_qty=order_qty,
            reserve_px=price if reserves else self.reserve_px,
            terms_at=report.at,
            terms_of=report.order_id,
        )

    def _without(self, request_id: ClOrdId) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.cl_ord_id != request_id)

    def _filled(
        self,
        standing: OrderStatus,
        ids: tuple[OrderId, ...],
        fills: tuple[Fill, ...],
        cum_qty: int,
        notional: int,
    ) -> Order:
        return replace(
            self,
            standing=standing,
            status=_status(standing, cum_qty, self.order_qty, self.requests),
            order_ids=ids,
            fills=fills,
            cum_qty=cum_qty,
            notional=notional,
        )

    def _settled(
        self, standing: OrderStatus, ids: tuple[OrderId, ...], requests: tuple[Request, ...]
    ) -> Order:
        return replace(
            self,
            standing=standing,
            status=_status(standing, self.cum_qty, self.order_qty, requests),
            order_ids=ids,
            requests=requests,
        )


_REVISIONS: Final = frozenset({ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT})

_SELL: Final = Side.SELL
_CANCEL: Final = RequestKind.CANCEL
_TRADE: Final = ExecType.TRADE
_REPLACED: Final = ExecType.REPLACED
_UNKNOWN: Final = ExecType.OUTCOME_UNKNOWN


def _status(
    standing: OrderStatus, cum_qty: int, order_qty: int, requests: tuple[Request, ...]
) -> OrderStatus:
    if not requests:
        return status_of(standing, cum_qty, order_qty)
    kinds = [request.kind for request in requests]
    return status_of(
        standing,
        cum_qty,
        max(order_qty, *(request.order_qty for request in requests)),
        cancel_pending=RequestKind.CANCEL in kinds,
        replace_pending=RequestKind.REPLACE in kinds,
    )


def _revision(fill: Fill) -> tuple[int, int, int]:
    return fill.revised_at, fill.qty, fill.px


def _terms(
    at: int, order_id: OrderId | None, price: int | None, order_qty: int
) -> tuple[int, tuple[int, str], int, int]:
    number = OrderId("") if order_id is None else order_id
    return at, _age(number), -1 if price is None else price, order_qty


def _in_order(fills: tuple[Fill, ...]) -> tuple[Fill, ...]:
    """Sort by number, so that the order of arrival leaves no trace."""
    return fills if len(fills) == 1 else tuple(sorted(fills, key=_exec_id))


def _exec_id(fill: Fill) -> ExecId:
    return fill.exec_id


def _age(order_id: OrderId) -> tuple[int, str]:
    """Sort by value: brokers count up, so that it is oldest first."""
    return len(order_id), order_id


def _require_fill(report: ExecutionReport) -> None:
    if report.last_qty <= 0 or report.last_px <= 0:
        raise InvalidTransitionError(
            f"체결 통보의 수량 {report.last_qty}, 가격 {report.last_px} 이 올바르지 않습니다.",
            f"A fill of {report.last_qty} shares at {report.last_px} won cannot be.",
        )
