"""
How often the stream is taken back from another login with the same app key.

Kiwoom gives the one stream of a key to whoever logged in last. A second login may be a mistake
of a minute, so the stream is taken back after a pause; each time it was in vain the pause is
longer, and after a few times only a person can take it back: two programs that both come back
would throw each other out for ever.
"""

from __future__ import annotations

import asyncio

from maemae.brokers.kiwoom_rest.config import Rivals
from maemae.ports import WallClock


class Rivalry:
    """
    Counts the logins of others.

    Args:
        rivals: How long to wait, and how often to come back.
        wall: The machine's clock.
    """

    def __init__(self, rivals: Rivals, wall: WallClock) -> None:
        self._rivals = rivals
        self._wall = wall
        self._lost = 0
        self._stands_since = wall.monotonic()
        self._is_wanted = asyncio.Event()

    def stands(self) -> None:
        """The stream stands, from now on."""
        self._stands_since = self._wall.monotonic()

    def lost(self) -> int | None:
        """Another has logged in; return how long to leave it to them [ns], None for a person."""
        if self._wall.monotonic() - self._stands_since >= self._rivals.calm_after:
            self._lost = 0
        self._lost += 1
        if self._lost > self._rivals.returns:
            return None
        return self._rivals.return_after << (self._lost - 1)

    def reclaim(self) -> None:
        """A person wants the stream back now."""
        self._lost = 0
        self._is_wanted.set()

    async def wait(self, pause: int | None) -> None:
        """Return once the pause is over, or a person wants the stream back."""
        self._is_wanted.clear()
        waits: set[asyncio.Task[object]] = {asyncio.create_task(self._is_wanted.wait())}
        if pause is not None:
            waits.add(asyncio.create_task(self._wall.sleep(pause)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in waits:
                waiting.cancel()
            await asyncio.wait(waits)
