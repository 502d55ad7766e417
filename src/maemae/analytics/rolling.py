"""Figures over a window that moves along the run."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from maemae.analytics.returns import SESSIONS_PER_YEAR, Floats

WINDOW: Final = 126
"""Sessions of the moving window: about half a year."""

_NO_SPREAD: Final = 1e-12


def rolling_sharpe(returns: Floats, window: int = WINDOW) -> Floats:
    """
    Return the Sharpe ratio of the last `window` sessions, `mean / std(ddof=1) * sqrt(252)`.

    Args:
        returns: Daily returns [n, ratio].
        window: How many sessions count [>= 2].

    Returns:
        The ratio at each session [n]; NaN before the window is full and where returns in it
        have no spread.
    """
    values = np.full(returns.size, np.nan)
    if returns.size < window:
        return values
    windows = sliding_window_view(returns, window)
    spread = windows.std(axis=1, ddof=1)
    ratio = windows.mean(axis=1) / np.where(spread < _NO_SPREAD, np.nan, spread)
    values[window - 1 :] = ratio * sqrt(SESSIONS_PER_YEAR)
    return values
