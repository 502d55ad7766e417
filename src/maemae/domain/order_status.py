"""
The life of an order as a table.

What the broker has said of an order is its *standing*; a report moves it by TRANSITIONS.
Every row moves to the higher of two ranks, so that reports may come twice and in any
order and still end in one state. The status a person reads adds what the standing does not
hold: how much was filled and which of our requests are still open, by FIX precedence.

Source: FIX 4.4 Appendix D, order state change matrices and the precedence of OrdStatus <39>,
read 2026-11-01. UNKNOWN is ours: Korean brokers take no client order id, so that an order
whose answer was lost is neither new nor rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique
from typing import Final

from maemae.domain.errors import InvalidTransitionError
from maemae.domain.terms import Term


@unique
class OrderStatus(Term):
    """Where an order stands (FIX OrdStatus <39>)."""

    PENDING_NEW = "PENDING_NEW"  # recorded; may or may not have reached the broker
    UNKNOWN = "UNKNOWN"  # sent, the answer is lost; may exist at the broker
    NEW = "NEW"  # acknowledged and working
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    PENDING_REPLACE = "PENDING_REPLACE"  # still able to fill, on the old terms
    PENDING_CANCEL = "PENDING_CANCEL"  # still able to fill
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"
    FILLED = "FILLED"


@unique
class ExecType(Term):
    """What a report says happened (FIX ExecType <150>)."""

    NEW = "NEW"
    TRADE = "TRADE"
    TRADE_CANCEL = "TRADE_CANCEL"  # the exchange takes a fill back
    TRADE_CORRECT = "TRADE_CORRECT"  # the exchange changes a fill
    REPLACED = "REPLACED"
    CANCEL_REJECTED = "CANCEL_REJECTED"  # FIX OrderCancelReject (35=9); of a cancel or a replace
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"  # ours: the request left, its answer did not come


CLOSED: Final = frozenset(
    {OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.CANCELED, OrderStatus.FILLED}
)
"""No further fill is expected; a late one is booked all the same, and alarmed."""

_S, _E = OrderStatus, ExecType

TRANSITIONS: Final[Mapping[tuple[OrderStatus, ExecType], OrderStatus]] = {
    (_S.PENDING_NEW, _E.NEW): _S.NEW,
    (_S.PENDING_NEW, _E.TRADE): _S.NEW,  # the fill overtakes the acknowledgment
    (_S.PENDING_NEW, _E.TRADE_CANCEL): _S.NEW,  # the bust overtakes the fill
    (_S.PENDING_NEW, _E.TRADE_CORRECT): _S.NEW,
    (_S.PENDING_NEW, _E.REPLACED): _S.NEW,  # a replaced order had been accepted
    (_S.PENDING_NEW, _E.CANCEL_REJECTED): _S.PENDING_NEW,  # "no such order" proves nothing
    (_S.PENDING_NEW, _E.CANCELED): _S.CANCELED,  # IOC and FOK
    (_S.PENDING_NEW, _E.EXPIRED): _S.EXPIRED,  # never sent before its expiry
    (_S.PENDING_NEW, _E.REJECTED): _S.REJECTED,
    (_S.PENDING_NEW, _E.OUTCOME_UNKNOWN): _S.UNKNOWN,
    (_S.UNKNOWN, _E.NEW): _S.NEW,
    (_S.UNKNOWN, _E.TRADE): _S.NEW,
    (_S.UNKNOWN, _E.TRADE_CANCEL): _S.NEW,
    (_S.UNKNOWN, _E.TRADE_CORRECT): _S.NEW,
    (_S.UNKNOWN, _E.REPLACED): _S.NEW,
    (_S.UNKNOWN, _E.CANCEL_REJECTED): _S.UNKNOWN,
    (_S.UNKNOWN, _E.CANCELED): _S.CANCELED,
    (_S.UNKNOWN, _E.EXPIRED): _S.EXPIRED,
    (_S.UNKNOWN, _E.REJECTED): _S.REJECTED,  # evidence after the quiet period, or a person
    (_S.UNKNOWN, _E.OUTCOME_UNKNOWN): _S.UNKNOWN,
    (_S.NEW, _E.NEW): _S.NEW,
    (_S.NEW, _E.TRADE): _S.NEW,
    (_S.NEW, _E.TRADE_CANCEL): _S.NEW,
    (_S.NEW, _E.TRADE_CORRECT): _S.NEW,
    (_S.NEW, _E.REPLACED): _S.NEW,
    (_S.NEW, _E.CANCEL_REJECTED): _S.NEW,
    (_S.NEW, _E.CANCELED): _S.CANCELED,  # asked for, or by the venue
    (_S.NEW, _E.EXPIRED): _S.EXPIRED,
    (_S.NEW, _E.REJECTED): _S.REJECTED,  # taken by the broker, refused by the exchange
    (_S.NEW, _E.OUTCOME_UNKNOWN): _S.NEW,  # evidence came first
    (_S.REJECTED, _E.NEW): _S.REJECTED,  # the acknowledgment comes late
    (_S.REJECTED, _E.TRADE): _S.REJECTED,  # a late fill: booked and alarmed
    (_S.REJECTED, _E.TRADE_CANCEL): _S.REJECTED,
    (_S.REJECTED, _E.TRADE_CORRECT): _S.REJECTED,
    (_S.REJECTED, _E.REPLACED): _S.REJECTED,
    (_S.REJECTED, _E.CANCEL_REJECTED): _S.REJECTED,
    (_S.REJECTED, _E.CANCELED): _S.CANCELED,
    (_S.REJECTED, _E.EXPIRED): _S.EXPIRED,
    (_S.REJECTED, _E.REJECTED): _S.REJECTED,
    (_S.REJECTED, _E.OUTCOME_UNKNOWN): _S.REJECTED,
    (_S.EXPIRED, _E.NEW): _S.EXPIRED,
    (_S.EXPIRED, _E.TRADE): _S.EXPIRED,  # a late fill: booked and alarmed
    (_S.EXPIRED, _E.TRADE_CANCEL): _S.EXPIRED,
    (_S.EXPIRED, _E.TRADE_CORRECT): _S.EXPIRED,
    (_S.EXPIRED, _E.REPLACED): _S.EXPIRED,
    (_S.EXPIRED, _E.CANCEL_REJECTED): _S.EXPIRED,
    (_S.EXPIRED, _E.CANCELED): _S.CANCELED,
    (_S.EXPIRED, _E.EXPIRED): _S.EXPIRED,
    (_S.EXPIRED, _E.REJECTED): _S.EXPIRED,
    (_S.EXPIRED, _E.OUTCOME_UNKNOWN): _S.EXPIRED,
    (_S.CANCELED, _E.NEW): _S.CANCELED,  # the acknowledgment comes late
    (_S.CANCELED, _E.TRADE): _S.CANCELED,  # matrix J.1.b: a late fill, booked and alarmed
    (_S.CANCELED, _E.TRADE_CANCEL): _S.CANCELED,
    (_S.CANCELED, _E.TRADE_CORRECT): _S.CANCELED,
    (_S.CANCELED, _E.REPLACED): _S.CANCELED,
    (_S.CANCELED, _E.CANCEL_REJECTED): _S.CANCELED,  # of a second cancel
    (_S.CANCELED, _E.CANCELED): _S.CANCELED,
    (_S.CANCELED, _E.EXPIRED): _S.CANCELED,
    (_S.CANCELED, _E.REJECTED): _S.CANCELED,
    (_S.CANCELED, _E.OUTCOME_UNKNOWN): _S.CANCELED,
}


def next_standing(standing: OrderStatus, exec_type: ExecType) -> OrderStatus:
    """
    Return the standing that follows when a report arrives.

    Raises:
        InvalidTransitionError: The pair is not in TRANSITIONS.
    """
    try:
        return TRANSITIONS[standing, exec_type]
    except KeyError:
        raise InvalidTransitionError(
            f"{standing} 상태의 주문은 {exec_type} 통보를 받을 수 없습니다. 원장을 대조하세요.",
            f"An order that is {standing} cannot take a report {exec_type}. Reconcile the book.",
        ) from None


def status_of(
    standing: OrderStatus,
    cum_qty: int,
    order_qty: int,
    *,
    cancel_pending: bool = False,
    replace_pending: bool = False,
) -> OrderStatus:
    """
    Return the status that a person reads.

    FILLED outranks the other closed states, those outrank pending requests, and a pending
    request outranks PARTIALLY_FILLED. Quantities say whether an order is filled, never a flag.
    FIX ranks pending requests above all of these; here what can no longer fill is closed,
    whatever answer is still on its way.

    Args:
        standing: What the broker has said.
        cum_qty: Filled so far [shares].
        order_qty: Most that is asked for, a replace that is still open included [shares]: an
            order filled on its old terms may go on on the new ones.
        cancel_pending: Whether a cancel is unanswered.
        replace_pending: Whether a replace is unanswered.
    """
    if cum_qty >= order_qty:
        return _FILLED
    if standing in CLOSED:
        return standing
    if cancel_pending:
        return OrderStatus.PENDING_CANCEL
    if replace_pending:
        return OrderStatus.PENDING_REPLACE
    if cum_qty > 0:
        return OrderStatus.PARTIALLY_FILLED
    return standing


_FILLED: Final = OrderStatus.FILLED
