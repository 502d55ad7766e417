"""The kill switch: stop new risk, cancel everything, empty the book."""

from __future__ import annotations

from maemae.core.actions import IntentReleased, KillChanged, RebalanceEnded
from maemae.core.desk import Desk
from maemae.core.events import KillLevel, KillSet
from maemae.core.orders import cancel, place
from maemae.domain.ids import IntentId
from maemae.domain.intent import Everything, OrderIntent
from maemae.domain.terms import OrdType, Purpose, Side, TimeInForce
from maemae.krx.order_types import accepts
from maemae.krx.status import Permission

_CANCELS = frozenset({KillLevel.CANCEL_ALL, KillLevel.LIQUIDATE})


def take_kill(desk: Desk, event: KillSet) -> None:
    """Move the kill switch; cancels go out before anything is sold."""
    desk.do(KillChanged(event.level, event.reason))
    if event.level is KillLevel.OFF:
        return
    for intent in tuple(desk.state.parked):
        desk.do(IntentReleased(intent.intent_id))
    for sleeve in desk.state.sleeves.values():
        if sleeve.rebalance is not None:
            desk.do(RebalanceEnded(sleeve.account_id, sleeve.sleeve_id))
    if event.level in _CANCELS:
        for numbers in tuple(desk.state.working.values()):
            for number in tuple(numbers):
                cancel(desk, desk.state.orders[number])
    liquidate(desk)


def liquidate(desk: Desk) -> None:
    """
    Sell what can be sold, once nothing of the instrument is working any more.

    Called again after every report and phase, so that what could not be sold now goes later.
    """
    if desk.state.kill is not KillLevel.LIQUIDATE:
        return
    if not accepts(desk.market.phase, OrdType.MARKET, TimeInForce.DAY):
        return
    for sleeve in desk.state.sleeves.values():
        for symbol in tuple(sleeve.positions):
            blocked = desk.market.permission(symbol, Side.SELL) is not Permission.ALLOW
            if blocked or symbol in desk.state.working or sleeve.sellable(symbol) <= 0:
                continue
            place(
                desk,
                OrderIntent(
                    IntentId(f"{sleeve.account_id}:{sleeve.sleeve_id}:{desk.now}:{symbol}:KILL"),
                    sleeve.account_id,
                    sleeve.sleeve_id,
                    symbol,
                    Side.SELL,
                    Everything(),
                    desk.now,
                    purpose=Purpose.LIQUIDATE,
                ),
            )
