"""The book at the close of each session, computed from the fills at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np

from maemae.analytics.summary import Curve
from maemae.core.actions import FillBooked
from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY, HOUR
from maemae.research.closes import closes_of, session_ends
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.corporate_actions import Change
from maemae.strategy.panel import Ints, Panel


def equity_curve(
    panel: Panel, fills: Sequence[FillBooked], cash: int, changes: Sequence[Change] = ()
) -> Curve:
    """
    Return equity and holdings at each session's close.

    A holding counts at the last price traded by then; a day without a trade keeps it. A dividend
    counts from the day on which it is booked, whenever its cash comes.

    Args:
        panel: Bars of the run.
        fills: Every booking of the run, in order.
        cash: Cash at the start [won].
        changes: What corporate actions did, in order.
    """
    axis = CalendarAxis(panel)
    count = len(axis.starts)
    days = [axis.session_date(session) for session in range(count)]
    money = np.zeros(count, np.int64)
    paid = [fill.qty * fill.px + fill.commission + fill.tax for fill in fills]
    np.subtract.at(money, places_of(days, [fill.at for fill in fills]), paid)
    got = [change.cash for change in changes]
    np.add.at(money, places_of(days, [change.at for change in changes]), got)
    invested = np.zeros(count, np.int64)
    ends = session_ends(panel)
    for symbol, qty in holdings(days, fills, changes).items():
        invested += qty * closes_of(panel, panel.row(symbol), ends)
    return Curve(
        start=cash,
        days=days,
        equity=cash + np.cumsum(money) + invested,
        invested=invested,
        flows=np.zeros(count, np.int64),
    )


def holdings(
    days: Sequence[date], fills: Iterable[FillBooked], changes: Iterable[Change] = ()
) -> dict[Symbol, Ints]:
    """
    Return the shares held at each session's close, of everything that was ever held.

    Args:
        days: Sessions of the run.
        fills: Every booking of the run.
        changes: What corporate actions did.
    """
    came: dict[Symbol, list[int]] = {}
    moved = list(moves(fills, changes))
    places = places_of(days, [at for _, _, at in moved])
    for (symbol, qty, _), place in zip(moved, places.tolist(), strict=True):
        if symbol not in came:
            came[symbol] = [0] * len(days)
        came[symbol][place] += qty
    return {symbol: np.cumsum(np.array(each, np.int64)) for symbol, each in came.items()}


def moves(
    fills: Iterable[FillBooked], changes: Iterable[Change]
) -> Iterator[tuple[Symbol, int, int]]:
    """Yield instrument, shares and instant of everything that came and went."""
    for fill in fills:
        yield fill.symbol, fill.qty, fill.at
    for change in changes:
        yield change.symbol, -change.qty, change.at
        yield change.new_symbol, change.new_qty, change.at


def place_of(days: Sequence[date], day: date) -> int:
    """Return the session of a day; one between sessions belongs to the one before."""
    return bisect_right(days, day) - 1


def places_of(days: Sequence[date], instants: Sequence[int]) -> Ints:
    """Return the session of each instant [ns, UTC], as `place_of` does of its day."""
    sessions = np.array(days, "datetime64[D]").astype(np.int64)
    korean = (np.array(instants, np.int64) + _KST_OFFSET) // DAY
    places: Ints = np.searchsorted(sessions, korean, side="right") - 1
    return places


_KST_OFFSET: Final = 9 * HOUR
