"""
Lets those who try to get in through one after the other.

Who tries is a stranger until it worked. A crowd of them takes one thread and one core at most, and
waits without any: those who are in are served as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from maemae.server.security.refusals import too_many_at_once

MOST_WAITING: Final = 16


class Turnstile:
    """One place, and a short queue before it; used from one event loop."""

    def __init__(self) -> None:
        self._place = asyncio.Lock()
        self._there = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """
        Wait for the place, and have it until left.

        Raises:
            ProblemError: Too many wait already.
        """
        if self._there > MOST_WAITING:
            raise too_many_at_once()
        self._there += 1
        try:
            async with self._place:
                yield
        finally:
            self._there -= 1
