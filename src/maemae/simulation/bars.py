"""Fast access to single bars of a panel as plain integers."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import Flags, Panel


class BarReader:
    """
    Reads one bar at a time.

    A memory view gives a Python int several times faster than an array does, and a run
    reads single bars by the hundred thousand.

    What traded outside the regular session counts as not traded: strategies may look at such
    bars, but nothing rests in those markets and no guard watches them.
    """

    def __init__(self, panel: Panel, axis: CalendarAxis) -> None:
        self.panel = panel
        self._axis = axis
        self.opened = panel.opened.data
        self.known = panel.known.data
        self._fields: dict[int, tuple[memoryview, ...]] = {}
        self._last_traded: dict[int, memoryview] = {}

    def bar(self, row: int, index: int) -> tuple[int, int, int, int, int]:
        """Return open, high, low, close [won] and volume [shares] of a bar."""
        opening, high, low, close, volume = self._fields.get(row) or self._views(row)
        return opening[index], high[index], low[index], close[index], volume[index]

    def close(self, row: int, index: int) -> int:
        """Return the close of a bar [won]."""
        close: int = (self._fields.get(row) or self._views(row))[3][index]
        return close

    @cached_property
    def is_gapless(self) -> bool:
        """Whether every instrument traded in every bar, and every bar is a regular one."""
        return bool(self.panel.traded.all()) and self._axis.is_all_regular

    def closes(self, index: int) -> list[int]:
        """Return the closes of one time, row by row [won]."""
        closes: list[int] = self.panel.close[:, index].tolist()
        return closes

    def traded(self, row: int) -> Flags:
        """Return whether anything traded in the bar, in the regular session [shape (T,)]."""
        traded: Flags = self.panel.traded[row]
        return traded if self._axis.is_all_regular else traded & self._axis.regular

    def last_traded(self, row: int, index: int) -> int:
        """Return the newest index at or before `index` at which the row traded; -1 if none."""
        view = self._last_traded.get(row)
        if view is None:
            traded = self.traded(row)
            places = np.where(traded, np.arange(len(traded), dtype=np.int64), -1)
            view = np.maximum.accumulate(places).data
            self._last_traded[row] = view
        found: int = view[index]
        return found

    def trades(self, row: int, index: int) -> bool:
        """Return whether the row traded in that very bar."""
        return self.last_traded(row, index) == index

    def _views(self, row: int) -> tuple[memoryview, ...]:
        panel = self.panel
        fields = (panel.open, panel.high, panel.low, panel.close, panel.volume)
        views = tuple(np.ascontiguousarray(field[row]).data for field in fields)
        self._fields[row] = views
        return views
