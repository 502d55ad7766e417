"""Where sessions begin and end on the time axis of a panel, and the phases between its bars."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cached_property, lru_cache

import numpy as np

from maemae.domain.instant import kst_date
from maemae.krx.session import PhaseChange, is_regular, phases, regular_close, regular_open
from maemae.strategy.panel import Flags, Panel


class CalendarAxis:
    """
    The sessions of a panel.

    Attributes:
        starts: Index of each session's first bar, rising.
    """

    def __init__(self, panel: Panel) -> None:
        firsts = panel.session_starts
        self.starts: list[int] = firsts.tolist()
        self._dates = [kst_date(instant) for instant in panel.opened[firsts].tolist()]
        self._length = len(panel)
        self._panel = panel

    @cached_property
    def regular(self) -> Flags:
        """
        Whether each bar is one of the regular session [shape (T,)].

        A bar that begins as the session ends is: some files label the print of the closing
        auction so.
        """
        lengths = np.diff([*self.starts, self._length])
        opens = np.repeat([regular_open(day) for day in self._dates], lengths)
        closes = np.repeat([regular_close(day) for day in self._dates], lengths)
        flags: Flags = (self._panel.known > opens) & (self._panel.opened <= closes)
        return flags

    def session(self, index: int) -> int:
        """Return the number of the session that a bar belongs to."""
        return bisect_right(self.starts, index) - 1

    def session_date(self, session: int) -> date:
        """Return the day of a session."""
        return self._dates[session]

    def first(self, session: int) -> int:
        """Return the index of a session's first bar; the panel's length past the last session."""
        return self.starts[session] if session < len(self.starts) else self._length

    def last(self, session: int) -> int:
        """Return the index of a session's last bar."""
        return self.first(session + 1) - 1


@lru_cache(maxsize=16_384)
def regular_phases(day: date) -> tuple[PhaseChange, ...]:
    """Return the phases of the regular session, and the one that ends it."""
    changes: list[PhaseChange] = []
    for change in phases(day):
        if is_regular(change.phase):
            changes.append(change)
        elif changes:
            return (*changes, change)
    return tuple(changes)
