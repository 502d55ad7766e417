"""Drawdowns of a wealth series: how deep, from when to when, and how long under water."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from maemae.analytics.returns import Floats

_TOUCHING: Final = 1e-12
"""A fall smaller than this is rounding of a product, not a loss."""


class Drawdown(msgspec.Struct, frozen=True):
    """
    One fall from a high until that high is seen again; positions are points of the series.

    Attributes:
        depth: `wealth[trough] / wealth[peak] - 1` [ratio, -1 to 0, 0 excluded].
        peak: Last point at the high.
        trough: First point of the greatest depth.
        recovery: First point back at the high; None while still under water.
        length: From peak to recovery, or to the last point [sessions].
    """

    depth: float
    peak: int
    trough: int
    recovery: int | None
    length: int


def underwater(wealth: Floats) -> Floats:
    """
    Return the distance from the highest point so far, `wealth / max so far - 1` [n, ratio <= 0].

    Args:
        wealth: A series that begins above zero, such as `returns.wealth` [n, ratio].
    """
    return np.minimum(wealth / np.maximum.accumulate(wealth) - 1.0, 0.0)


def drawdowns(wealth: Floats) -> list[Drawdown]:
    """Return every drawdown of the series, oldest first; none for a series that never falls."""
    depth = underwater(wealth)
    below = np.concatenate(([False], depth < -_TOUCHING, [False]))
    edges = np.flatnonzero(below[1:] != below[:-1])
    return [
        _drawdown(depth, int(begin), int(end))
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def max_drawdown(wealth: Floats) -> Drawdown | None:
    """Return the deepest drawdown, the earlier of equals; None for a series that never falls."""
    return min(drawdowns(wealth), key=lambda one: one.depth, default=None)


def _drawdown(depth: Floats, begin: int, end: int) -> Drawdown:
    """Describe the fall whose points `begin` to `end - 1` lie below the high."""
    trough = begin + int(np.argmin(depth[begin:end]))
    recovered = end < depth.size
    last = end if recovered else depth.size - 1
    return Drawdown(
        depth=float(depth[trough]),
        peak=begin - 1,
        trough=trough,
        recovery=end if recovered else None,
        length=last - (begin - 1),
    )
