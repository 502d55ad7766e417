"""The simulated exchange's time, as its broker tells it."""

from __future__ import annotations

import asyncio

from maemae.clocks import SteadyVenueClock
from maemae.domain.instant import SECOND


class SimVenueClock:
    """
    The exchange's time (`maemae.ports.VenueClock`): steady, and set forward over skipped nights.

    Valid once its broker is connected. A broker that was away may have stood still; the clock
    then waits for it and does not go back.
    """

    def __init__(self) -> None:
        self._clock = SteadyVenueClock(0)
        self._floor = 0
        self._was_set = asyncio.Event()

    @property
    def speed(self) -> int:
        """Seconds of the exchange in a second of the wall."""
        return self._clock.speed

    def set(self, instant: int, speed: int | None = None) -> None:
        """Go on from an instant [ns, UTC], at another speed if one is told."""
        self._floor = self.now()
        self._clock = SteadyVenueClock(instant, speed or self.speed)
        self._was_set.set()
        self._was_set = asyncio.Event()

    def now(self) -> int:
        """Return the exchange's time [ns, UTC]; it never goes back."""
        self._floor = max(self._floor, self._clock.now())
        return self._floor

    async def sleep_until(self, instant: int) -> None:
        """Return once the exchange's time has reached an instant [ns, UTC]."""
        while (left := instant - self.now()) > 0:
            try:
                async with asyncio.timeout(left / self.speed / SECOND):
                    await self._was_set.wait()
            except TimeoutError:
                continue
