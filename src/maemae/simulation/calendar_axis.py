"""Where sessions begin and end on the time axis of a panel, and the phases between its bars."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache

from maemae.domain.instant import kst_date
from maemae.krx.session import PhaseChange, is_regular, phases
from maemae.strategy.panel import Panel


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
