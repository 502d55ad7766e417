"""Exits that the core itself sends: guards and the kill switch."""

from __future__ import annotations

from typing import Final

from maemae.core.actions import ExitRefused
from maemae.core.desk import Desk
from maemae.core.gate import Approved
from maemae.core.orders import cancel, consider, refuse, submit
from maemae.core.state import Sleeve
from maemae.domain.ids import IntentId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.order import Order
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, OrdType, Purpose, Side, TimeInForce
from maemae.krx.order_types import accepts
from maemae.krx.status import Permission


def may_go(desk: Desk, symbol: Symbol) -> bool:
    """Whether the exchange takes a sale of the instrument now."""
    if not accepts(desk.market.phase, _MARKET, _DAY):
        return False
    return desk.market.permission(symbol, Side.SELL) in _ALLOWED


def send_exit(
    desk: Desk, sleeve: Sleeve, symbol: Symbol, qty: int, cause: Cause, price: int | None = None
) -> None:
    """Send an exit; if the gate refuses it for the same reasons as before, say nothing again."""
    intent = _intent(desk, sleeve, symbol, qty, cause, price)
    outcome = consider(desk, intent, sleeve)
    if isinstance(outcome, Approved):
        submit(desk, outcome)
        return
    reasons = tuple(refusal.reason for refusal in outcome.refusals)
    if reasons != sleeve.exit_refusals.get(symbol):
        refuse(desk, intent, outcome.refusals)
        desk.do(ExitRefused(sleeve.account_id, sleeve.sleeve_id, symbol, reasons))


def _intent(
    desk: Desk, sleeve: Sleeve, symbol: Symbol, qty: int, cause: Cause, price: int | None
) -> OrderIntent:
    """Return the wish to sell; every one that is sent has a number of its own."""
    number = desk.next_cl_ord_id()
    return OrderIntent(
        IntentId(f"{sleeve.account_id}:{sleeve.sleeve_id}:{number}:{symbol}:{cause}"),
        sleeve.account_id,
        sleeve.sleeve_id,
        symbol,
        Side.SELL,
        Shares(qty),
        desk.now,
        price,
        purpose=Purpose.LIQUIDATE if cause is Cause.KILL else Purpose.REDUCE,
        cause=cause,
    )


def was_just_rejected(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> bool:
    """Whether the broker rejected a sale so lately that, sent now, it would again."""
    return desk.now < _rejection_over_at(desk, sleeve, symbol)


def _rejection_over_at(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> int:
    """
    Return from when on a sale may be sent after a rejection [ns]; gone by without one.

    A second later, and ever later while the exchange shows no prints, as in a halt of which
    nobody told: each try there is another rejection. The next print ends the wait.
    """
    rejected_at = sleeve.rejected_at.get(symbol)
    if rejected_at is None:
        return 0
    if desk.config.price_guard is None:  # a driver that leaves prints out
        return rejected_at + SECOND
    silence = rejected_at - desk.market.priced_at.get(symbol, rejected_at)
    return rejected_at + min(max(SECOND, silence // 4), _LONGEST_WAIT)


def send_at(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> int | None:
    """
    Return from when on an exit that nothing stands in the way of goes [ns].

    A rejection by the broker and a repetition are healed by waiting; None after any other
    refusal by the gate.
    """
    reasons = sleeve.exit_refusals.get(symbol)
    due = _rejection_over_at(desk, sleeve, symbol)
    if reasons is None:
        return due
    repeated = sleeve.repetitions.get(symbol)
    if reasons != (Reason.REPEATED_ORDER,) or repeated is None:
        return None
    return max(due, repeated.first_at + SECOND)


def ask_to_cancel(desk: Desk, order: Order) -> None:
    """Cancel what stands in the way of an exit; after a refusal ask again, a second later."""
    if order.cancel_at < 0 or desk.now - order.cancel_at >= SECOND:
        cancel(desk, order)


def ask_again_at(order: Order) -> int | None:
    """Return from when on a cancel is asked for [ns]; None while one is open."""
    if order.is_cancel_pending:
        return None
    return order.cancel_at if order.cancel_at < 0 else order.cancel_at + SECOND


_LONGEST_WAIT: Final = 30 * SECOND
_ALLOWED: Final = frozenset({Permission.ALLOW, Permission.WARN})

_MARKET: Final = OrdType.MARKET
_DAY: Final = TimeInForce.DAY
