"""A clock of the exchange that a measurement steps on."""

from __future__ import annotations

import asyncio


class SteppedClock:
    """The exchange's time as a measurement moves it (`maemae.ports.VenueClock`)."""

    speed = 1

    def __init__(self, instant: int) -> None:
        self._now = instant
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def now(self) -> int:
        """Return the present instant; a little later each time it is asked."""
        self._now += 1_000
        return self._now

    def step_to(self, instant: int) -> None:
        """Move on, and wake whoever waits for it."""
        self._now = max(self._now, instant)
        waiting, self._waiting = self._waiting, []
        for until, future in waiting:
            if future.done():
                continue
            if until <= self._now:
                future.set_result(None)
            else:
                self._waiting.append((until, future))

    async def sleep_until(self, instant: int) -> None:
        """Return once it was stepped there."""
        if instant > self._now:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((instant, future))
            await future
