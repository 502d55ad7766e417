"""The kill switch: stop new risk, cancel everything, empty the book."""

from __future__ import annotations

from typing import Final

from maemae.core import parents
from maemae.core.actions import IntentReleased, KillChanged, RebalanceEnded
from maemae.core.cancels import CANCELS
from maemae.core.desk import Desk
from maemae.core.doubt import tell_doubt
from maemae.core.events import KillLevel, KillSet
from maemae.core.exits import ask_to_cancel, may_go, send_exit, was_just_rejected
from maemae.core.orders import cancel
from maemae.core.sizing import exit_size
from maemae.core.state import Sleeve
from maemae.domain.ids import EXTERNAL_SLEEVE, Symbol
from maemae.domain.intent import OrderIntent, TargetWeights
from maemae.domain.order import Order
from maemae.domain.terms import Cause, OrdType, Purpose, Side, TradingState

_RANKS = {level: rank for rank, level in enumerate(KillLevel)}
_HALTED: Final = TradingState.HALTED
_LIQUIDATE: Final = KillLevel.LIQUIDATE


def take_kill(desk: Desk, event: KillSet) -> None:
    """
    Move the kill switch; cancels go out before anything is sold.

    Until it is released it only rises: a milder press must not stop what a harder one began.
    """
    if event.level is KillLevel.OFF:
        desk.do(KillChanged(KillLevel.OFF, event.reason))
        return
    level = max(desk.state.kill, event.level, key=_RANKS.__getitem__)
    desk.do(KillChanged(level, event.reason))
    for intent in tuple(desk.state.parked):
        if level in CANCELS or not _is_exit(intent):
            desk.do(IntentReleased(intent.intent_id))
    if desk.state.parents:
        parents.kill(desk, level)
    for rebalance in tuple(desk.state.rebalances.values()):
        desk.do(RebalanceEnded(rebalance.intent.account_id, rebalance.intent.sleeve_id))
    if level in CANCELS:
        for numbers in tuple(desk.state.working.values()):
            for number in tuple(numbers):
                cancel(desk, desk.state.orders[number])
    liquidate(desk)


def _is_exit(intent: OrderIntent | TargetWeights) -> bool:
    return isinstance(intent, OrderIntent) and intent.side is Side.SELL


def liquidate(desk: Desk) -> None:
    """
    Sell what can be sold, once nothing of the instrument is working any more.

    Called again after every report, phase and news of an instrument and as time passes, so
    that what could not be sold now goes later. What came to the account by another way
    (EXTERNAL) is its owner's to sell.
    """
    if desk.state.kill is not _LIQUIDATE:
        return
    for sleeve, symbol in to_sell(desk):
        tell_doubt(desk, sleeve, symbol)
        orders = in_the_way(desk, sleeve, symbol)
        for order in orders:
            if is_to_cancel(order):
                ask_to_cancel(desk, order)
        qty = exit_size(desk, sleeve, symbol)
        if qty > 0 and not orders and not was_just_rejected(desk, sleeve, symbol):
            send_exit(desk, sleeve, symbol, qty, Cause.KILL)


def to_sell(desk: Desk) -> list[tuple[Sleeve, Symbol]]:
    """
    Return every position that the kill switch empties and the exchange takes now.

    None while the ceiling is HALTED: the broker's truth is not known yet, and what the book
    holds may be sold already.
    """
    if desk.state.kill is not _LIQUIDATE or desk.state.ceiling is _HALTED:
        return []
    return [
        (sleeve, symbol)
        for sleeve in desk.state.sleeves.values()
        if sleeve.sleeve_id != EXTERNAL_SLEEVE
        for symbol in sleeve.positions
        if may_go(desk, symbol)
    ]


def in_the_way(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> list[Order]:
    """Return what works in the instrument for the account; what is in doubt is left alone."""
    orders = (desk.state.orders[number] for number in desk.state.working.get(symbol, ()))
    return [
        order
        for order in orders
        if order.account_id == sleeve.account_id and not desk.state.is_in_doubt(order)
    ]


def is_to_cancel(order: Order) -> bool:
    """Whether liquidation waits for the cancel of an order, and not for its fills."""
    if order.purpose is Purpose.LIQUIDATE:
        return False
    return order.ord_type is OrdType.LIMIT or order.cancel_at >= 0
