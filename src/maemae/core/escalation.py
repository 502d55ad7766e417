"""How an exit of a guard goes on when it does not trade: rung by rung, from patient to certain."""

from __future__ import annotations

from typing import Final

from maemae.core.actions import ExitEscalated
from maemae.core.config import ExitStyle, Rung
from maemae.core.desk import Desk
from maemae.core.state import Protection, Sleeve
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.intent import MILLION
from maemae.domain.order import Order
from maemae.domain.terms import Cause, Side

BY_PRICE: Final = frozenset({Cause.STOP, Cause.TAKE})
"""Exits that a price set off; all others go at market."""


def advance(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> Protection:
    """Go to the next rung if the present one has had its time; return the guard as it is then."""
    guard = sleeve.protections[symbol]
    due = due_at(desk, guard)
    if due is None or desk.now < due:
        return guard
    desk.do(ExitEscalated(sleeve.account_id, sleeve.sleeve_id, symbol, guard.rung + 1))
    return sleeve.protections[symbol]


def due_at(desk: Desk, guard: Protection) -> int | None:
    """Return when the present rung has had its time [ns]; None for the last one."""
    ladder = desk.config.exit_ladder
    if guard.leaving not in BY_PRICE or guard.rung_at < 0 or guard.rung >= len(ladder) - 1:
        return None
    return guard.rung_at + ladder[guard.rung].lasts


def is_of_rung(guard: Protection, order: Order) -> bool:
    """Whether an order is the exit of the present rung, not of one before."""
    if guard.leaving not in BY_PRICE or order.cause is not guard.leaving:
        return False
    return 0 <= guard.rung_at <= order.at


def exit_price(desk: Desk, sleeve: Sleeve, symbol: Symbol, guard: Protection) -> int | None:
    """
    Return the limit price of the present rung [won], None for a market order.

    Without a last price there is nothing to bound a limit by, and the exit goes at market. No
    limit gives away more than the collar allows: the gate would refuse it.
    """
    rung, last = _rung(desk, guard), desk.market.prices.get(symbol)
    if rung.style is ExitStyle.MARKET or last is None:
        return None
    if rung.style is ExitStyle.THROUGH:
        price = _below(desk, symbol, last, rung.ticks)
    else:
        price = guard.stop_px if guard.leaving is Cause.STOP else guard.take_px
    lowest = last - last * sleeve.limits.collar // MILLION
    return desk.market.clamp(symbol, max(1, price, lowest), Side.SELL)


def _rung(desk: Desk, guard: Protection) -> Rung:
    ladder = desk.config.exit_ladder
    if guard.leaving not in BY_PRICE:
        return _AT_MARKET
    return ladder[min(guard.rung, len(ladder) - 1)]


def _below(desk: Desk, symbol: Symbol, last: int, ticks: int) -> int:
    """Return the price some ticks below the last [won]; single won where no tick is known."""
    table = desk.market.ticks.get(symbol)
    if table is None:
        return last - ticks
    try:
        return table.step(last, -ticks)
    except InvalidValueError:
        return table.lowest


_AT_MARKET: Final = Rung(ExitStyle.MARKET)
