"""
Parent orders: conditional, scheduled and split ones, sent part by part by the core itself.

A parent waits while the market is closed, its instrument is halted or trading may not take
it, and goes on by itself; its parts pass the gate like any other order. One that opens ends
when its position is being left and when the kill switch is pressed; one that sells only by
the harder levels of the switch, so that exits go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from maemae.core import orders, sizing
from maemae.core.allocation import allocate
from maemae.core.desk import Desk
from maemae.core.events import KillLevel
from maemae.core.gate import Refused
from maemae.core.orders import consider, is_known, is_stale, place, refuse
from maemae.core.parent_facts import (
    ParentBegun,
    ParentEnd,
    ParentEnded,
    ParentStarted,
    ParentTaken,
    Part,
    SliceEnded,
    SliceSent,
)
from maemae.core.state import Parent, Sleeve
from maemae.domain.ids import ClOrdId, IntentId, Symbol
from maemae.domain.intent import (
    MILLION,
    CancelIntent,
    Cash,
    OrderIntent,
    ParentIntent,
    Risk,
    Shares,
    Weight,
    WithdrawIntent,
)
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.parent import Slice
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Purpose, TradingState
from maemae.krx.session import is_regular
from maemae.krx.status import InstrumentState, Permission


def take_parent(desk: Desk, intent: ParentIntent) -> None:
    """Take a parent order seen for the first time, and begin it if it may."""
    if is_known(desk, intent.intent_id):
        return
    reason = _reason_against(desk, intent)
    if reason is not None:
        refuse(desk, intent.order, (Refusal(reason),))
        return
    desk.do(ParentTaken(replace(intent, order=_settled(desk, intent.order))))
    _advance(desk, intent.intent_id)


def _settled(desk: Desk, order: OrderIntent) -> OrderIntent:
    """
    Return a wish that skips no check, and whose weight is a share of the equity of now.

    When its price comes, not all that is held need have a price of that instant.
    """
    if order.purpose is Purpose.LIQUIDATE:
        order = replace(order, purpose=Purpose.REDUCE)
    sleeve = desk.state.get_sleeve(order.account_id, order.sleeve_id)
    equity = desk.market.equity(sleeve)
    if isinstance(order.size, Weight) and equity is not None:
        return replace(order, size=Cash(max(1, equity * order.size.ppm // MILLION)))
    if isinstance(order.size, Risk) and equity is not None and not order.size.won:
        return replace(order, size=Risk(won=max(1, equity * order.size.ppm // MILLION)))
    return order


def _reason_against(desk: Desk, intent: ParentIntent) -> Reason | None:
    if desk.state.find_sleeve(intent.account_id, intent.sleeve_id) is None:
        return Reason.UNKNOWN_ACCOUNT
    if is_stale(desk, intent.at):
        return Reason.INTENT_EXPIRED
    if desk.state.kill is not KillLevel.OFF and _ends_by(desk.state.kill, intent):
        return Reason.KILLED
    return None


def take_withdrawal(desk: Desk, intent: WithdrawIntent) -> None:
    """Take back every parent order of an instrument, and cancel what of them works."""
    sleeve = desk.state.find_sleeve(intent.account_id, intent.sleeve_id)
    if sleeve is not None:
        for parent in _of_position(desk, sleeve, intent.symbol):
            withdraw(desk, parent)


def withdraw(desk: Desk, parent: Parent) -> None:
    """Take back a parent order, and cancel what of it works."""
    _end(desk, parent, ParentEnd.WITHDRAWN, is_canceled=True)


def take_cancel(desk: Desk, intent: CancelIntent) -> None:
    """Cancel an order; one that is part of a parent takes the whole of it back."""
    intent_id = desk.state.children.get(intent.cl_ord_id) if desk.state.children else None
    if intent_id is None:
        orders.take_cancel(desk, intent)
    else:
        withdraw(desk, desk.state.parents[intent_id])


def advance_all(desk: Desk) -> None:
    """Send whatever may go now, oldest parent first."""
    for intent_id in tuple(desk.state.parents):
        _advance(desk, intent_id)


def see_price(desk: Desk, symbol: Symbol) -> None:
    """Send what waited for a price of the instrument: for that one, or for any."""
    for intent_id, parent in tuple(desk.state.parents.items()):
        if parent.intent.symbol == symbol:
            _advance(desk, intent_id)


def levels(desk: Desk, symbol: Symbol) -> tuple[int, int]:
    """Return the highest price to fall to and the lowest to rise to [won]; 0 for none."""
    below = above = 0
    for intent_id in desk.state.crossings.get(symbol, ()):
        crossing = desk.state.parents[intent_id].intent.crossing
        if crossing is None:
            continue
        if crossing.above:
            above = min(above, crossing.price) if above else crossing.price
        else:
            below = max(below, crossing.price)
    return below, above


def follow_close(desk: Desk, order: Order) -> None:
    """Count an order that has closed in its parent, and send what waited for it."""
    intent_id = desk.state.children[order.cl_ord_id]
    parent = desk.state.parents[intent_id]
    left = max(0, order.order_qty - order.cum_qty)
    goes_on = order.status is OrderStatus.EXPIRED and parent.sessions > 1
    desk.do(SliceEnded(order.cl_ord_id, order.cum_qty, left if goes_on else 0))
    _advance(desk, intent_id)


def stop_opening(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> None:
    """End what would add to a position that is being left; its orders are the exit's to clear."""
    for parent in _of_position(desk, sleeve, symbol):
        if parent.intent.opens:
            _end(desk, parent, ParentEnd.LEFT)


