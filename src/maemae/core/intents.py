"""Intents as they come in: carried out, parked until the market opens, or begun as an exit."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from maemae.core import parents, protection
from maemae.core.actions import IntentParked, IntentReleased
from maemae.core.desk import Desk
from maemae.core.gate import Refused
from maemae.core.orders import consider, is_known, is_stale, place, refuse
from maemae.domain.intent import Everything, OrderIntent
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import OrdType, Purpose, Side
from maemae.krx.session import is_regular


def take_intent(desk: Desk, intent: OrderIntent) -> None:
    """Place an order for a wish seen for the first time, or park it until the market opens."""
    if is_known(desk, intent.intent_id):
        return
    if is_stale(desk, intent.at):
        refuse(desk, intent, (Refusal(Reason.INTENT_EXPIRED),))
        return
    intent = without_privilege(intent)
    if is_regular(desk.market.phase):
        _carry_out(desk, intent)
    else:
        desk.do(IntentParked(intent))


def release(desk: Desk, intent: OrderIntent) -> None:
    """Place an order for a wish that waited for the market to open, unless it waited too long."""
    desk.do(IntentReleased(intent.intent_id))
    if is_stale(desk, intent.at):
        refuse(desk, intent, (Refusal(Reason.INTENT_EXPIRED),))
    else:
        _carry_out(desk, intent)


def is_exit(desk: Desk, intent: OrderIntent) -> bool:
    """Whether a wish to close is to go as an exit, which first takes its own buys back."""
    if not isinstance(intent.size, Everything) or intent.ord_type is not _MARKET:
        return False
    sleeve = desk.state.find_sleeve(intent.account_id, intent.sleeve_id)
    if sleeve is None or intent.symbol not in sleeve.buying:
        return False
    outcome = consider(desk, intent, sleeve)
    return isinstance(outcome, Refused) and _may_wait(desk, intent, outcome)


def without_privilege(intent: OrderIntent) -> OrderIntent:
    """Return a wish that skips no check: the kill switch alone does."""
    if intent.purpose is _LIQUIDATE:
        return replace(intent, purpose=Purpose.REDUCE)
    return intent


def _carry_out(desk: Desk, intent: OrderIntent) -> None:
    if desk.state.parents and isinstance(intent.size, Everything):
        sleeve = desk.state.find_sleeve(intent.account_id, intent.sleeve_id)
        if sleeve is not None:
            parents.stop_opening(desk, sleeve, intent.symbol)
    if is_exit(desk, intent):
        sleeve = desk.state.get_sleeve(intent.account_id, intent.sleeve_id)
        protection.close(desk, intent, sleeve)
    else:
        place(desk, intent)


def _may_wait(desk: Desk, intent: OrderIntent, refused: Refused) -> bool:
    """
    Whether nothing but own buys keeps a wish to close from being carried out.

    An order of another strategy that it could meet is for people, and it is refused.
    """
    if not {refusal.reason for refusal in refused.refusals} <= _HEALED:
        return False
    orders = (desk.state.orders[number] for number in desk.state.working[intent.symbol])
    return all(
        (order.account_id, order.sleeve_id) == (intent.account_id, intent.sleeve_id)
        for order in orders
        if order.side is Side.BUY and not desk.state.is_in_doubt(order)
    )


_HEALED: Final = frozenset({Reason.SELF_TRADE, Reason.QTY_NOT_POSITIVE})
"""What is over once the own buys are gone, and what they or a resting sale held is free."""

_MARKET: Final = OrdType.MARKET
_LIQUIDATE: Final = Purpose.LIQUIDATE
