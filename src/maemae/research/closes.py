"""The last price at the end of each session, as it was told then and as it is told now."""

from __future__ import annotations

import numpy as np

from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.kernel import Floats
from maemae.strategy.panel import Ints, Panel
from maemae.strategy.restatement import Steps, restated


def session_ends(panel: Panel) -> Ints:
    """Return the time index of each session's last bar [shape (sessions,)]."""
    axis = CalendarAxis(panel)
    return np.array([axis.last(session) for session in range(len(axis.starts))], np.int64)


def session_closes(panel: Panel) -> Ints:
    """
    Return the last price by the end of each session [won, shape (S, sessions)]; 0 before one.

    A session without a trade keeps the price before it, in the shares of its own day.
    """
    ends = session_ends(panel)
    places = np.where(panel.traded, np.arange(len(panel)), -1)
    last = np.maximum.accumulate(places, axis=1)[:, ends]
    closes = np.take_along_axis(panel.close, np.maximum(last, 0), axis=1)
    closes = np.where(last >= 0, closes, 0)
    for row, steps in panel.restatements.items():
        closes[row] = _told_then(closes[row], last[row], steps, ends)
    return closes


def closes_of(panel: Panel, row: int, ends: Ints) -> Ints:
    """Return the same of one row, given the ends of the sessions [won, shape (sessions,)]."""
    traded = panel.traded[row]
    last = np.maximum.accumulate(np.where(traded, np.arange(len(traded)), -1))[ends]
    closes = np.where(last >= 0, panel.close[row][np.maximum(last, 0)], 0)
    steps = panel.restatements.get(row)
    return _told_then(closes, last, steps, ends) if steps else closes


def told_closes(panel: Panel) -> Floats:
    """Return the same in the shares of the last session, so that one day compares with another."""
    ends, closes = session_ends(panel), session_closes(panel).astype(np.float64)
    for row, steps in panel.restatements.items():
        for step in steps:
            up, down = step.price
            closes[row, ends < step.start] *= up / down
    return closes


def _told_then(closes: Ints, last: Ints, steps: Steps, ends: Ints) -> Ints:
    """Tell closes, of which each was made at `last`, in the shares of their sessions."""
    told = zip(closes.tolist(), last.tolist(), ends.tolist(), strict=True)
    return np.array([restated(close, steps, since, until) for close, since, until in told])
