"""Who watches an executor is told what changed; who does not listen is let go, and nobody waits."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from maemae.clocks import SteadyVenueClock
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.ports import Entry
from maemae.trading.control.commands import Ask, StatusQuery, Watch
from maemae.trading.control.frames import ask_frame, framed, socket_path
from maemae.trading.control.replies import Accepted, Reply
from maemae.trading.control.server import ControlServer
from maemae.trading.control.watch import Pulse, Quote, read_watch
from maemae.trading.control.watch_client import watch_executor
from maemae.trading.control.watchers import MOST_UNREAD, MOST_WATCHERS, Watchers
from tests.builders import DAY_1, HYNIX, NOON, SAMSUNG, a_core, a_price, opening
from tests.virtual_time import VirtualWall, run
from tests.waiting import until_async

WITHIN = 60.0


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mm") as folder:
        yield Path(folder).resolve()


def a_print(px: int, symbol: str = SAMSUNG) -> Trade:
    return Trade(Symbol(symbol), px, 3, NOON)


async def watch(home: Path) -> list[Pulse]:
    async with aclosing(watch_executor(home)) as pulses:
        return [await first(pulses)]


def some_watchers() -> Watchers:
    return Watchers(SteadyVenueClock(NOON), VirtualWall())


async def no_answer(_ask: Ask) -> Reply:
    return Accepted("none")


async def first(pulses: AsyncIterator[Pulse]) -> Pulse:
    return await asyncio.wait_for(anext(pulses), WITHIN)


def test_watcher_is_told_everything_first_and_then_only_what_changed(home: Path) -> None:
    async def main() -> None:
        watchers, core = some_watchers(), a_core()
        watchers.hear_time(core)
        watchers.hear_print(a_print(70_000))
        watchers.hear_print(a_print(180_000, HYNIX))
        watchers.beat()
        async with (
            ControlServer(home, no_answer, watchers),
            aclosing(watch_executor(home)) as pulses,
        ):
            whole = await first(pulses)
            assert {quote.symbol: quote.px for quote in whole.quotes} == {
                SAMSUNG: 70_000,
                HYNIX: 180_000,
            }
            assert (whole.phase, whole.session_date) == (core.market.phase, DAY_1)
            assert whole.at >= NOON
            watchers.hear_print(a_print(70_100))
            watchers.hear_print(a_print(70_200))
            watchers.beat()
            (quote,) = (await first(pulses)).quotes
            base_price = core.market.instruments[SAMSUNG].base_price
            assert quote == Quote(SAMSUNG, 70_200, 3, NOON, base_price)

    asyncio.run(main())


def test_watcher_is_told_of_records_and_not_of_mere_observations(home: Path) -> None:
    async def main() -> None:
        watchers, core = some_watchers(), a_core()
        async with (
            ControlServer(home, no_answer, watchers),
            aclosing(watch_executor(home)) as pulses,
        ):
            assert (await first(pulses)).head == 0
            start = opening()[0]
            entries = [Entry(7, start, []), Entry(8, a_price(), [])]
            watchers.hear_entries(entries, core)
            watchers.beat()
            assert (await first(pulses)).head == 7

    asyncio.run(main())


def test_watchers_when_nothing_happens_beat_once_a_second() -> None:
    class Line(asyncio.WriteTransport):
        frames = 0

        def write(self, data: bytes | bytearray | memoryview) -> None:
            self.frames += 1

        def get_write_buffer_size(self) -> int:
            return 0

        def is_closing(self) -> bool:
            return False

    async def main() -> int:
        watchers, line = some_watchers(), Line()
        assert watchers.add(line)
        beating = asyncio.create_task(watchers.run())
        await asyncio.sleep(10.05)
        beating.cancel()
        return line.frames

    assert 10 <= run(main()) <= 12


def test_watcher_when_it_does_not_read_is_let_go_and_the_others_are_told(home: Path) -> None:
    async def main() -> None:
        watchers = some_watchers()
        for number in range(2_000):
            watchers.hear_print(a_print(70_000, f"{number:06d}"))
        async with ControlServer(home, no_answer, watchers):
            stuck = await asyncio.to_thread(connect_and_ask, home)
            async with aclosing(watch_executor(home)) as pulses:
                told = 0
                await first(pulses)
                while watchers.count > 1:
                    for number in range(2_000):
                        watchers.hear_print(a_print(70_000 + told, f"{number:06d}"))
                    watchers.beat()
                    told += 1
                    assert len((await first(pulses)).quotes) == 2_000
                    assert told * 30_000 < 4 * MOST_UNREAD
            assert told > 5
            stuck.close()

    asyncio.run(main())


def connect_and_ask(home: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(WITHIN)
    line.connect(str(socket_path(home)))
    line.sendall(ask_frame(Watch()))
    line.recv(1)
    return line


def test_watchers_when_there_are_too_many_are_refused_and_answers_go_on(home: Path) -> None:
    async def main() -> None:
        watchers = some_watchers()
        async with ControlServer(home, no_answer, watchers):
            lines = [await asyncio.to_thread(connect_and_ask, home) for _ in range(MOST_WATCHERS)]
            with pytest.raises(ConfigError, match="Too many"):
                await watch(home)
            lines.pop().close()
            await until_async(lambda: watchers.count < MOST_WATCHERS)
            assert await watch(home)
            for line in lines:
                line.close()

    asyncio.run(main())


def test_watch_when_the_executor_watches_nobody_or_is_not_there_is_refused(home: Path) -> None:
    async def main() -> None:
        with pytest.raises(ConfigError, match="No executor runs"):
            await watch(home)
        async with ControlServer(home, no_answer):
            with pytest.raises(ConfigError, match="Too many"):
                await watch(home)

    asyncio.run(main())


def test_watch_when_the_executor_ends_or_falls_silent_ends(home: Path) -> None:
    async def main() -> None:
        server = ControlServer(home, no_answer, some_watchers())
        await server.__aenter__()
        async with aclosing(watch_executor(home)) as pulses:
            await first(pulses)
            await server.__aexit__()
            assert [pulse async for pulse in pulses] == []
        async with (
            ControlServer(home, no_answer, some_watchers()),
            aclosing(watch_executor(home, silent_after_secs=0.05)) as silent,
        ):
            assert len([pulse async for pulse in silent]) == 1

    asyncio.run(main())


@pytest.mark.parametrize("body", [b"\xc1", ask_frame(StatusQuery())[4:], framed(b"x")])
def test_pulse_when_it_cannot_be_understood_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidValueError):
        read_watch(body)
