"""What a server does later, unless it ends before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from maemae.domain.instant import SECOND


class Timers:
    """Calls that wait for their time."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.TimerHandle] = set()

    def call_later(self, nanos: int, call: Callable[[], None]) -> None:
        """Call after so long [ns of wall time]."""

        def run() -> None:
            self._waiting.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(nanos / SECOND, run)
        self._waiting.add(timer)

    def end(self) -> None:
        """Forget every call that waits."""
        for timer in self._waiting:
            timer.cancel()
