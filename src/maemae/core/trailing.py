"""Trailing stops: where one stands under a price, and which price lifts it."""

from __future__ import annotations

from maemae.domain.exit_terms import Trail
from maemae.domain.intent import MILLION


def stop_under(trail: Trail, high: int) -> int:
    """Return where the stop stands under the highest price since the entry [won, >= 0]."""
    if trail.won:
        return max(0, high - trail.won)
    return high * (MILLION - trail.ppm) // MILLION


def lifts_at(trail: Trail, stop_px: int) -> int:
    """Return the lowest price under which the stop stands above `stop_px` [won]."""
    if trail.won:
        return stop_px + 1 + trail.won
    if trail.ppm >= MILLION:
        return 0  # it stands at 0 whatever the price
    return -(-(stop_px + 1) * MILLION // (MILLION - trail.ppm))
