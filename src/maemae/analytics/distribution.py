"""The shape of daily returns: how lopsided, how heavy in the tails, how they are spread."""

from __future__ import annotations

from math import sqrt
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.returns import Floats

TAIL: Final = 0.05
"""Share of the sessions that counts as the bad tail."""

_NO_SPREAD: Final = 1e-12


class Distribution(msgspec.Struct, frozen=True):
    """
    Figures of the daily returns; what cannot be said of so few, or of equal ones, is None.

    Attributes:
        skew: Third standardised moment of the sample, `mean(z ** 3)` with the deviation of a
            population; below 0 the bad days are further out than the good ones.
        kurtosis: Fourth standardised moment, `mean(z ** 4)`; 3 for a normal distribution.
        value_at_risk: Return that `TAIL` of the sessions stayed below [ratio], interpolated.
        expected_shortfall: Mean of the returns at or below it [ratio].
        positive: Share of the sessions with a return above 0 [ratio].
    """

    skew: float | None
    kurtosis: float | None
    value_at_risk: float | None
    expected_shortfall: float | None
    positive: float | None


class Histogram(msgspec.Struct, frozen=True):
    """
    How many returns fell where.

    Attributes:
        edges: Borders of the bins [n + 1, ratio, rising].
        counts: Sessions from one border to the next; the last bin holds its upper border too.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def distribution(returns: Floats) -> Distribution:
    """Return the figures of daily returns [n, ratio]."""
    if returns.size == 0:
        return Distribution(None, None, None, None, None)
    worst = float(np.quantile(returns, TAIL))
    tail = returns[returns <= worst]
    skew, kurtosis = _moments(returns)
    return Distribution(
        skew=skew,
        kurtosis=kurtosis,
        value_at_risk=worst,
        expected_shortfall=float(tail.mean()) if tail.size else None,
        positive=float(np.mean(returns > 0)),
    )


def histogram(returns: Floats, bins: int = 41) -> Histogram:
    """
    Return how the returns are spread over bins of equal width around zero.

    One bin lies across zero. What is further out than four standard deviations is counted in
    the outermost bins, so that one wild day does not flatten the rest.

    Args:
        returns: Daily returns [n, ratio].
        bins: How many, an odd number.
    """
    spread = float(np.std(returns)) if returns.size else 0.0
    reach = max(4 * spread, 1e-4) * bins / (bins - 1)
    edges = np.linspace(-reach, reach, bins + 1)
    counts, _ = np.histogram(np.clip(returns, -reach, reach), edges)
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()))


def _moments(returns: Floats) -> tuple[float | None, float | None]:
    centred = returns - returns.mean()
    spread = sqrt(float(np.mean(centred**2)))
    if returns.size < 2 or spread < _NO_SPREAD:
        return None, None
    z = centred / spread
    return float(np.mean(z**3)), float(np.mean(z**4))
