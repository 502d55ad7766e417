"""Fills beside the prices that were known when their orders left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from maemae.analytics.costs import Execution
from maemae.core.actions import FillBooked
from maemae.domain.ids import ClOrdId
from maemae.domain.terms import Side
from maemae.strategy.panel import Panel


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
    if not fills:
        return []
    instants = np.array([fill.at for fill in fills], np.int64)
    rows = np.array([panel.row(fill.symbol) for fill in fills])
    places = np.maximum(np.searchsorted(panel.opened, instants, side="right") - 1, 0)
    is_opening = panel.opened[places] == instants
    openings = np.where(is_opening, panel.open[rows, places], 0).tolist()
    volumes = panel.volume[rows, places].tolist()
    return [
        Execution(
            fill.sleeve_id,
            fill.symbol,
            _BUY if fill.qty > 0 else _SELL,
            abs(fill.qty),
            fill.px,
            seen.get(fill.cl_ord_id, 0) or fill.px,
            opening,
            fill.commission,
            fill.tax,
            volume,
            fill.at,
        )
        for fill, opening, volume in zip(fills, openings, volumes, strict=True)
    ]


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
