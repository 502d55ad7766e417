"""The next bar at which a price is reached, found without looking at the ones between singly."""

from __future__ import annotations

from typing import Final

import numpy as np

from maemae.strategy.panel import Flags, Ints

_FIRST_CHUNK: Final = 64


def next_at_or_below(low: Ints, traded: Flags, price: int, start: int, stop: int) -> int:
    """Return the first traded index in [start, stop) whose low is at or below `price`, or stop."""
    return _next(low, traded, price, start, stop, below=True)


def next_at_or_above(high: Ints, traded: Flags, price: int, start: int, stop: int) -> int:
    """Return the first traded index in [start, stop) whose high is at or above `price`, or stop."""
    return _next(high, traded, price, start, stop, below=False)


def next_traded(traded: Flags, start: int, stop: int) -> int:
    """Return the first index in [start, stop) at which anything traded, or stop."""
    chunk = _FIRST_CHUNK
    while start < stop:
        end = min(stop, start + chunk)
        hits = traded[start:end]
        first = int(hits.argmax())
        if hits[first]:
            return start + first
        start, chunk = end, chunk * 4
    return stop


def _next(prices: Ints, traded: Flags, price: int, start: int, stop: int, *, below: bool) -> int:
    """Search in growing chunks: most levels are near, and a far one costs one pass."""
    chunk = _FIRST_CHUNK
    while start < stop:
        end = min(stop, start + chunk)
        part = prices[start:end]
        hits = ((part <= price) if below else (part >= price)) & traded[start:end]
        first = int(np.argmax(hits))
        if hits[first]:
            return start + first
        start, chunk = end, chunk * 4
    return stop
