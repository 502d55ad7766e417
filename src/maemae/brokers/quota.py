"""How many messages may leave for a broker in a second of the wall."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from maemae.domain.instant import SECOND
from maemae.ports import WallClock

_WINDOW: Final = SECOND + SECOND // 20
_LONGEST_TRIP: Final = 2 * SECOND


class _Passed(msgspec.Struct):
    """When a message left, and by when the broker had counted it, None if it may have not yet."""

    at: int
    by: int | None = None


class Quota:
    """
    Lets so many pass in any second, and keeps the others waiting in the order they came.

    The broker counts when messages arrive, not when they leave, so the second is counted a
    twentieth longer here.

    Args:
        per_sec: How many [1 or more].
        wall: The machine's clock.
        window: What is counted as a second [ns].
    """

    def __init__(self, per_sec: int, wall: WallClock, window: int = _WINDOW) -> None:
        self._per_sec = per_sec
        self._wall = wall
        self._window = window
        self._passed: list[_Passed] = []
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Return once one more may leave, and count it as one that arrives at once."""
        async with self.slot():
            pass

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """
        Enter once one more may leave; leave once it is answered.

        However busy the broker or this machine is, it has counted a message by its answer, and
        the second begins there; so none is refused for its rate. An answer that takes longer
        than two seconds is not waited for.
        """
        passed = await self._pass()
        try:
            yield
        finally:
            passed.by = self._wall.monotonic()

    async def _pass(self) -> _Passed:
        async with self._turn:
            while (wait := self._wait(self._wall.monotonic())) > 0:
                await self._wall.sleep(wait)
            passed = _Passed(self._wall.monotonic())
            self._passed.append(passed)
            return passed

    def _wait(self, now: int) -> int:
        """Return how long it takes at least until one more may leave [ns]."""
        self._passed = [each for each in self._passed if self._counts_until(each, now) > now]
        if len(self._passed) < self._per_sec:
            return 0
        return min(self._counts_until(each, now) for each in self._passed) - now

    def _counts_until(self, passed: _Passed, now: int) -> int:
        """Return until when a message counts, were it answered now if it is not yet."""
        by = passed.by
        if by is None:
            by = min(now, passed.at + _LONGEST_TRIP)
        return by + self._window