def kill(desk: Desk, level: KillLevel) -> None:
    """End what a level of the kill switch ends."""
    for parent in tuple(desk.state.parents.values()):
        if _ends_by(level, parent.intent):
            _end(desk, parent, ParentEnd.KILLED)


def expire(desk: Desk) -> None:
    """End what has no session left."""
    for parent in tuple(desk.state.parents.values()):
        if parent.sessions <= 0:
            _end(desk, parent, ParentEnd.EXPIRED)


def void(desk: Desk, symbol: Symbol) -> None:
    """End every parent of an instrument whose shares are not what they were."""
    for parent in tuple(desk.state.parents.values()):
        if parent.intent.symbol == symbol:
            _end(desk, parent, ParentEnd.RESTATED)


def instants(desk: Desk) -> Iterator[int]:
    """Yield when the clock alone sends anything; what is due already has an instant gone by."""
    for parent in desk.state.parents.values():
        if not _may_go(desk, parent.intent):
            continue
        at = parent.next_at
        if _is_ready(desk, parent):
            yield desk.now
        elif at is not None and at > desk.now:
            yield at


def _is_ready(desk: Desk, parent: Parent) -> bool:
    """Whether a parent that may go would do something now."""
    if not parent.is_begun:
        return True
    return _is_due(desk, parent) if parent.parts else _is_reached(desk, parent.intent)


def _ends_by(level: KillLevel, intent: ParentIntent) -> bool:
    return intent.opens or level in _HARD


