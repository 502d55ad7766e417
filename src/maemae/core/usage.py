"""What a sleeve has used of each of its limits; read off the book, nothing is decided here."""

from __future__ import annotations

import msgspec

from maemae.core.limits import Limits
from maemae.core.market import MarketView
from maemae.core.state import Sleeve
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION


class Usage(msgspec.Struct, frozen=True):
    """
    A sleeve's limits and what is used of them.

    Attributes:
        limits: Those that hold.
        pending: Those that hold from the next session on, None if nothing waits.
        equity: At last prices [won]; None while one is missing.
        orderable: Cash that new buys may use [won].
        loss: Since the session began, net of flows [won]; below 0 is a gain, None without prices.
        orders_today: Orders sent in the session.
        orders_in_second: Of them, sent within the last second, as far as the rate counts.
        positions: Instruments held or being bought.
        heaviest, heaviest_ppm: The largest holding and its share of equity [ppm]; None without.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    limits: Limits
    pending: Limits | None
    is_halted: bool
    equity: int | None
    orderable: int
    loss: int | None
    orders_today: int
    orders_in_second: int
    positions: int
    heaviest: Symbol | None
    heaviest_ppm: int | None


def usage_of(market: MarketView, sleeve: Sleeve, now: int) -> Usage:
    """Return what a sleeve has used, as of an instant [ns, UTC]."""
    equity = market.equity(sleeve)
    heaviest = max(
        sleeve.positions, key=lambda symbol: _worth(market, sleeve, symbol), default=None
    )
    ppm = None
    if heaviest is not None and equity is not None and equity > 0:
        ppm = _worth(market, sleeve, heaviest) * MILLION // equity
    return Usage(
        sleeve.account_id,
        sleeve.sleeve_id,
        sleeve.limits,
        sleeve.pending_limits,
        sleeve.halted,
        equity,
        sleeve.orderable,
        session_loss(market, sleeve),
        sleeve.orders_today,
        sum(now - at < SECOND for at in sleeve.sent_at),
        len(sleeve.positions.keys() | sleeve.buying.keys()),
        heaviest,
        ppm,
    )


def session_loss(market: MarketView, sleeve: Sleeve) -> int | None:
    """Return the loss since the session began, flows left out [won]; None without prices."""
    equity = market.equity(sleeve)
    if equity is None:
        return None
    return sleeve.opening_equity + sleeve.flows - sleeve.opening_flows - equity


def _worth(market: MarketView, sleeve: Sleeve, symbol: Symbol) -> int:
    return sleeve.positions[symbol].qty * market.prices.get(symbol, 0)
