"""What is kept of every cell: a dozen numbers, so that a large grid needs little memory."""

from __future__ import annotations

from math import isfinite
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.drawdown import underwater
from maemae.analytics.returns import Ints, daily_returns, sharpe, wealth
from maemae.analytics.summary import Summary
from maemae.research.sweep.kernel.layout import (
    COMMISSION,
    FILLS,
    ORDERS,
    TAX,
    TRIPS,
    WINS,
    State,
)

_TOUCHING: Final = 1e-12  # as of `maemae.analytics.drawdown`: a smaller fall is none


class Score(msgspec.Struct, frozen=True):
    """
    The figures of one run; those of `maemae.analytics.summary.Summary` that a sweep compares.

    Attributes:
        sharpe: A year; None without spread.
        total_return: [ratio].
        max_drawdown: [ratio, <= 0].
        trades, wins: Closed trades, and those with a profit.
        orders, fills: Sent and received.
        costs: Commission and tax [won].
        end_equity: At the last close [won].
    """

    sharpe: float | None
    total_return: float | None
    max_drawdown: float | None
    trades: int
    wins: int
    orders: int
    fills: int
    costs: int
    end_equity: int


def score_of_summary(summary: Summary) -> Score:
    """Return the figures of a run of the engine."""
    return Score(
        summary.sharpe,
        summary.total_return,
        summary.max_drawdown,
        summary.trades.count,
        summary.trades.wins,
        summary.orders,
        summary.fills,
        summary.commission + summary.tax,
        summary.end_equity,
    )


def score_of_state(start: int, state: State) -> Score:
    """Return the figures of a run of the kernel that began with so much cash [won]."""
    equity: Ints = state.curve.sum(axis=0)
    sums = state.sums
    with np.errstate(over="ignore", invalid="ignore"):
        returns = daily_returns(start, equity, np.zeros_like(equity))
        grown = wealth(returns)
        depth = float(underwater(grown).min())
        return Score(
            _finite(sharpe(returns)),
            _finite(float(grown[-1] - 1.0)),
            _finite(depth) if depth < -_TOUCHING else 0.0,
            int(sums[TRIPS]),
            int(sums[WINS]),
            int(sums[ORDERS]),
            int(sums[FILLS]),
            int(sums[COMMISSION] + sums[TAX]),
            int(equity[-1]),
        )


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
