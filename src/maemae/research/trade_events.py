"""Fills and corporate actions as one row of events, of which closed trades are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final

from maemae.analytics.trades import Restated, TradeFill
from maemae.domain.ids import ClOrdId
from maemae.domain.terms import Side
from maemae.simulation.corporate_actions import Change


def trade_events(
    fills: Sequence[TradeFill], changes: Sequence[Change]
) -> Sequence[TradeFill | Restated]:
    """
    Return fills, and what corporate actions made of holdings, by time.

    Shares that leave for cash alone are sold at what was paid for them. Cash beside new shares,
    for rights and dividends is earned by holding, not by a trade.

    Args:
        fills: In order.
        changes: In order.
    """
    if not changes:
        return fills
    made = [event for place, change in enumerate(changes) for event in _events(change, place)]
    # actions come before anything that trades at their instant; both rows are in order already
    return sorted([*made, *fills], key=attrgetter("at"))


def _events(change: Change, place: int) -> Iterator[TradeFill | Restated]:
    sleeve, at = change.sleeve_id, change.at
    if change.new_qty == 0 and change.qty > 0:
        yield TradeFill(
            sleeve_id=sleeve,
            symbol=change.symbol,
            cl_ord_id=ClOrdId(-1 - place),  # no order of ours: those count up from 1
            side=Side.SELL,
            qty=change.qty,
            px=change.cash // change.qty,
            commission=0,
            tax=0,
            at=at,
            reason=change.kind,
        )
    elif (change.new_symbol, change.new_qty) != (change.symbol, change.qty):
        if change.new_symbol != change.symbol:
            yield Restated(sleeve, change.symbol, 0, 0, at)
        yield Restated(sleeve, change.new_symbol, change.held.qty, change.held.cost, at)


DELISTED: Final = "DELISTING"
"""Reason of an exit because the shares left the exchange."""

EXCHANGED: Final = "SHARE_CHANGE"
"""Reason of an exit because less than one new share was left."""
