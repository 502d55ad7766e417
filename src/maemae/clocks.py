"""The wall's clock and the exchange's; the only readers of time outside the command line."""

from __future__ import annotations

import asyncio
import time

from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import SECOND


class SystemWallClock:
    """The machine's own clock (`maemae.ports.WallClock`)."""

    def now(self) -> int:
        """Return the time of day [ns, UTC]; it may jump."""
        return time.time_ns()

    def monotonic(self) -> int:
        """Return a time that never goes back [ns]."""
        return time.monotonic_ns()

    async def sleep(self, nanos: int) -> None:
        """Return after so long [ns]."""
        await asyncio.sleep(nanos / SECOND)


class SteadyVenueClock:
    """
    The exchange's time, counted on from an instant that was told (`maemae.ports.VenueClock`).

    Steps of the machine's wall clock do not reach it: it follows the monotonic clock, which
    stands still while the machine sleeps.

    Args:
        instant: The exchange's time when the clock is made [ns, UTC].
        speed: Seconds of the exchange in a second of the wall, 1 or more.

    Raises:
        InvalidValueError: The speed is below 1.
    """

    def __init__(self, instant: int, speed: int = 1) -> None:
        if speed < 1:
            raise InvalidValueError(
                f"시계 배속이 {speed} 입니다. 1 이상의 정수로 정하세요.",
                f"A clock cannot run at {speed} times the wall's speed. Use 1 or more.",
            )
        self.speed = speed
        self._instant = instant
        self._began = time.monotonic_ns()

    def now(self) -> int:
        """Return the exchange's time [ns, UTC]; it never goes back."""
        return self._instant + (time.monotonic_ns() - self._began) * self.speed

    def leap(self, slept: int) -> None:
        """Make up for a sleep of the machine [ns]; who waits for an instant is not woken sooner."""
        self._instant += slept * self.speed

    async def sleep_until(self, instant: int) -> None:
        """Return once the exchange's time has reached an instant [ns, UTC]."""
        left = instant - self.now()
        if left > 0:
            await asyncio.sleep(left / self.speed / SECOND)
            await self.sleep_until(instant)  # the timer may be early by its resolution
