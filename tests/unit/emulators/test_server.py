"""The server: who gets no answer, who is cut, and when the process must end."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from maemae.brokers.sim.messages import (
    AskCash,
    Cancel,
    ErrorCode,
    Hello,
    Ping,
    Pong,
    Refused,
    Stop,
    Submit,
    Told,
    Welcome,
    decode_told,
    frame,
    read_frame,
)
from maemae.domain.errors import StorageError
from maemae.domain.ids import ClOrdId, OrderId
from maemae.domain.terms import OrdType, Side, TimeInForce
from maemae.emulators.market_source import CatalogueSource, MarketData, load_market
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.emulators.sim.server import run_sim_broker
from tests.brokers.sim_rig import ACCOUNT, CASH, STILL, make_market

SUBMIT = Submit(2, ClOrdId(1), ACCOUNT, STILL, Side.BUY, OrdType.LIMIT, TimeInForce.DAY, 9_000, 1)
Scene = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


def play(folder: Path, data: MarketData, scene: Scene) -> None:
    """Play a scene over a socket, then let the server stop itself."""
    config = SimBrokerConfig(
        ledger=str(folder / "ledger"), accounts={ACCOUNT: CASH}, market=CatalogueSource("", "")
    )

    async def run() -> None:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(
            run_sim_broker(config, data, ready.set_result, asyncio.Event())
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", await ready)
        try:
            await scene(reader, writer)
            writer.write(frame(Stop(99)))
            await serving
        finally:
            writer.close()

    asyncio.run(run())


async def told(reader: asyncio.StreamReader) -> Told:
    return decode_told(await read_frame(reader))


def test_client_when_it_never_said_hello_is_told_nothing(tmp_path: Path, data: MarketData) -> None:
    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for message in (SUBMIT, AskCash(3, ACCOUNT), Ping(4)):
            writer.write(frame(message))
            refused = await told(reader)
            assert isinstance(refused, Refused)
            assert (refused.seq, refused.code) == (message.seq, ErrorCode.BAD_MESSAGE)

    play(tmp_path, data, scene)


def test_client_when_it_says_epoch_0_may_ask_and_not_order(
    tmp_path: Path, data: MarketData
) -> None:
    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(Hello(1, 0)))
        assert isinstance(await told(reader), Welcome)
        for request in (SUBMIT, Cancel(2, ClOrdId(2), ACCOUNT, OrderId("0000000001"))):
            writer.write(frame(request))
            refused = await told(reader)
            assert isinstance(refused, Refused)
            assert refused.code is ErrorCode.READ_ONLY
        writer.write(frame(Ping(3)))
        assert isinstance(await told(reader), Pong)

    play(tmp_path, data, scene)


@pytest.mark.parametrize(
    "raw",
    [b"\x00\x00\x00\x01\xc1", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"GET / HTTP/1.1\r\n"],
)
def test_client_when_it_speaks_another_protocol_is_cut_and_the_server_stays(
    tmp_path: Path, data: MarketData, raw: bytes
) -> None:
    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other = await asyncio.open_connection(*writer.get_extra_info("peername"))
        other.write(raw)
        await other_reader.read()
        other.close()
        writer.write(frame(Hello(1, 1)))
        assert isinstance(await told(reader), Welcome)

    play(tmp_path, data, scene)


def test_server_when_its_ledger_cannot_be_written_answers_nothing_and_ends(
    tmp_path: Path, data: MarketData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(Hello(1, 1)))
        assert isinstance(await told(reader), Welcome)
        monkeypatch.setattr(os, "fsync", fail)
        writer.write(frame(SUBMIT))
        with pytest.raises((EOFError, OSError)):
            await read_frame(reader)

    with pytest.raises(StorageError):
        play(tmp_path, data, scene)
