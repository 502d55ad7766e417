"""Stop-loss and take-profit: the prices at which a position is left."""

from __future__ import annotations

from maemae.core.actions import FillBooked, ProtectionEnded, ProtectionSet
from maemae.core.desk import Desk
from maemae.core.orders import place
from maemae.core.state import Protection, Sleeve
from maemae.domain.ids import IntentId, Symbol
from maemae.domain.intent import MILLION, Everything, OrderIntent
from maemae.domain.order import Order
from maemae.domain.terms import OrdType, Purpose, Side, TimeInForce
from maemae.krx.order_types import accepts
from maemae.krx.status import Permission


def follow_fill(desk: Desk, order: Order, booked: FillBooked) -> None:
    """Guard what a buy brought, and stop guarding what is empty."""
    sleeve = desk.state.get_sleeve(booked.account_id, booked.sleeve_id)
    position = sleeve.positions.get(booked.symbol)
    guarded = booked.symbol in sleeve.protections
    if position is None:
        if guarded:
            desk.do(ProtectionEnded(booked.account_id, booked.sleeve_id, booked.symbol))
    elif booked.qty > 0 and (order.stop_loss is not None or order.take_profit is not None):
        stop_px = take_px = 0
        if order.stop_loss is not None:
            stop_px = position.cost * (MILLION - order.stop_loss) // (position.qty * MILLION)
        if order.take_profit is not None:
            take_px = -(-position.cost * (MILLION + order.take_profit) // (position.qty * MILLION))
        desk.do(
            ProtectionSet(
                booked.account_id, booked.sleeve_id, booked.symbol, max(0, stop_px), take_px
            )
        )


def watch(desk: Desk, symbol: Symbol, price: int) -> None:
    """Leave every position of the instrument whose price of leaving is reached."""
    guards = desk.state.guarded.get(symbol)
    if guards is None:
        return
    for key in tuple(guards):
        sleeve = desk.state.sleeves[key]
        reason = _reason_to_leave(sleeve.protections[symbol], price)
        if reason is not None:
            _leave(desk, sleeve, symbol, reason)


def _reason_to_leave(protection: Protection, price: int) -> str | None:
    if price <= protection.stop_px:
        return "STOP"
    return "TAKE" if 0 < protection.take_px <= price else None


def _leave(desk: Desk, sleeve: Sleeve, symbol: Symbol, reason: str) -> None:
    """Sell all that is sellable; while the exchange takes nothing, wait without a word."""
    if sleeve.sellable(symbol) <= 0:
        return
    if not accepts(desk.market.phase, OrdType.MARKET, TimeInForce.DAY):
        return
    if desk.market.permission(symbol, Side.SELL) not in {Permission.ALLOW, Permission.WARN}:
        return
    place(
        desk,
        OrderIntent(
            IntentId(f"{sleeve.account_id}:{sleeve.sleeve_id}:{desk.now}:{symbol}:{reason}"),
            sleeve.account_id,
            sleeve.sleeve_id,
            symbol,
            Side.SELL,
            Everything(),
            desk.now,
            purpose=Purpose.REDUCE,
        ),
    )
