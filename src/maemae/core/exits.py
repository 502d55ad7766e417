"""Exits that the core itself sends: guards and the kill switch."""

from __future__ import annotations

from maemae.core.desk import Desk
from maemae.core.state import Sleeve
from maemae.domain.ids import IntentId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.terms import Cause, Purpose, Side


def exit_intent(desk: Desk, sleeve: Sleeve, symbol: Symbol, qty: int, cause: Cause) -> OrderIntent:
    """Return the wish to sell at market; its number is new each time, also within an instant."""
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


def was_just_rejected(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> bool:
    """Whether the broker rejected a sale less than a second ago: sent now, it would again."""
    rejected_at = sleeve.rejected_at.get(symbol)
    return rejected_at is not None and desk.now - rejected_at < SECOND
