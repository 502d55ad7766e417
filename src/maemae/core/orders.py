"""Order management: wishes to requests, reports to the book."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from maemae.core import sizing
from maemae.core.actions import (
    CancelOrder,
    IntentRefused,
    ReplaceOrder,
    SubmitOrder,
)
from maemae.core.desk import Desk
from maemae.core.gate import Approved, Refused, decide
from maemae.core.state import Sleeve
from maemae.domain.errors import UnknownRuleError
from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.instant import kst_date
from maemae.domain.intent import CancelIntent, OrderIntent, ReplaceIntent
from maemae.domain.order import Order
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import OrdType, Purpose, Side
from maemae.krx.calendar import LAST_YEAR, add_sessions


def is_known(desk: Desk, intent_id: IntentId) -> bool:
    """Whether a wish was taken in this session or the one before."""
    return intent_id in desk.state.taken or intent_id in desk.state.taken_before


def is_stale(desk: Desk, wished_at: int, sessions: int = 1) -> bool:
    """
    Whether a wish is older than so many sessions: the executor was down meanwhile.

    Asked in the midst of other things, it never fails: it looks back from today, and beyond
    the end of the calendar no wish is fresh.
    """
    today = desk.state.session_date
    if today is None:
        return False
    day = kst_date(wished_at)
    try:
        return today.year > LAST_YEAR or (day < today and day < add_sessions(today, -sessions))
    except UnknownRuleError:
        return False


def place(desk: Desk, intent: OrderIntent) -> ClOrdId | None:
    """
    Size a wish, ask the gate, and send it or say why not.

    Returns:
        The order's number, None if it was refused.
    """
    sleeve = desk.state.find_sleeve(intent.account_id, intent.sleeve_id)
    if sleeve is None:
        refuse(desk, intent, (Refusal(Reason.UNKNOWN_ACCOUNT),))
        return None
    outcome = consider(desk, intent, sleeve)
    if isinstance(outcome, Refused):
        refuse(desk, intent, outcome.refusals)
        return None
    submit(desk, outcome)
    return outcome.order.cl_ord_id


def consider(desk: Desk, intent: OrderIntent, sleeve: Sleeve) -> Approved | Refused:
    """Size a wish and ask the gate; nothing is recorded and nothing leaves."""
    return decide(desk, candidate(desk, intent, sleeve), sleeve)


def submit(desk: Desk, approved: Approved) -> None:
    """Send what the gate approved."""
    desk.do(SubmitOrder(approved.order))


def candidate(desk: Desk, intent: OrderIntent, sleeve: Sleeve) -> Order:
    """Return the order that a wish comes to, with its next number; nobody has approved it."""
    price = intent.price if intent.within is None else sizing.limit_price(desk, intent)
    reserve_px = sizing.reserve_price(desk, intent, price)
    purpose = intent.purpose
    if intent.side is _BUY:
        purpose = _NEW  # whatever it calls itself, a buy is new risk
    elif purpose is _NEW:
        purpose = Purpose.REDUCE  # a cash account never sells short
    return Order(
        desk.next_cl_ord_id(),
        intent.account_id,
        intent.sleeve_id,
        intent.symbol,
        intent.side,
        intent.ord_type,
        intent.time_in_force,
        price,
        sizing.shares(desk, intent, sleeve, reserve_px),
        purpose,
        intent.intent_id,
        desk.now,
        reserve_px,
        sizing.charge_ppm(desk, intent),
        intent.stop_loss,
        intent.take_profit,
        intent.cause,
        exits=intent.exits,
    )


def refuse(desk: Desk, intent: OrderIntent, refusals: tuple[Refusal, ...]) -> None:
    """Record why a wish was refused."""
    desk.do(
        IntentRefused(
            intent.intent_id,
            intent.account_id,
            intent.sleeve_id,
            intent.symbol,
            refusals,
            desk.now,
        )
    )


def take_cancel(desk: Desk, intent: CancelIntent) -> None:
    """Ask the broker to cancel an order; an order that is gone or being canceled is left alone."""
    order = desk.state.orders.get(intent.cl_ord_id)
    if order is not None and not order.is_closed:
        cancel(desk, order)


def cancel(desk: Desk, order: Order) -> None:
    """Ask the broker to cancel an open order, once."""
    if not order.is_cancel_pending:
        send_cancel(desk, order)


def send_cancel(desk: Desk, order: Order) -> None:
    """Send a cancel under the newest number that the broker gave the order."""
    number = order.order_ids[-1] if order.order_ids else None
    desk.do(CancelOrder(desk.next_cl_ord_id(), order.cl_ord_id, number, desk.now))


def take_replace(desk: Desk, intent: ReplaceIntent) -> None:
    """Ask the broker to change an order, if the gate would take it on the new terms."""
    order = desk.state.orders.get(intent.cl_ord_id)
    if order is None or not _is_replaceable(order):
        _refuse_replace(desk, intent, order, (Refusal(Reason.ORDER_NOT_WORKING, intent.cl_ord_id),))
        return
    if (order.price, order.order_qty) == (intent.price, intent.order_qty):
        _refuse_replace(desk, intent, order, (Refusal(Reason.NOTHING_TO_CHANGE),))
        return
    refusals = _refusals_of_terms(desk, order, intent)
    if refusals:
        _refuse_replace(desk, intent, order, refusals)
        return
    desk.do(
        ReplaceOrder(
            desk.next_cl_ord_id(),
            order.cl_ord_id,
            order.order_ids[-1],
            intent.price,
            intent.order_qty,
            desk.now,
        )
    )


def _is_replaceable(order: Order) -> bool:
    """Whether the order works at a limit price and nothing is asked of it already."""
    if order.is_closed or order.requests or not order.order_ids:
        return False
    return order.ord_type is OrdType.LIMIT


def _refusals_of_terms(desk: Desk, order: Order, intent: ReplaceIntent) -> tuple[Refusal, ...]:
    """Ask the gate about the order as if it were sent now on the new terms."""
    candidate = replace(
        order,
        price=intent.price,
        order_qty=intent.order_qty - order.cum_qty,
        cum_qty=0,
        notional=0,
        fills=(),
        reserve_px=intent.price if order.side is Side.BUY else 0,
    )
    sleeve = desk.state.get_sleeve(order.account_id, order.sleeve_id)
    outcome = decide(desk, candidate, sleeve)
    return outcome.refusals if isinstance(outcome, Refused) else ()


def _refuse_replace(
    desk: Desk, intent: ReplaceIntent, order: Order | None, refusals: tuple[Refusal, ...]
) -> None:
    account_id, sleeve_id, symbol = (
        (AccountId(""), SleeveId(""), Symbol(""))
        if order is None
        else (order.account_id, order.sleeve_id, order.symbol)
    )
    number = IntentId(f"REPLACE:{intent.cl_ord_id}:{intent.at}")
    desk.do(IntentRefused(number, account_id, sleeve_id, symbol, refusals, desk.now))


_BUY: Final = Side.BUY
_NEW: Final = Purpose.NEW
