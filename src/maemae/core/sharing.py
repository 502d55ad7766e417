"""
Whose shares a sale from elsewhere took, and what follows for those sleeves.

A person in HTS, or the emergency lane, sells the account's shares and knows of no sleeve. The
sale takes the shares of EXTERNAL first, then those of the other sleeves: the largest holding
first, equal ones by the name of the sleeve. Only what nobody holds is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from maemae.core import protection
from maemae.core.actions import AlarmCode, FillShared, about_order
from maemae.core.desk import Desk
from maemae.core.orders import cancel
from maemae.core.state import CoreState, Sleeve
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ExecId, SleeveId, Symbol
from maemae.domain.order import Fill, Order
from maemae.domain.position import Position
from maemae.domain.terms import Side

Parts = tuple[tuple[SleeveId, int], ...]
"""Sleeves, each once, and how many shares of each [> 0]."""


def divide(state: CoreState, order: Order, qty: int, before: Parts = ()) -> Parts:
    """
    Return in which sleeves so many shares of an order's fill are booked.

    Args:
        state: The book without the fill.
        order: Any but a sale from elsewhere is booked in its own sleeve.
        qty: Shares [> 0].
        before: Where a fill that is corrected was booked; it goes there again.
    """
    if order.side is _BUY or order.sleeve_id != EXTERNAL_SLEEVE:
        return ((order.sleeve_id, qty),)
    parts: dict[SleeveId, int] = {}
    for sleeve_id, most in before:
        parts[sleeve_id] = min(most, qty - sum(parts.values()))
    for sleeve_id, held in _holders(state, order.account_id, order.symbol):
        gone = parts.get(sleeve_id, 0)
        more = min(held - gone, qty - sum(parts.values()))
        parts[sleeve_id] = gone + max(0, more)
    missing = qty - sum(parts.values())
    parts[EXTERNAL_SLEEVE] = parts.get(EXTERNAL_SLEEVE, 0) + missing
    return tuple((sleeve_id, part) for sleeve_id, part in parts.items() if part)


def take_from_holders(state: CoreState, account_id: AccountId, symbol: Symbol, qty: int) -> Parts:
    """Return whose shares are gone when so many are, as far as there are any but EXTERNAL's."""
    parts = []
    for sleeve_id, held in _holders(state, account_id, symbol):
        gone = min(held, qty)
        if gone and sleeve_id != EXTERNAL_SLEEVE:
            parts.append((sleeve_id, gone))
            qty -= gone
    return tuple(parts)


def _holders(state: CoreState, account_id: AccountId, symbol: Symbol) -> list[tuple[SleeveId, int]]:
    """Return who holds how many shares, in the order in which a sale from elsewhere takes them."""
    held = [
        (sleeve.sleeve_id, sleeve.positions[symbol].qty)
        for sleeve in state.account(account_id)
        if sleeve.positions.get(symbol, _EMPTY).qty > 0
    ]
    return sorted(held, key=lambda one: (one[0] != EXTERNAL_SLEEVE, -one[1], one[0]))


def parts_of(state: CoreState, order: Order, fill: Fill) -> Parts:
    """Return in which sleeves a fill was booked."""
    shared = state.shared_fills.get(order.cl_ord_id, {})
    return shared.get(fill.exec_id) or ((order.sleeve_id, fill.qty),)


def follow_sale(
    desk: Desk, order: Order, exec_id: ExecId, parts: Parts, before: Parts = ()
) -> None:
    """
    Note whose shares a fill took that is booked by now, and tell who lost some.

    Args:
        desk: The book.
        order: Whose fill it is.
        exec_id: The fill.
        parts: Where it is booked; empty once it is taken back.
        before: Where it was booked before it was corrected.
    """
    own = order.sleeve_id
    if own != EXTERNAL_SLEEVE:
        return
    others = any(sleeve_id != own for sleeve_id, _ in parts)
    if others or exec_id in desk.state.shared_fills.get(order.cl_ord_id, {}):
        desk.do(FillShared(order.cl_ord_id, exec_id, parts))
    had = dict(before)
    lost = tuple(
        (sleeve_id, more)
        for sleeve_id, qty in parts
        if sleeve_id != own and (more := qty - had.get(sleeve_id, 0)) > 0
    )
    if lost:
        detail = describe_lost(order.symbol, lost)
        desk.do(about_order(AlarmCode.SOLD_ELSEWHERE, order, detail, desk.now))
        shrink(desk, order.account_id, order.symbol, lost)


def describe_lost(symbol: Symbol, lost: Parts) -> str:
    """Return who lost how many shares of an instrument, for people."""
    return ", ".join(f"{sleeve_id} {symbol} -{qty}" for sleeve_id, qty in lost)


def shrink(desk: Desk, account_id: AccountId, symbol: Symbol, lost: Parts) -> None:
    """Let guards and open sales of sleeves follow the shares they lost."""
    for sleeve_id, _ in lost:
        sleeve = desk.state.get_sleeve(account_id, sleeve_id)
        protection.end_if_empty(desk, sleeve, symbol)
        _cancel_beyond(desk, sleeve, symbol)


def _cancel_beyond(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> None:
    """Cancel a sleeve's open sales, the newest first, until they claim no more than it holds."""
    sales = _open_sales(desk, sleeve, symbol)
    held = sleeve.positions.get(symbol, _EMPTY).qty
    claimed = sum(order.reserved_qty for order in sales)
    for order in sales:
        if claimed <= max(0, held):
            return
        claimed -= order.reserved_qty
        cancel(desk, order)


def _open_sales(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> Sequence[Order]:
    """Return the open sales of a sleeve that nobody is canceling, newest first."""
    orders = (desk.state.orders[number] for number in desk.state.working.get(symbol, ()))
    mine = [
        order
        for order in orders
        if (order.account_id, order.sleeve_id) == (sleeve.account_id, sleeve.sleeve_id)
        and order.side is not _BUY
        and order.reserved_qty
        and not order.is_cancel_pending
    ]
    return sorted(mine, key=lambda order: -order.cl_ord_id)


_EMPTY: Final = Position()
_BUY: Final = Side.BUY
