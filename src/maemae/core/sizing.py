"""From a wish to whole shares and the cash they set aside."""

from __future__ import annotations

from typing import Final

from maemae.core.config import CashRule
from maemae.core.desk import Desk
from maemae.core.state import Sleeve
from maemae.core.trailing import stop_under
from maemae.domain.ids import Symbol
from maemae.domain.intent import (
    MILLION,
    Cash,
    Everything,
    OrderIntent,
    Risk,
    Shares,
    Weight,
)
from maemae.domain.terms import Side
from maemae.krx.band import NO_UPPER_LIMIT

MOST_SHARES: Final = 10**10
"""More shares than any company has; a larger wish is refused all the same."""


def limit_price(desk: Desk, intent: OrderIntent) -> int | None:
    """
    Return the limit price of an intent [won], None for a market order.

    A price bounded by `within` is rounded to the tick on the near side of the bound, and
    never leaves the day's band.
    """
    if intent.within is None:
        return intent.price
    last = desk.market.prices.get(intent.symbol)
    if last is None:
        return None
    room = last * intent.within // MILLION
    bound = last + room if intent.side is Side.BUY else last - room
    return desk.market.clamp(intent.symbol, max(1, bound), intent.side)


def reserve_price(desk: Desk, intent: OrderIntent, price: int | None) -> int:
    """
    Return the price at which cash is set aside for a buy [won]; 0 for a sell or no price.

    Korean brokers hold a market buy at the upper price limit.
    """
    if intent.side is _SELL:
        return 0
    if price is not None:
        return price
    told = desk.market.instruments.get(intent.symbol)
    if told is not None and told.band is not None and told.band.upper < NO_UPPER_LIMIT:
        return told.band.upper
    last = desk.market.prices.get(intent.symbol, 0)
    return -(-last * desk.config.market_reserve_ppm // MILLION)


def affordable(desk: Desk, sleeve: Sleeve, reserve_px: int, charge_ppm: int) -> int:
    """Return how many shares the sleeve's orderable cash covers at worst."""
    spare = sleeve.orderable - desk.config.cash_spare
    if spare <= 0 or reserve_px <= 0:
        return 0
    return spare * MILLION // (reserve_px * (MILLION + charge_ppm))


def charge_ppm(desk: Desk, intent: OrderIntent) -> int:
    """Return the commission to set aside with the cash [ppm, rounded up]."""
    schedule = desk.config.schedules[intent.account_id]
    return -(-schedule.rate * MILLION // schedule.rate_unit)


def exit_size(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> int:
    """Return the shares that one order can take out of a position; what is left goes next."""
    cap, qty = desk.market.order_cap(symbol), desk.state.sellable(sleeve, symbol)
    return qty if cap is None else min(qty, cap)


def shares(desk: Desk, intent: OrderIntent, sleeve: Sleeve, reserve_px: int) -> int:
    """
    Return how many shares an intent asks for; 0 if its size buys none.

    A named number of shares is taken as it is. A weight or an amount of cash is divided by
    the last price and, by the declared rule, cut down to what cash allows.
    """
    size = intent.size
    if isinstance(size, Shares):
        return min(size.qty, MOST_SHARES)
    if isinstance(size, Everything):
        return desk.state.sellable(sleeve, intent.symbol)
    price = desk.market.prices.get(intent.symbol)
    if price is None:
        return 0
    each = distance_to_stop(intent, price) if isinstance(size, Risk) else price
    qty = max(0, _worth(desk, sleeve, size) // each) if each > 0 else 0
    if intent.side is Side.SELL or desk.config.cash_rule is CashRule.REFUSE:
        return qty
    return min(qty, affordable(desk, sleeve, reserve_px, charge_ppm(desk, intent)))


def _worth(desk: Desk, sleeve: Sleeve, size: Cash | Weight | Risk) -> int:
    """Return the money of a size, to be spent or to be put at risk [won]."""
    if not isinstance(size, Weight) and size.won:
        return size.won
    equity = desk.market.equity(sleeve)
    if equity is None or isinstance(size, Cash):
        return 0
    return equity * size.ppm // MILLION


def distance_to_stop(intent: OrderIntent, price: int) -> int:
    """Return what a share loses from the entry to the order's stop [won]; 0 without a stop."""
    exits = intent.exits
    if intent.stop_loss is not None:
        return -(-price * intent.stop_loss // MILLION)
    if exits is None:
        return 0
    if exits.stop_won is not None:
        return exits.stop_won
    if exits.trail is None:
        return 0
    return price - stop_under(exits.trail, price)


_SELL: Final = Side.SELL
