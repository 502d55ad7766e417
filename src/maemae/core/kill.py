"""The kill switch: stop new risk, cancel everything, empty the book."""

from __future__ import annotations

from typing import Final

from maemae.core.actions import IntentReleased, KillChanged, RebalanceEnded
from maemae.core.desk import Desk
from maemae.core.events import KillLevel, KillSet
from maemae.core.orders import cancel, place
from maemae.core.sizing import exit_size
from maemae.domain.ids import IntentId
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.terms import OrdType, Purpose, Side, TimeInForce
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
        desk.do(IntentReleased(intent.intent_id))
    for rebalance in tuple(desk.state.rebalances.values()):
        desk.do(RebalanceEnded(rebalance.intent.account_id, rebalance.intent.sleeve_id))
    if level in _CANCELS:
        for numbers in tuple(desk.state.working.values()):
            for number in tuple(numbers):
                cancel(desk, desk.state.orders[number])
    liquidate(desk)


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
            answer = desk.market.permission(symbol, Side.SELL)
            qty = exit_size(desk, sleeve, symbol)
            blocked = answer not in {Permission.ALLOW, Permission.WARN}
            if blocked or symbol in desk.state.working or qty <= 0:
                continue
            place(
                desk,
                OrderIntent(
                    IntentId(f"{sleeve.account_id}:{sleeve.sleeve_id}:{desk.now}:{symbol}:KILL"),
                    sleeve.account_id,
                    sleeve.sleeve_id,
                    symbol,
                    Side.SELL,
                    Shares(qty),
                    desk.now,
                    purpose=Purpose.LIQUIDATE,
                ),
            )
