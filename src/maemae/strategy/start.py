"""When an order begins: once the price is there, or at a time of the session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Final, SupportsIndex

import msgspec

from maemae.core.deadlines import next_time
from maemae.domain.instant import kst_date
from maemae.domain.parent import Crossing
from maemae.krx.calendar import is_session, next_session
from maemae.krx.session import Phase, phases, regular_open
from maemae.strategy.exits import since_midnight
from maemae.strategy.order_pad import whole

__all__ = ["above", "at", "below", "closing", "opening"]


class Start(msgspec.Struct, frozen=True):
    """
    What an order waits for.

    Attributes:
        crossing: A price; None for an instant.
        clock: A time of day [ns after midnight]; None for a phase or a price.
        phase: A phase of the regular session; None for a time or a price.
    """

    crossing: Crossing | None = None
    clock: int | None = None
    phase: Phase | None = None

    def instant(self, now: int) -> int:
        """
        Return the first such instant after `now` [ns, UTC]; 0 where a price is waited for.

        Raises:
            UnknownRuleError: The calendar does not reach that far.
        """
        if self.clock is not None:
            return next_time(self.clock, now)
        return 0 if self.phase is None else _next(now, _BEGINS[self.phase])


def above(price: SupportsIndex) -> Start:
    """Begin once the price is at or above that [won]; at once if it is."""
    return Start(Crossing(whole("above", price), above=True))


def below(price: SupportsIndex) -> Start:
    """Begin once the price is at or below that [won]; at once if it is."""
    return Start(Crossing(whole("below", price), above=False))


def at(clock: str | time) -> Start:
    """Begin at the next such time of a session, Korean: `at("10:30")`."""
    return Start(clock=since_midnight(clock))


def opening() -> Start:
    """Begin when the next continuous session opens."""
    return Start(phase=Phase.CONTINUOUS)


def closing() -> Start:
    """Begin when the next closing auction does, ten minutes before the close."""
    return Start(phase=Phase.CLOSING_AUCTION)


def _next(now: int, begins: Callable[[date], int]) -> int:
    day = kst_date(now)
    if is_session(day) and begins(day) > now:
        return begins(day)
    return begins(next_session(day))


def _closing_auction(day: date) -> int:
    return next(change.at for change in phases(day) if change.phase is Phase.CLOSING_AUCTION)


_BEGINS: Final = {Phase.CONTINUOUS: regular_open, Phase.CLOSING_AUCTION: _closing_auction}
