"""
The exchange's time of an emulator on this machine, which may run faster than the wall.

Kiwoom tells no time but the date of its answers; an emulator is asked for its market's time and
speed under an address of its own.
"""

from __future__ import annotations

from typing import Final

import httpx
import msgspec

from maemae.brokers.kiwoom_rest.client import trusted
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.brokers.sim.clock import SimVenueClock
from maemae.domain.errors import BrokerUnavailableError

_PATH: Final = "/admin/clock"


class _Told(msgspec.Struct, frozen=True):
    now: int
    speed: int


class EmulatedClock(SimVenueClock):
    """
    The time of an emulator's market (`maemae.ports.VenueClock`), set whenever it is asked for.

    Args:
        host: The emulator.
    """

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._url = f"{host.rest}{_PATH}"

    async def ask(self) -> int:
        """
        Return what time it is there [ns, UTC], and go on from it at its speed.

        Raises:
            BrokerUnavailableError: The emulator does not answer.
        """
        try:
            async with httpx.AsyncClient(trust_env=False, verify=trusted()) as client:
                told = _decode((await client.get(self._url)).content)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise BrokerUnavailableError(
                "키움 에뮬레이터에 시각을 물을 수 없습니다. maemae emulate kiwoom-rest 를 켜세요.",
                "The Kiwoom emulator does not tell its time. Start maemae emulate kiwoom-rest.",
            ) from error
        self.set(told.now, told.speed)
        return told.now


_decode: Final = msgspec.json.Decoder(_Told).decode
