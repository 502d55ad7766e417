"""
Whether the clocks can be believed: ours against the broker's, the wall's against the steady one.

No timer runs by the wall's time of day, so a step of it fires nothing and suppresses nothing.
But whoever finds a clock wrong does not know what else is, so new orders wait until it was
right for a while. A sleep of the machine alone is known for what it is: the wall and the broker
agree, and the exchange's time as we count it is behind both. Then another engine begins.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import msgspec

from maemae.domain.errors import BrokerError, SleptError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.trading.ceiling import Ceiling
from maemae.trading.endings import Ending
from maemae.trading.outside import Outside
from maemae.trading.plan import Rhythm

MOST_SKEW: Final = SECOND
"""Difference above which a clock is wrong [ns of wall time]."""

_ALIKE: Final = 2 * SECOND  # a broker tells whole seconds, and takes a while to

CLOCK: Final = "CLOCK"
"""Cause by which the ceiling is held."""


class Reading(msgspec.Struct, frozen=True):
    """
    All clocks, read at once.

    Attributes:
        wall: Time of day [ns, UTC].
        monotonic: Steady time [ns].
        venue: The exchange's time as we count it [ns, UTC].
        skew: How far the broker's clock is ahead of the exchange's as we count it [ns of wall
            time]; None if the broker did not answer.
    """

    wall: int
    monotonic: int
    venue: int
    skew: int | None

    @property
    def slept(self) -> int | None:
        """How far wall and broker together are ahead of the exchange's time; None if not [ns]."""
        ahead = self.wall - self.venue
        if self.skew is None or self.skew <= MOST_SKEW or abs(ahead - self.skew) > _ALIKE:
            return None
        return ahead


class ClockJudge:
    """
    Decides from readings whether the clocks are right.

    Args:
        settle: How long they must have been right after they were wrong [ns].
    """

    def __init__(self, settle: int) -> None:
        self._settle = settle
        self._last: Reading | None = None
        self._wrong: Text | None = None
        self._right_since: int | None = None

    def judge(self, reading: Reading) -> Text | None:
        """Return why the clocks are not to be believed, None if they are."""
        last, self._last = self._last, reading
        fault = _fault(last, reading)
        if fault is not None:
            self._wrong, self._right_since = fault, None
        elif self._wrong is not None and reading.skew is not None:
            if self._right_since is None:
                self._right_since = reading.monotonic
            if reading.monotonic - self._right_since >= self._settle:
                self._wrong = None
        return self._wrong


def skew_between(theirs: int, before: int, after: int, speed: int) -> int:
    """
    Return how far a clock is ahead of ours, as far as the wait for its answer leaves no doubt.

    Args:
        theirs: What it said [ns, UTC].
        before: Ours when it was asked [ns, UTC].
        after: Ours when it had answered [ns, UTC].
        speed: Seconds of both in a second of the wall.

    Returns:
        The difference [ns of wall time]; 0 if it lies between the two.
    """
    return (theirs - min(max(theirs, before), after)) // speed


class SkewWatch:
    """
    Looks at the clocks again and again, and holds the ceiling while they are wrong.

    Args:
        outside: The clocks, and the broker's.
        ceiling: Held while they are wrong.
        rhythm: How often to look, and how long they must be right again.
    """

    def __init__(self, outside: Outside, ceiling: Ceiling, rhythm: Rhythm) -> None:
        self._outside = outside
        self._ceiling = ceiling
        self._every = rhythm.skew_every
        self._judge = ClockJudge(rhythm.settle_for)

    async def run(self) -> None:
        """
        Look for ever.

        Raises:
            SleptError: The machine slept, and nobody but us sets the exchange's time right.
        """
        while True:
            await self.look()
            await self._outside.wall.sleep(self._every)

    async def look(self) -> None:
        """
        Look once.

        Raises:
            SleptError: As for `run`.
        """
        reading = await self._read()
        if reading.slept is not None and self._outside.leap is not None:
            raise _slept(reading.slept)
        wrong = self._judge.judge(reading)
        if wrong is None:
            self._outside.over(Ending.CLOCKS_RIGHT)
            await self._ceiling.release(CLOCK)
            return
        self._outside.warn("CLOCK_SKEW", "clock", wrong, is_critical=True)
        await self._ceiling.hold(CLOCK, wrong.ko)

    async def _read(self) -> Reading:
        skew = None
        with suppress(BrokerError, TimeoutError):  # that it is silent is told elsewhere
            async with asyncio.timeout(self._every / SECOND):
                skew = await read_skew(self._outside)
        wall = self._outside.wall
        return Reading(wall.now(), wall.monotonic(), self._outside.venue.now(), skew)


async def read_skew(outside: Outside) -> int:
    """
    Return how far the broker's clock is ahead of the exchange's as we count it [ns of wall time].

    Raises:
        BrokerUnavailableError: It does not answer.
    """
    before = outside.venue.now()
    theirs = await outside.broker.server_time()
    return skew_between(theirs, before, outside.venue.now(), outside.venue.speed)


def _slept(slept: int) -> SleptError:
    return SleptError(
        f"컴퓨터가 {slept // SECOND:,}초 동안 절전 상태였고, 그동안 손절은 작동하지 않았습니다. "
        "시계를 맞추고 장부를 다시 세웁니다. 보유를 확인하고 절전을 끄세요.",
        f"This machine slept for {slept // SECOND:,} s, and no stop worked meanwhile. The clock is "
        "set and the book rebuilt. Check what is held, and switch sleeping off.",
        slept,
    )


def _fault(last: Reading | None, now: Reading) -> Text | None:
    if now.skew is not None and abs(now.skew) > MOST_SKEW:
        return Text(
            f"증권사 시계와 {now.skew / SECOND:+.3f}초 어긋났습니다. 새 주문을 멈췄습니다. 컴퓨터 "
            "시각 동기화(NTP)를 확인하고, 절전 뒤라면 실행기를 다시 시작하세요.",
            f"{now.skew / SECOND:+.3f} s from the broker's clock; new orders are stopped. Check "
            "that this machine follows a time server; after a sleep restart the executor.",
        )
    if last is None:
        return None
    step = (now.wall - last.wall) - (now.monotonic - last.monotonic)
    if abs(step) <= MOST_SKEW:
        return None
    return Text(
        f"컴퓨터 시계가 {step / SECOND:+.3f}초 뛰었습니다(절전이나 시각 변경). 새 주문을 잠시 "
        "멈췄습니다. 저절로 풀리지 않으면 시각 동기화(NTP)를 확인하세요.",
        f"This machine's clock jumped by {step / SECOND:+.3f} s (a sleep, or it was set); new "
        "orders are stopped for a while. If that lasts, check its time server.",
    )
