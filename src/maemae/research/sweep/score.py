"""What is kept of every cell: a dozen numbers, so that a large grid needs little memory."""

from __future__ import annotations

import msgspec

from maemae.analytics.summary import Summary


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