def _of_position(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> list[Parent]:
    owner = (sleeve.account_id, sleeve.sleeve_id, symbol)
    return [
        parent
        for parent in desk.state.parents.values()
        if (parent.intent.account_id, parent.intent.sleeve_id, parent.intent.symbol) == owner
    ]


def _may_go(desk: Desk, intent: ParentIntent) -> bool:
    """
    Whether market and trading take its orders now; it waits without a word otherwise.

    What takes new risk waits for a price of now, as after an opening or a silence of the feed.
    """
    if not is_regular(desk.market.phase):
        return False
    state = desk.state.trading_state
    if state is not TradingState.ACTIVE and (intent.opens or state is TradingState.HALTED):
        return False
    if _stands_still(desk, intent):
        return False
    return not intent.opens or _is_priced(desk, intent)


def _stands_still(desk: Desk, intent: ParentIntent) -> bool:
    """Whether the instrument is halted or interrupted, which ends by itself."""
    told = desk.market.instruments.get(intent.symbol)
    if told is None or not told.states:
        return False
    if InstrumentState.HALTED in told.states:
        return True
    return desk.market.permission(intent.symbol, intent.order.side) is Permission.WAIT


def _is_priced(desk: Desk, intent: ParentIntent) -> bool:
    limits = desk.state.get_sleeve(intent.account_id, intent.sleeve_id).limits
    priced_at = desk.market.priced_at.get(intent.symbol)
    if priced_at is None:
        return False
    return desk.market.is_auction or desk.now - priced_at <= limits.max_price_age


def _is_reached(desk: Desk, intent: ParentIntent) -> bool:
    if intent.crossing is None:
        return desk.now >= intent.starts_at
    price = desk.market.prices.get(intent.symbol)
    return price is not None and intent.crossing.is_reached(price)


def _advance(desk: Desk, intent_id: IntentId) -> None:
    """Take a parent as far as it goes now."""
    parent = desk.state.parents.get(intent_id)
    if parent is None or not _may_go(desk, parent.intent):
        return
    if not parent.is_begun:
        desk.do(ParentBegun(intent_id))
    if not parent.parts and not (_is_reached(desk, parent.intent) and _start(desk, parent.intent)):
        return
    while _is_due(desk, parent := desk.state.parents[intent_id]):
        _send(desk, parent)
    if parent.sent == len(parent.parts) and not parent.working:
        _end(desk, parent, ParentEnd.DONE)


def _start(desk: Desk, intent: ParentIntent) -> bool:
    """Size a parent and divide it; return False if it comes to nothing."""
    sleeve = desk.state.get_sleeve(intent.account_id, intent.sleeve_id)
    prices = [_price(desk, intent, each) for each in intent.slices]
    whole = replace(intent.order, at=desk.now)
    if prices[0] is not None:
        dearest = max(price for price in prices if price is not None)
        whole = replace(whole, price=dearest, within=None)
    reserve_px = sizing.reserve_price(desk, whole, sizing.limit_price(desk, whole))
    total = sizing.shares(desk, whole, sleeve, reserve_px)
    if total < 1:
        outcome = consider(desk, whole, sleeve)
        if isinstance(outcome, Refused):  # no share is no order
            refuse(desk, intent.order, outcome.refusals)
        _end(desk, desk.state.parents[intent.intent_id], ParentEnd.REFUSED)
        return False
    shares = allocate(total, [each.weight for each in intent.slices])
    parts = tuple(
        Part(qty, price, each.after, each.follows)
        for qty, price, each in zip(shares, prices, intent.slices, strict=True)
    )
    desk.do(ParentStarted(intent.intent_id, parts))
    return True


def _price(desk: Desk, intent: ParentIntent, each: Slice) -> int | None:
    """Return the limit of a part [won, on the tick and in the band]; None for none of its own."""
    last = desk.market.prices.get(intent.symbol)
    if each.beyond is None or last is None:
        return each.price
    away = last * each.beyond // MILLION
    price = last - away if intent.opens else last + away
    return desk.market.clamp(intent.symbol, max(1, price), intent.order.side)


def _is_due(desk: Desk, parent: Parent) -> bool:
    if parent.sent == len(parent.parts):
        return False
    part = parent.parts[parent.sent]
    if part.follows and parent.working:
        return False
    return not parent.sent or not part.after or desk.now >= parent.sent_at + part.after


def _send(desk: Desk, parent: Parent) -> None:
    """Send the next part, never more of a sale than is still there."""
    intent, part = parent.intent, parent.parts[parent.sent]
    qty = part.qty
    if not intent.opens:
        sleeve = desk.state.get_sleeve(intent.account_id, intent.sleeve_id)
        qty = min(qty, max(0, desk.state.sellable(sleeve, intent.symbol)))
    number = place(desk, _child(desk, parent, part, qty)) if qty > 0 else None
    desk.do(SliceSent(intent.intent_id, number, qty if number else 0, desk.now))


def _child(desk: Desk, parent: Parent, part: Part, qty: int) -> OrderIntent:
    order = parent.intent.order
    price, within = (order.price, order.within) if part.price is None else (part.price, None)
    return replace(
        order,
        intent_id=IntentId(f"{order.intent_id}:{parent.sent}"),
        size=Shares(qty),
        price=price,
        within=within,
        at=desk.now,
    )


def _end(desk: Desk, parent: Parent, end: ParentEnd, *, is_canceled: bool = False) -> None:
    """End a parent; every share of it is told."""
    intent, working = parent.intent, parent.working
    filled, still = parent.filled, 0
    for number in working:
        order = desk.state.orders[number]
        filled += order.cum_qty
        still += order.leaves_qty
    desk.do(
        ParentEnded(
            intent.intent_id,
            intent.account_id,
            intent.sleeve_id,
            intent.symbol,
            end,
            parent.qty,
            filled,
            still,
            desk.now,
        )
    )
    if is_canceled:
        for number in working:
            _cancel(desk, number)


def _cancel(desk: Desk, number: ClOrdId) -> None:
    order = desk.state.orders[number]
    if not order.is_closed:
        orders.cancel(desk, order)


_HARD: Final = frozenset({KillLevel.CANCEL_ALL, KillLevel.LIQUIDATE})
