"""How much money a strategy bears before its orders are too large for the market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.costs import Execution
from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY

MOST_OF_A_BAR: Final = 0.01
"""Share of a session's volume that can be taken without moving the price much, by assumption."""

_QUANTILE: Final = 0.95


class Capacity(msgspec.Struct, frozen=True):
    """
    The run's own share of what traded, session by session and instrument by instrument.

    Attributes:
        typical: Median share [ratio].
        high: Share that 95 % of them stayed below [ratio].
        highest: Largest share [ratio].
        capital: `mean equity * MOST_OF_A_BAR / high` [won]: with so much money 95 % of the
            sessions' trades would still stay below `MOST_OF_A_BAR` of the volume.
    """

    typical: float
    high: float
    highest: float
    capital: int


def capacity(executions: Iterable[Execution], mean_equity: float) -> Capacity | None:
    """
    Return the capacity of a run; None where nothing traded or no volume is known.

    Args:
        executions: Every fill.
        mean_equity: Of the run [won].
    """
    shares: defaultdict[tuple[Symbol, int], float] = defaultdict(float)
    for one in executions:
        if one.volume > 0:
            shares[one.symbol, one.at // DAY] += one.qty / one.volume
    if not shares:
        return None
    taken = np.array(list(shares.values()), np.float64)
    high = float(np.quantile(taken, _QUANTILE))
    return Capacity(
        typical=float(np.median(taken)),
        high=high,
        highest=float(taken.max()),
        capital=int(max(mean_equity, 0.0) * MOST_OF_A_BAR / high),
    )
