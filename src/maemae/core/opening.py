"""What a day opens at, from which its result is counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from maemae.core.actions import SessionOpened
from maemae.core.desk import Desk
from maemae.core.state import Sleeve
from maemae.domain.ids import Symbol


def opened(desk: Desk, day: date) -> SessionOpened:
    """Return the fact that a day began, with the equity of each sleeve at its opening prices."""
    prices = _prices(desk, day)
    equities = tuple(
        [
            (sleeve.account_id, sleeve.sleeve_id, _equity(prices, sleeve))
            for sleeve in desk.state.sleeves.values()
        ]
    )
    return SessionOpened(day, equities, tuple(sorted(prices.items())))


def _prices(desk: Desk, day: date) -> dict[Symbol, int]:
    """
    Return the opening price of everything held, as far as one is known [won].

    The exchange's base price, which is the close of the day before whoever saw that; where none
    is told, the last price, or the one remembered from before a restart.
    """
    held = set().union(*(sleeve.positions for sleeve in desk.state.sleeves.values()))
    prices = {
        symbol: known[symbol]
        for known in (desk.state.marks, desk.market.prices)
        for symbol in held & known.keys()
    }
    for symbol in held & desk.market.instruments.keys():
        told = desk.market.instruments[symbol]
        if told.session_date == day and told.base_price is not None:
            prices[symbol] = told.base_price
    return prices


def _equity(prices: Mapping[Symbol, int], sleeve: Sleeve) -> int:
    """Return equity at these prices [won]; at cost of what has none."""
    worth = sum(
        position.qty * prices[symbol] if symbol in prices else position.cost
        for symbol, position in sleeve.positions.items()
    )
    return sleeve.cash + worth + sum(sleeve.receivable.values())
