"""Where sessions begin and end on the time axis of a panel, and the phases between its bars."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cached_property, lru_cache

import numpy as np

from maemae.domain.instant import kst_date
from maemae.krx.session import PhaseChange, is_regular, phases, regular_close, regular_open
from maemae.strategy.panel import Flags, Ints, Panel


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
    def _hours(self) -> tuple[Ints, Ints]:
        """Opening and close of each session [ns]."""
        opens = [regular_open(day) for day in self._dates]
        closes = [regular_close(day) for day in self._dates]
        return np.array(opens, np.int64), np.array(closes, np.int64)

    @cached_property
    def is_all_regular(self) -> bool:
        """Whether no bar lies outside the regular session; first and last of each tell."""
        opens, closes = self._hours
        firsts = np.array(self.starts)
        lasts = np.append(firsts[1:], self._length) - 1
        known, opened = self._panel.known[firsts], self._panel.opened[lasts]
        return bool((known > opens).all() and (opened <= closes).all())

    @cached_property
    def regular(self) -> Flags:
        """
        Whether each bar is one of the regular session [shape (T,)].

        A bar that begins as the session ends is: some files label the print of the closing
        auction so.
        """
        lengths = np.diff([*self.starts, self._length])
        opens, closes = (np.repeat(hours, lengths) for hours in self._hours)
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
