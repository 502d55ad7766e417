"""The time of an emulator: learned with its speed, and gone on from whenever it is asked."""

from __future__ import annotations

import asyncio

import pytest

from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode


class Told:
    """Answers with times that a test gives, one after the other."""

    def __init__(self, *times: int | str) -> None:
        self._times = list(times)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = f'{{"now": {self._times.pop(0)}, "speed": 60}}'.encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()


def clock_told(*times: int | str) -> tuple[int, int, int]:
    async def play() -> tuple[int, int, int]:
        server = await asyncio.start_server(Told(*times).serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        host = Host(Mode.PAPER, f"http://127.0.0.1:{port}", "", is_emulator=True)
        clock = EmulatedClock(host)
        async with server:
            first = await clock.ask()
            assert clock.now() >= first
            return clock.speed, first, await clock.ask()

    return asyncio.run(play())


def test_clock_takes_time_and_speed_and_goes_on_from_what_it_is_told() -> None:
    assert clock_told(30 * SECOND, 3_600 * SECOND) == (60, 30 * SECOND, 3_600 * SECOND)


def test_clock_when_nobody_tells_the_time_raises() -> None:
    with pytest.raises(BrokerUnavailableError, match="emulate kiwoom-rest"):
        clock_told('"soon"')
