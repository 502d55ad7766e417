"""Writes the emergency log for the lane without ever holding it up."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from maemae.ports import WallClock
from maemae.trading.emergency.log import EmergencyLog, Record

_PATIENCE_SECS: Final = 1.0  # a disk that takes longer has failed, and cancels must leave in two


class Scribe(Protocol):
    """Whoever notes what is about to be done."""

    async def note(self, record: Record) -> None:
        """Return once the record is on the disk, or cannot be put there soon; never raises."""


class LogScribe:
    """
    Notes in the emergency log, in a thread; gives a failing disk up until it is back.

    Args:
        log: The log.
        wall: For the times.

    Attributes:
        missed: Records that are not known to be on the disk.
    """

    def __init__(self, log: EmergencyLog, wall: WallClock) -> None:
        self.missed = 0
        self._log = log
        self._wall = wall
        self._turn = asyncio.Lock()
        self._writing: asyncio.Task[int] | None = None

    async def note(self, record: Record) -> None:
        """Return once the record is on the disk, or a second has passed."""
        async with self._turn:
            if self._writing is not None and not self._writing.done():
                self.missed += 1  # the disk still hangs on an earlier one
                return
            write = asyncio.to_thread(self._log.append, record, self._wall.now())
            self._writing = asyncio.create_task(write)
            done, _ = await asyncio.wait({self._writing}, timeout=_PATIENCE_SECS)
            if not done or self._writing.exception() is not None:
                self.missed += 1
