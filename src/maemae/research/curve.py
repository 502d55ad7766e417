"""The book at the close of each session, computed from the fills at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

import numpy as np

from maemae.analytics.summary import Curve
from maemae.core.actions import FillBooked
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import Ints, Panel


def equity_curve(panel: Panel, fills: Sequence[FillBooked], cash: int) -> Curve:
    """
    Return equity and holdings at each session's close.

    A holding counts at the last price traded by then; a day without a trade keeps it.

    Args:
        panel: Bars of the run.
        fills: Every booking of the run, in order.
        cash: Cash at the start [won].
    """
    axis = CalendarAxis(panel)
    count = len(axis.starts)
    days = [axis.session_date(session) for session in range(count)]
    money = [0] * count
    held: dict[Symbol, list[int]] = {}
    for fill in fills:
        place = place_of(days, kst_date(fill.at))
        money[place] -= fill.qty * fill.px + fill.commission + fill.tax
        changes = held.get(fill.symbol)
        if changes is None:
            changes = held[fill.symbol] = [0] * count
        changes[place] += fill.qty
    ends = np.array([axis.last(session) for session in range(count)], np.int64)
    invested = np.zeros(count, np.int64)
    for symbol, changes in held.items():
        invested += np.cumsum(np.array(changes, np.int64)) * _closes(panel, panel.row(symbol), ends)
    return Curve(
        start=cash,
        days=days,
        equity=cash + np.cumsum(np.array(money, np.int64)) + invested,
        invested=invested,
        flows=np.zeros(count, np.int64),
    )


def place_of(days: Sequence[date], day: date) -> int:
    """Return the session of a day; one between sessions belongs to the one before."""
    return bisect_right(days, day) - 1


def _closes(panel: Panel, row: int, ends: Ints) -> Ints:
    """Return the last price traded by each session's end [won]; 0 before the first trade."""
    traded = panel.traded[row]
    last = np.maximum.accumulate(np.where(traded, np.arange(len(traded)), -1))[ends]
    return np.where(last >= 0, panel.close[row][np.maximum(last, 0)], 0)
