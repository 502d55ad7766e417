"""Fills beside the prices that were known when their orders left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from maemae.analytics.costs import Execution
from maemae.core.actions import Action, FillBooked, SubmitOrder
from maemae.core.events import Event
from maemae.core.market import MarketView
from maemae.domain.ids import ClOrdId
from maemae.domain.terms import Side
from maemae.simulation.recorder import Journal
from maemae.strategy.panel import Panel


class SeenPrices:
    """
    A journal that notes the last price whenever an order leaves, and hands everything on.

    Attributes:
        prices: By order [won]; 0 where none was known.
    """

    def __init__(self, market: MarketView, journal: Journal | None = None) -> None:
        self.prices: dict[ClOrdId, int] = {}
        self._market = market.prices
        self._journal = journal

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Take one event and what followed."""
        for action in actions:
            if isinstance(action, SubmitOrder):
                order = action.order
                self.prices[order.cl_ord_id] = self._market.get(order.symbol, 0)
        if self._journal is not None:
            self._journal.append(event, actions)

    def commit(self) -> None:
        """Make what was appended durable, where there is a journal."""
        if self._journal is not None:
            self._journal.commit()


def executions_of(
    panel: Panel, fills: Sequence[FillBooked], seen: Mapping[ClOrdId, int]
) -> list[Execution]:
    """
    Return the fills of a run with the prices that they met.

    Args:
        panel: Bars of the run.
        fills: Every booking, in order.
        seen: Last price when each order left [won].
    """
    instants = np.array([fill.at for fill in fills], np.int64)
    places = np.searchsorted(panel.opened, instants, side="right") - 1
    return [
        _execution(panel, fill, max(place, 0), seen.get(fill.cl_ord_id, 0) or fill.px)
        for fill, place in zip(fills, places.tolist(), strict=True)
    ]


def _execution(panel: Panel, fill: FillBooked, index: int, seen: int) -> Execution:
    row = panel.row(fill.symbol)
    is_opening = fill.at == int(panel.opened[index])
    return Execution(
        sleeve_id=fill.sleeve_id,
        symbol=fill.symbol,
        side=_BUY if fill.qty > 0 else _SELL,
        qty=abs(fill.qty),
        px=fill.px,
        seen=seen,
        opening=int(panel.open[row, index]) if is_opening else 0,
        commission=fill.commission,
        tax=fill.tax,
        volume=int(panel.volume[row, index]),
        at=fill.at,
    )


# Python 3.11 looks a member up on its enumeration as slowly as it makes a report.
_BUY = Side.BUY
_SELL = Side.SELL
