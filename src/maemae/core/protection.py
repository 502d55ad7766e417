"""Stop-loss, take-profit and wishes to close that must wait: how a position is left."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from maemae.core import escalation, parents, trailing
from maemae.core.actions import (
    ExitStarted,
    FillBooked,
    ProtectionEnded,
    ProtectionSet,
    ProtectionTriggered,
)
from maemae.core.base_doubt import is_set_aside
from maemae.core.deadlines import cools_until, deadline
from maemae.core.desk import Desk
from maemae.core.doubt import tell_doubt
from maemae.core.escalation import BY_PRICE
from maemae.core.exits import ask_to_cancel, may_go, send_exit, was_just_rejected
from maemae.core.sizing import exit_size
from maemae.core.state import Protection, Sleeve
from maemae.domain.exit_terms import ExitTerms
from maemae.domain.ids import EXTERNAL_SLEEVE, Symbol
from maemae.domain.intent import MILLION, OrderIntent
from maemae.domain.order import Order
from maemae.domain.terms import Cause, OrdType, Side, TradingState


def follow_fill(desk: Desk, order: Order, booked: FillBooked) -> None:
    """Guard what a buy brought, and stop guarding what is empty."""
    asked = order.stop_loss is not None or order.take_profit is not None or order.exits is not None
    if not asked and booked.symbol not in desk.state.guarded:
        return
    sleeve = desk.state.get_sleeve(booked.account_id, booked.sleeve_id)
    if booked.symbol not in sleeve.positions:
        end_if_empty(desk, sleeve, booked.symbol)
    elif booked.qty > 0 and asked:
        _guard(desk, sleeve, booked, order)


def end_if_empty(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> None:
    """
    Stop guarding what is empty.

    A position that is being left stays so while an own buy can still bring shares.
    """
    guard = sleeve.protections.get(symbol)
    if guard is None or symbol in sleeve.positions:
        return
    if guard.leaving is None or symbol not in sleeve.buying:
        until = cools_until(desk.state.session_date, guard.cooldown)
        desk.do(ProtectionEnded(sleeve.account_id, sleeve.sleeve_id, symbol, until))


def _guard(desk: Desk, sleeve: Sleeve, booked: FillBooked, order: Order) -> None:
    """
    Guard at the order's distances from the average cost; what it does not name stays.

    A stop that follows the price is never lowered, and the first time stop holds.
    """
    symbol, exits = booked.symbol, order.exits or _NO_TERMS
    position, before = sleeve.positions[symbol], sleeve.protections.get(symbol, _UNGUARDED)
    stop_px, take_px = before.stop_px, before.take_px
    cost, qty = position.cost, position.qty
    if order.stop_loss is not None:
        stop_px = cost * (MILLION - order.stop_loss) // (qty * MILLION)
    elif exits.stop_won is not None:
        stop_px = cost // qty - exits.stop_won
    if order.take_profit is not None:
        take_px = -(-cost * (MILLION + order.take_profit) // (qty * MILLION))
    elif exits.take_won is not None:
        take_px = -(-cost // qty) + exits.take_won
    trail, leave_at = exits.trail or before.trail, before.leave_at
    if trail is not None:
        stop_px = max(stop_px, before.stop_px, trailing.stop_under(trail, booked.px))
    if exits.hold is not None and not leave_at:
        leave_at = deadline(exits.hold, booked.at)
    cooldown = exits.cooldown or before.cooldown
    guard = Protection(max(0, stop_px), take_px, None, 0, -1, trail, leave_at, cooldown)
    _set(desk, sleeve, symbol, guard)


def _set(desk: Desk, sleeve: Sleeve, symbol: Symbol, guard: Protection) -> None:
    desk.do(
        ProtectionSet(
            sleeve.account_id,
            sleeve.sleeve_id,
            symbol,
            guard.stop_px,
            guard.take_px,
            guard.trail,
            guard.leave_at,
            guard.cooldown,
        )
    )


def watch(desk: Desk, symbol: Symbol, price: int) -> None:
    """Leave every position of the instrument whose price of leaving is reached."""
    guards = desk.state.guarded.get(symbol)
    if guards is None:
        return
    for key in tuple(guards):
        sleeve = desk.state.sleeves[key]
        guard = sleeve.protections[symbol]
        if desk.state.base_doubts and is_set_aside(desk, sleeve, symbol):
            continue
        # A stop or target that is reached overrides a close() that waits: it also cancels what
        # stands in its way.
        cause = None if guard.leaving in BY_PRICE else _reached(guard, price)
        if cause is not None:
            _trigger(desk, sleeve, symbol, cause)
        elif guard.leaving is None:
            if guard.trail is not None:
                _lift(desk, sleeve, symbol, price)
            continue
        _leave(desk, sleeve, symbol)


def _trigger(desk: Desk, sleeve: Sleeve, symbol: Symbol, cause: Cause) -> None:
    """Begin to leave a position; nothing adds to it any more."""
    desk.do(ProtectionTriggered(sleeve.account_id, sleeve.sleeve_id, symbol, cause))
    if desk.state.parents:
        parents.stop_opening(desk, sleeve, symbol)


def _lift(desk: Desk, sleeve: Sleeve, symbol: Symbol, price: int) -> None:
    """Let a trailing stop follow the price up."""
    guard = sleeve.protections[symbol]
    if guard.trail is not None:
        stop_px = trailing.stop_under(guard.trail, price)
        if stop_px > guard.stop_px:
            _set(desk, sleeve, symbol, replace(guard, stop_px=stop_px))


def expire(desk: Desk, symbol: Symbol) -> None:
    """Leave every position of the instrument that has been held for as long as it was to be."""
    for key in tuple(desk.state.guarded.get(symbol, ())):
        sleeve = desk.state.sleeves[key]
        guard = sleeve.protections[symbol]
        if guard.leaving is None and 0 < guard.leave_at <= desk.now:
            _trigger(desk, sleeve, symbol, Cause.TIME)
            _leave(desk, sleeve, symbol)


def retry(desk: Desk, symbol: Symbol) -> None:
    """Look at the last price again: what stood in the way of an exit may be gone."""
    price = desk.market.prices.get(symbol)
    if price is not None:
        watch(desk, symbol, price)
    else:
        go_on(desk, symbol)


def go_on(desk: Desk, symbol: Symbol) -> None:
    """Go on leaving what is being left, whatever the price; nothing new is set off."""
    for key in tuple(desk.state.guarded.get(symbol, ())):
        sleeve = desk.state.sleeves[key]
        if sleeve.protections[symbol].leaving is not None:
            _leave(desk, sleeve, symbol)


def close(desk: Desk, intent: OrderIntent, sleeve: Sleeve) -> None:
    """Leave a position once the own buys of it are gone."""
    desk.do(
        ExitStarted(
            intent.intent_id, sleeve.account_id, sleeve.sleeve_id, intent.symbol, intent.cause
        )
    )
    _leave(desk, sleeve, intent.symbol)


def _reached(protection: Protection, price: int) -> Cause | None:
    if price <= protection.stop_px:
        return Cause.STOP
    return Cause.TAKE if 0 < protection.take_px <= price else None


def _leave(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> None:
    """
    Sell all that is sellable; while the exchange takes nothing, wait without a word.

    While trading is halted nothing is cleared away: the exit could not take its place.
    """
    if not may_go(desk, symbol):
        return
    tell_doubt(desk, sleeve, symbol)
    guard, is_clear = sleeve.protections[symbol], True
    if desk.state.trading_state is not TradingState.HALTED:
        guard = escalation.advance(desk, sleeve, symbol)
        is_clear = _clear_the_way(desk, sleeve, symbol, guard)
    qty = exit_size(desk, sleeve, symbol)
    if qty <= 0 or not is_clear or was_just_rejected(desk, sleeve, symbol):
        return
    if guard.leaving is not None:
        price = escalation.exit_price(desk, sleeve, symbol, guard)
        send_exit(desk, sleeve, symbol, qty, guard.leaving, price)


def _clear_the_way(desk: Desk, sleeve: Sleeve, symbol: Symbol, guard: Protection) -> bool:
    """
    Cancel what an exit could trade with, and resting sales that hold its shares.

    Returns:
        Whether no buy is left; while one is, the exit waits for its cancel.
    """
    is_clear = True
    for order in in_the_way(desk, sleeve, symbol, guard):
        is_clear = is_clear and order.side is Side.SELL
        ask_to_cancel(desk, order)
    return is_clear


def in_the_way(desk: Desk, sleeve: Sleeve, symbol: Symbol, guard: Protection) -> list[Order]:
    """
    Return the orders that an exit must wait for or that hold its shares.

    Buys of any sleeve, but for a wish to close only its own: orders of two strategies that
    could meet are for people. Own limit sales, but for the exit itself, and sales from
    elsewhere where they hold more than is theirs. An order in doubt is left to its own
    protocol: nobody stays without a stop for its sake.
    """
    is_short = desk.state.sellable(sleeve, symbol) < sleeve.sellable(symbol)
    found = []
    for number in desk.state.working.get(symbol, ()):
        order = desk.state.orders[number]
        if desk.state.is_in_doubt(order):
            continue
        mine = (order.account_id, order.sleeve_id) == (sleeve.account_id, sleeve.sleeve_id)
        if order.side is Side.BUY:
            stands = mine or guard.leaving in BY_PRICE
        elif mine:
            is_resting = order.ord_type is OrdType.LIMIT
            stands = is_resting and not escalation.is_of_rung(guard, order)
        else:
            is_theirs = order.account_id == sleeve.account_id
            stands = is_short and is_theirs and order.sleeve_id == EXTERNAL_SLEEVE
        if stands:
            found.append(order)
    return found


_NO_TERMS: Final = ExitTerms()
_UNGUARDED: Final = Protection(0, 0)
