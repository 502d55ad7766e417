"""The complete bars of a session so far, kept small: whoever asks wants one instrument of many."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date

from maemae.catalogue.interval import Interval
from maemae.domain.ids import Symbol
from maemae.trading.control.replies import MadeBar
from maemae.trading.workers.bars import BarRow


class SessionBars:
    """
    Rows of one session, eight bytes a figure.

    Args:
        day: The session.
        interval: Length of its bars.
        symbols: The instruments, in the order of the rows.

    Attributes:
        day, interval: As given.
    """

    def __init__(self, day: date, interval: Interval, symbols: Sequence[Symbol]) -> None:
        self.day = day
        self.interval = interval
        self._places = {symbol: place for place, symbol in enumerate(symbols)}
        self._rows: list[tuple[int, array[int]]] = []

    def add(self, row: BarRow) -> None:
        """Keep the newest row."""
        figures = (*row.open, *row.high, *row.low, *row.close, *row.volume)
        self._rows.append((row.opened, array("q", figures)))

    def of(self, symbol: Symbol) -> tuple[MadeBar, ...]:
        """Return the bars of an instrument in which it traded, oldest first."""
        place, width = self._places.get(symbol), len(self._places)
        if place is None:
            return ()
        bars = (MadeBar(opened, *figures[place::width]) for opened, figures in self._rows)
        return tuple(bar for bar in bars if bar.volume)
