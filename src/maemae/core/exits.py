"""Exits that the core itself sends: guards and the kill switch."""

from __future__ import annotations

from maemae.core.actions import ExitRefused
from maemae.core.desk import Desk
from maemae.core.gate import Approved
from maemae.core.orders import consider, refuse, submit
from maemae.core.state import Sleeve
from maemae.domain.ids import IntentId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.terms import Cause, Purpose, Side


def exit_intent(desk: Desk, sleeve: Sleeve, symbol: Symbol, qty: int, cause: Cause) -> OrderIntent:
    """Return the wish to sell at market; every one that is sent has a number of its own."""
    number = desk.next_cl_ord_id()
    return OrderIntent(
        IntentId(f"{sleeve.account_id}:{sleeve.sleeve_id}:{number}:{symbol}:{cause}"),
        sleeve.account_id,
        sleeve.sleeve_id,
        symbol,
        Side.SELL,
        Shares(qty),
        desk.now,
        purpose=Purpose.LIQUIDATE if cause is Cause.KILL else Purpose.REDUCE,
        cause=cause,
    )


def send_exit(desk: Desk, sleeve: Sleeve, symbol: Symbol, qty: int, cause: Cause) -> None:
    """Send an exit; if the gate refuses it for the same reasons as before, say nothing again."""
    intent = exit_intent(desk, sleeve, symbol, qty, cause)
    outcome = consider(desk, intent, sleeve)
    if isinstance(outcome, Approved):
        submit(desk, outcome)
        return
    reasons = tuple(refusal.reason for refusal in outcome.refusals)
    if reasons != sleeve.exit_refusals.get(symbol):
        refuse(desk, intent, outcome.refusals)
        desk.do(ExitRefused(sleeve.account_id, sleeve.sleeve_id, symbol, reasons))


def was_just_rejected(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> bool:
    """Whether the broker rejected a sale less than a second ago: sent now, it would again."""
    rejected_at = sleeve.rejected_at.get(symbol)
    return rejected_at is not None and desk.now - rejected_at < SECOND
