"""Stop-loss and take-profit: the prices at which a position is left."""

from __future__ import annotations

from maemae.core.actions import (
    FillBooked,
    ProtectionEnded,
    ProtectionSet,
    ProtectionTriggered,
)
from maemae.core.desk import Desk
from maemae.core.exits import send_exit, was_just_rejected
from maemae.core.orders import cancel
from maemae.core.sizing import exit_size
from maemae.core.state import Protection, Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import Cause, OrdType, Side, TimeInForce
from maemae.krx.order_types import accepts
from maemae.krx.status import Permission


def follow_fill(desk: Desk, order: Order, booked: FillBooked) -> None:
    """Guard what a buy brought, and stop guarding what is empty."""
    asked = order.stop_loss is not None or order.take_profit is not None
    if not asked and booked.symbol not in desk.state.guarded:
        return
    sleeve = desk.state.get_sleeve(booked.account_id, booked.sleeve_id)
    position = sleeve.positions.get(booked.symbol)
    guarded = booked.symbol in sleeve.protections
    if position is None:
        if guarded:
            desk.do(ProtectionEnded(booked.account_id, booked.sleeve_id, booked.symbol))
    elif booked.qty > 0 and asked:
        _guard(desk, sleeve, booked.symbol, order)


def _guard(desk: Desk, sleeve: Sleeve, symbol: Symbol, order: Order) -> None:
    """Guard at the order's distances from the average cost; what it does not name stays."""
    position, before = sleeve.positions[symbol], sleeve.protections.get(symbol)
    stop_px, take_px = (0, 0) if before is None else (before.stop_px, before.take_px)
    if order.stop_loss is not None:
        stop_px = position.cost * (MILLION - order.stop_loss) // (position.qty * MILLION)
    if order.take_profit is not None:
        take_px = -(-position.cost * (MILLION + order.take_profit) // (position.qty * MILLION))
    desk.do(ProtectionSet(sleeve.account_id, sleeve.sleeve_id, symbol, max(0, stop_px), take_px))


def watch(desk: Desk, symbol: Symbol, price: int) -> None:
    """Leave every position of the instrument whose price of leaving is reached."""
    guards = desk.state.guarded.get(symbol)
    if guards is None:
        return
    for key in tuple(guards):
        sleeve = desk.state.sleeves[key]
        guard = sleeve.protections[symbol]
        if guard.leaving is not None:
            _leave(desk, sleeve, symbol, guard.leaving)
        elif (cause := _reached(guard, price)) is not None:
            desk.do(ProtectionTriggered(sleeve.account_id, sleeve.sleeve_id, symbol, cause))
            _leave(desk, sleeve, symbol, cause)


def retry(desk: Desk, symbol: Symbol) -> None:
    """Look at the last price again: what stood in the way of an exit may be gone."""
    price = desk.market.prices.get(symbol)
    if price is not None:
        watch(desk, symbol, price)


def _reached(protection: Protection, price: int) -> Cause | None:
    if price <= protection.stop_px:
        return Cause.STOP
    return Cause.TAKE if 0 < protection.take_px <= price else None


def _leave(desk: Desk, sleeve: Sleeve, symbol: Symbol, cause: Cause) -> None:
    """Sell all that is sellable; while the exchange takes nothing, wait without a word."""
    if not accepts(desk.market.phase, OrdType.MARKET, TimeInForce.DAY):
        return
    if desk.market.permission(symbol, Side.SELL) not in {Permission.ALLOW, Permission.WARN}:
        return
    is_clear = _clear_the_way(desk, sleeve, symbol)
    qty = exit_size(desk, sleeve, symbol)
    if qty <= 0 or not is_clear or was_just_rejected(desk, sleeve, symbol):
        return
    send_exit(desk, sleeve, symbol, qty, cause)


def _clear_the_way(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> bool:
    """
    Cancel what an exit could trade with, and resting sales that hold its shares.

    An order in doubt is left to its own protocol: nobody stays without a stop for its sake.

    Returns:
        Whether no buy is left; while one is, the exit waits for its cancel.
    """
    is_clear = True
    for number in tuple(desk.state.working.get(symbol, ())):
        order = desk.state.orders[number]
        if order.standing is OrderStatus.UNKNOWN:
            continue
        mine = (order.account_id, order.sleeve_id) == (sleeve.account_id, sleeve.sleeve_id)
        is_buy = order.side is Side.BUY
        is_clear = is_clear and not is_buy
        rests = is_buy or (mine and order.ord_type is OrdType.LIMIT)
        if rests and (order.cancel_at < 0 or desk.now - order.cancel_at >= SECOND):
            cancel(desk, order)
    return is_clear
