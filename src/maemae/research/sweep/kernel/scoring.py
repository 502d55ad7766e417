"""The figures of a run, found without asking the interpreter for more than their spread."""

from __future__ import annotations

from math import isfinite
from typing import Final

import numpy as np

from maemae.analytics.returns import Floats, sharpe
from maemae.research.sweep.kernel.compiled import entry
from maemae.research.sweep.kernel.layout import (
    COMMISSION,
    FILLS,
    ORDERS,
    TAX,
    TRIPS,
    WINS,
    State,
)
from maemae.research.sweep.score import Score
from maemae.strategy.panel import Ints

_TOUCHING: Final = 1e-12  # as of `maemae.analytics.drawdown`: a smaller fall is none


def score_of_state(start: int, state: State) -> Score:
    """Return the figures of a run of the kernel that began with so much cash [won]."""
    sums = state.sums.tolist()
    returns = np.empty(state.curve.shape[1], np.float64)
    grown, deepest = follow(start, state.curve, returns)
    return Score(
        _finite(sharpe(returns)),
        _finite(grown - 1.0),
        _finite(deepest) if deepest < -_TOUCHING else 0.0,
        sums[TRIPS],
        sums[WINS],
        sums[ORDERS],
        sums[FILLS],
        sums[COMMISSION] + sums[TAX],
        int(state.curve[:, -1].sum()),
    )


@entry
def follow(start: int, curve: Ints, returns: Floats) -> tuple[float, float]:
    """
    Write what each session earned; return what one won became, and its deepest fall.

    Bit for bit as `maemae.analytics.returns` and `maemae.analytics.drawdown` find them.

    Args:
        start: Equity before the first session [won].
        curve: Cash and holdings at each close [2, T, won].
        returns: Room for them [T, ratio].
    """
    before, grown, highest, deepest = float(start), 1.0, 1.0, 0.0
    for time in range(len(returns)):
        equity = float(curve[0, time] + curve[1, time])
        earned = equity / before - 1.0 if before > 0.0 else 0.0
        returns[time] = earned
        grown *= max(1.0 + earned, 0.0)
        highest = max(highest, grown)
        deepest = min(deepest, grown / highest - 1.0)
        before = equity
    return grown, deepest


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
