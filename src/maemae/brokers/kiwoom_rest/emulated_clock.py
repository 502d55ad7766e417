"""
The exchange's time of an emulator on this machine, which may run faster than the wall.

Kiwoom tells no time but the date of its answers; an emulator is asked for its market's time
under an address of its own.
"""

from __future__ import annotations

from typing import Final

import httpx
import msgspec

from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.brokers.sim.clock import SimVenueClock
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.instant import SECOND
from maemae.ports import WallClock

_PATH: Final = "/admin/truth"
_APART: Final = SECOND // 2
_EXACT: Final = 20  # below this a speed is any whole number, above one of two digits


class _Told(msgspec.Struct, frozen=True):
    now: int


class EmulatedClock(SimVenueClock):
    """
    The time of an emulator's market (`maemae.ports.VenueClock`), set whenever it is asked for.

    Args:
        host: The emulator.
        wall: The machine's clock.
    """

    def __init__(self, host: Host, wall: WallClock) -> None:
        super().__init__()
        self._url = f"{host.rest}{_PATH}"
        self._wall = wall

    async def learn(self) -> None:
        """
        Find out time and speed.

        Raises:
            BrokerUnavailableError: The emulator does not answer.
        """
        async with httpx.AsyncClient(trust_env=False) as client:
            began, first = self._wall.monotonic(), await self._now(client)
            await self._wall.sleep(_APART)
            ended, last = self._wall.monotonic(), await self._now(client)
        self.set(last, speed_of(last - first, ended - began))

    async def ask(self) -> int:
        """
        Return what time it is there [ns, UTC], and go on from it.

        Raises:
            BrokerUnavailableError: The emulator does not answer.
        """
        async with httpx.AsyncClient(trust_env=False) as client:
            now = await self._now(client)
        self.set(now)
        return now

    async def _now(self, client: httpx.AsyncClient) -> int:
        try:
            return _decode((await client.get(self._url)).content).now
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise BrokerUnavailableError(
                "키움 에뮬레이터에 시각을 물을 수 없습니다. maemae emulate kiwoom-rest 를 켜세요.",
                "The Kiwoom emulator does not tell its time. Start maemae emulate kiwoom-rest.",
            ) from error


def speed_of(passed: int, waited: int) -> int:
    """Return how many times as fast time passed there [ns] as here [ns]: a round number."""
    speed = max(1, round(passed / waited))
    digits = 1
    while speed // digits >= _EXACT * 5:
        digits *= 10
    return round(speed / digits) * digits


_decode: Final = msgspec.json.Decoder(_Told).decode
