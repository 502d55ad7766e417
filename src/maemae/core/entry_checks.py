"""
Checks of new risk that are asked only where a sleeve has a policy or a cooldown.

Like those of `maemae.core.checks` each reads the live ledger or the market view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from maemae.core.deadlines import time_of
from maemae.core.desk import Desk
from maemae.core.entry_policy import EntryPolicy
from maemae.core.state import Sleeve
from maemae.domain.instant import MINUTE, kst_date
from maemae.domain.intent import MILLION
from maemae.domain.order import Order
from maemae.domain.refusal import Reason, Refusal

_NO_RULES: Final = EntryPolicy()


def _policy(sleeve: Sleeve) -> EntryPolicy:
    return sleeve.limits.entry or _NO_RULES


def cooldown(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse what was left a short while ago and is to be left alone."""
    until, today = sleeve.cooling.get(order.symbol), desk.state.session_date
    if until is None or today is None or today >= until:
        return None
    return Refusal(Reason.COOLING_DOWN, limit=until.year * 10_000 + until.month * 100 + until.day)


def exposure(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse what would put too much of the sleeve's equity to work, open buys counted."""
    limit = _policy(sleeve).max_exposure
    if limit is None:
        return None
    equity = desk.market.equity(sleeve)
    if equity is None:
        return Refusal(Reason.NO_PRICE)
    held = equity - sleeve.cash - sum(sleeve.receivable.values())
    standing = desk.state.orders.get(order.cl_ord_id)
    waiting = sleeve.reserved - (0 if standing is None else standing.reserved_cash)
    worth = held + waiting + order.reserved_cash
    if worth * MILLION <= limit * equity:
        return None
    share = worth * MILLION // equity if equity > 0 else MILLION
    return Refusal(Reason.EXPOSURE_TOO_HIGH, share, limit)


def open_orders(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse one open buy too many."""
    limit = _policy(sleeve).max_open_orders
    if limit is None or order.cl_ord_id in desk.state.orders:
        return None
    count = sum(sleeve.buying.values()) + 1
    return Refusal(Reason.TOO_MANY_OPEN_ORDERS, count, limit) if count > limit else None


def drawdown(desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse new risk so far below the best equity, flows left out."""
    limit = _policy(sleeve).max_drawdown
    if limit is None:
        return None
    equity = desk.market.equity(sleeve)
    if equity is None:
        return Refusal(Reason.NO_PRICE)
    best = sleeve.flows + sleeve.best_profit
    lost = best - equity
    if best > 0 and lost * MILLION < limit * best:
        return None
    return Refusal(Reason.DRAWDOWN, lost * MILLION // best if best > 0 else MILLION, limit)


def stops(_desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse new risk after so many stops in the session: the market is not the strategy's."""
    return _so_often(Reason.TOO_MANY_STOPS, sleeve.stops_today, _policy(sleeve).max_stops)


def rejections(_desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse new risk after so many rejections by the broker: something is wrong."""
    count, limit = sleeve.rejections_today, _policy(sleeve).max_rejections
    return _so_often(Reason.TOO_MANY_REJECTIONS, count, limit)


def _so_often(reason: Reason, count: int, limit: int | None) -> Refusal | None:
    """Refuse once something has happened as often as the limit says; without one, never."""
    return None if limit is None or count < limit else Refusal(reason, count, limit)


def rise(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse what has risen too far today: it may not be sold again at its limit."""
    limit = _policy(sleeve).max_rise
    told, last = desk.market.instruments.get(order.symbol), desk.market.prices.get(order.symbol)
    if limit is None or told is None or told.base_price is None or last is None:
        return None
    price, base = order.price or last, told.base_price
    risen = (price - base) * MILLION // base
    return Refusal(Reason.RISEN_TOO_FAR, risen, limit) if risen > limit else None


def lowest_price(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse shares of a few won (동전주)."""
    limit = _policy(sleeve).min_price
    price = order.price or desk.market.prices.get(order.symbol)
    if limit is None or price is None or price >= limit:
        return None
    return Refusal(Reason.PRICE_TOO_LOW, price, limit)


def adding(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse to add to a holding that loses (물타기)."""
    limit = _policy(sleeve).max_loss_to_add
    held, last = sleeve.positions.get(order.symbol), desk.market.prices.get(order.symbol)
    if limit is None or held is None or last is None or held.cost <= 0:
        return None
    lost = (held.cost - held.qty * last) * MILLION // held.cost
    return Refusal(Reason.ADDS_TO_LOSS, lost, limit) if lost > limit else None


def hours(desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse new risk outside of the hours in which the sleeve takes any."""
    policy = _policy(sleeve)
    clock = desk.now - time_of(kst_date(desk.now), 0)
    if policy.from_clock is not None and clock < policy.from_clock:
        return Refusal(Reason.OUTSIDE_HOURS, clock // MINUTE, policy.from_clock // MINUTE)
    if policy.until_clock is not None and clock >= policy.until_clock:
        return Refusal(Reason.OUTSIDE_HOURS, clock // MINUTE, policy.until_clock // MINUTE)
    return None


ENTRY_CHECKS: Final[tuple[Callable[[Desk, Order, Sleeve], Refusal | None], ...]] = (
    cooldown,
    exposure,
    open_orders,
    drawdown,
    stops,
    rejections,
    rise,
    lowest_price,
    adding,
    hours,
)
