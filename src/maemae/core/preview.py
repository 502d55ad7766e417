"""
What would follow from a wish, were it handed in now: sized, priced and put to the whole gate.

It reads the same book, market and checks as the wish itself would, and changes none of them.
"""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.core import gate, intents
from maemae.core.desk import Desk
from maemae.core.ledger import expected_charges
from maemae.core.orders import candidate, is_known, is_stale
from maemae.core.state import Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.intent import MILLION, OrderIntent
from maemae.domain.order import Order
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Side, Term
from maemae.krx.session import is_regular


@unique
class Outlook(Term):
    """What would become of a wish."""

    SENT = "SENT"  # an order leaves
    PARKED = "PARKED"  # it waits for the market to open, and is looked at again then
    CLOSING = "CLOSING"  # an exit begins that first takes own buys back
    REFUSED = "REFUSED"
    TAKEN = "TAKEN"  # that very wish was taken before; nothing more follows


class Checked(msgspec.Struct, frozen=True):
    """
    One check of the gate.

    Attributes:
        check: Its name in `maemae.core.gate`, upper-case.
        refusal: Why it says no, with its figures; None if it passes.
    """

    check: str
    refusal: Refusal | None


class Preview(msgspec.Struct, frozen=True):
    """
    A wish as an order, and the sleeve after it has filled at the price it would have.

    Attributes:
        refusals: Every reason and not just the first.
        checks: Everything that was looked at, in the gate's order.
        price: Limit on the tick [won]; None for a market order.
        order_qty: Shares; 0 if the size buys none.
        value: Quantity at the limit, or at the last price of a market order [won].
        reserved: Cash set aside until it has filled [won]; 0 for a sale.
        commission, tax: Estimated charges [won]; None while the instrument is not known.
        cash_before, cash_after: Orderable cash of the sleeve [won].
        qty_before, qty_after: Shares held.
        weight_before, weight_after: Share of the sleeve's equity [ppm]; None without prices.
        last_price, price_age: Newest print [won] and its age [ns]; None before one.
        tick: Step of prices there [won]; None where no claim about ticks is made.
    """

    outlook: Outlook
    refusals: tuple[Refusal, ...]
    checks: tuple[Checked, ...] = ()
    price: int | None = None
    order_qty: int = 0
    value: int = 0
    reserved: int = 0
    commission: int | None = None
    tax: int | None = None
    cash_before: int = 0
    cash_after: int = 0
    qty_before: int = 0
    qty_after: int = 0
    weight_before: int | None = None
    weight_after: int | None = None
    last_price: int | None = None
    price_age: int | None = None
    tick: int | None = None


def preview(desk: Desk, intent: OrderIntent) -> Preview:
    """Return what would follow from a wish at its own time, or now if that is later."""
    at = _as_of(desk, intent.at)
    if is_known(at, intent.intent_id):
        return Preview(Outlook.TAKEN, ())
    sleeve = at.state.find_sleeve(intent.account_id, intent.sleeve_id)
    if sleeve is None:
        return Preview(Outlook.REFUSED, (Refusal(Reason.UNKNOWN_ACCOUNT),))
    intent = intents.without_privilege(intent)
    order = candidate(at, intent, sleeve)
    checks = tuple(
        Checked(check.__name__.upper(), check(at, order, sleeve))
        for check in gate.checks_of(order, sleeve)
    )
    refusals = tuple(checked.refusal for checked in checks if checked.refusal is not None)
    if is_stale(at, intent.at):
        refusals = (Refusal(Reason.INTENT_EXPIRED), *refusals)
        outlook = Outlook.REFUSED
    elif not is_regular(at.market.phase):
        outlook = Outlook.PARKED
    elif intents.is_exit(at, intent):
        outlook = Outlook.CLOSING
    else:
        outlook = Outlook.REFUSED if refusals else Outlook.SENT
    return _with_figures(at, order, sleeve, Preview(outlook, refusals, checks))


def _as_of(desk: Desk, at: int) -> Desk:
    """Return another desk over the same book and market, at a time of its own."""
    other = Desk(desk.config, desk.state)
    other.market = desk.market
    other.now = max(desk.now, at)
    other.told_at = desk.told_at
    return other


def _with_figures(desk: Desk, order: Order, sleeve: Sleeve, shown: Preview) -> Preview:
    last, priced_at = _last(desk, order.symbol)
    px = last if order.price is None else order.price
    table = desk.market.ticks.get(order.symbol)
    value = order.order_qty * (px or 0)
    charges = expected_charges(desk, order, value)
    paid = sum(charges) if charges is not None else 0
    sign = 1 if order.side is Side.BUY else -1
    held = sleeve.positions.get(order.symbol)
    before = 0 if held is None else held.qty
    after = before + sign * order.order_qty
    equity = desk.market.equity(sleeve)
    return msgspec.structs.replace(
        shown,
        price=order.price,
        order_qty=order.order_qty,
        value=value,
        reserved=order.reserved_cash,
        commission=None if charges is None else charges[0],
        tax=None if charges is None else charges[1],
        cash_before=sleeve.orderable,
        cash_after=sleeve.orderable - sign * value - paid,
        qty_before=before,
        qty_after=after,
        weight_before=_weight(before, last, equity),
        weight_after=_weight(after, last, None if equity is None else equity - paid),
        last_price=last,
        price_age=None if priced_at is None else desk.now - priced_at,
        tick=None if table is None or not px else table.tick(px),
    )


def _last(desk: Desk, symbol: Symbol) -> tuple[int | None, int | None]:
    return desk.market.prices.get(symbol), desk.market.priced_at.get(symbol)


def _weight(qty: int, price: int | None, equity: int | None) -> int | None:
    if price is None or equity is None or equity <= 0:
        return None
    return qty * price * MILLION // equity
