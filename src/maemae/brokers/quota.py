"""How many messages may leave for a broker in a second of the wall."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from maemae.domain.instant import SECOND
from maemae.ports import WallClock

_WINDOW: Final = SECOND + SECOND // 20


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
        self._passed: deque[int] = deque(maxlen=per_sec)
        self._wall = wall
        self._window = window
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Return once one more may leave, and count it."""
        async with self._turn:
            if len(self._passed) == self._passed.maxlen:
                left = self._passed[0] + self._window - self._wall.monotonic()
                if left > 0:
                    await self._wall.sleep(left)
            self._passed.append(self._wall.monotonic())
