"""The kill switch: stop new risk, cancel everything, empty the book."""

from __future__ import annotations

from typing import Final

from maemae.core.actions import IntentReleased, KillChanged, RebalanceEnded
from maemae.core.desk import Desk
from maemae.core.events import KillLevel, KillSet
from maemae.core.exits import send_exit, was_just_rejected
from maemae.core.orders import cancel
from maemae.core.sizing import exit_size
from maemae.core.state import Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.intent import OrderIntent, TargetWeights
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import Cause, OrdType, Side, TimeInForce
from maemae.krx.order_types import accepts
from maemae.krx.status import Permission

_RANKS = {level: rank for rank, level in enumerate(KillLevel)}
_CANCELS = frozenset({KillLevel.CANCEL_ALL, KillLevel.LIQUIDATE})
_LIQUIDATE: Final = KillLevel.LIQUIDATE  # 3.11 looks a member up on its enumeration slowly


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
        if level in _CANCELS or not _is_exit(intent):
            desk.do(IntentReleased(intent.intent_id))
    for rebalance in tuple(desk.state.rebalances.values()):
        desk.do(RebalanceEnded(rebalance.intent.account_id, rebalance.intent.sleeve_id))
    if level in _CANCELS:
        for numbers in tuple(desk.state.working.values()):
            for number in tuple(numbers):
                cancel(desk, desk.state.orders[number])
    liquidate(desk)


def _is_exit(intent: OrderIntent | TargetWeights) -> bool:
    return isinstance(intent, OrderIntent) and intent.side is Side.SELL


def liquidate(desk: Desk) -> None:
    """
    Sell what can be sold, once nothing of the instrument is working any more.

    Called again after every report, phase and news of an instrument, so that what could not
    be sold now goes later.
    """
    if desk.state.kill is not _LIQUIDATE:
        return
    if not accepts(desk.market.phase, OrdType.MARKET, TimeInForce.DAY):
        return
    for sleeve in desk.state.sleeves.values():
        for symbol in tuple(sleeve.positions):
            if _can_go(desk, sleeve, symbol):
                qty = exit_size(desk, sleeve, symbol)
                if qty > 0:
                    send_exit(desk, sleeve, symbol, qty, Cause.KILL)


def _can_go(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> bool:
    """Whether nothing of the account works in the instrument, and it may be sold now."""
    if was_just_rejected(desk, sleeve, symbol):
        return False
    for number in desk.state.working.get(symbol, ()):
        order = desk.state.orders[number]
        if order.account_id == sleeve.account_id and order.standing is not OrderStatus.UNKNOWN:
            return False
    return desk.market.permission(symbol, Side.SELL) in {Permission.ALLOW, Permission.WARN}
