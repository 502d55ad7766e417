"""
Exits while a sale is in doubt: what it may have taken stays taken until the broker says more.

A sale whose answer is lost may be at the broker and may not; one of an earlier day of which no
list tells may have filled that day. What it claims is not sold a second time; the broker is
asked what it would let us sell, after the quiet period, and that much goes.
"""

from __future__ import annotations

from maemae.core.actions import AlarmCode, ExitDoubted, SharesFreed, about_order
from maemae.core.desk import Desk
from maemae.core.events import SellableStated
from maemae.core.state import Sleeve
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.order import Order
from maemae.domain.terms import Side


def tell_doubt(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> None:
    """Page once if a sale in doubt claims shares that an exit wants."""
    claims = untold(desk, sleeve, symbol)
    if not claims:
        return
    newest = claims[-1].cl_ord_id
    claimed = sum(order.reserved_qty for order in claims)
    desk.do(ExitDoubted(sleeve.account_id, sleeve.sleeve_id, symbol, newest))
    desk.do(about_order(AlarmCode.EXIT_IN_DOUBT, claims[-1], f"{claimed}", desk.now))


def untold(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> list[Order]:
    """Return the sleeve's sales in doubt, oldest first; nothing if nobody need be paged."""
    in_doubt = desk.state.is_in_doubt
    claims = [
        order
        for order in _sales(desk, sleeve.account_id, symbol)
        if order.sleeve_id == sleeve.sleeve_id and in_doubt(order) and order.reserved_qty
    ]
    if claims and claims[-1].cl_ord_id <= sleeve.exit_doubts.get(symbol, 0):
        return []
    return claims


def take_sellable(desk: Desk, event: SellableStated) -> None:
    """
    Free what sales in doubt claim and the broker would let us sell all the same.

    Oldest first. Our book knows of shares that no sale claims; what the broker offers beyond
    those is not taken by the sales in doubt. An offer that shrinks takes back what was freed.
    """
    sales, in_doubt = _sales(desk, event.account_id, event.symbol), desk.state.is_in_doubt
    claimed = sum(order.claimed_qty if in_doubt(order) else order.reserved_qty for order in sales)
    held = sum(
        sleeve.positions[event.symbol].qty
        for sleeve in desk.state.account(event.account_id)
        if event.symbol in sleeve.positions
    )
    free = event.qty - (held - claimed)
    for order in sales:
        if in_doubt(order):
            qty = min(max(0, free), order.claimed_qty)
            free -= qty
            if qty != order.freed_qty:
                desk.do(SharesFreed(order.cl_ord_id, qty))


def _sales(desk: Desk, account_id: AccountId, symbol: Symbol) -> list[Order]:
    """Return the open sales of an account, oldest first."""
    orders = (desk.state.orders[number] for number in desk.state.working.get(symbol, ()))
    return sorted(
        (order for order in orders if order.account_id == account_id and order.side is Side.SELL),
        key=lambda order: order.cl_ord_id,
    )
