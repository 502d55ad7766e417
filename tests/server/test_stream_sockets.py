"""Real sockets at five hundred ticks a second: no order is lost; who does not read slows nobody."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import connect

from maemae.clocks import SystemWallClock
from maemae.domain.ids import Symbol
from maemae.server.security.actor import Actor
from maemae.server.security.sockets import socket_gate
from maemae.server.stream import socket as stream
from maemae.server.stream.client import MOST_WAITING
from maemae.server.stream.hub import Hub
from maemae.server.stream.protocol import StreamProtocol
from maemae.storage.store import SqlStore
from maemae.trading.control.watch import Quote
from tests.builders import ACCOUNT, NOON, opening
from tests.server.sockets import Socket, a_socket
from tests.storage.databases import Desk, a_round, open_here, sqlite_url
from tests.stream_listening import HandSource, a_feed, an_actor
from tests.waiting import until_async

READING: Final = 20
FRAMES: Final = 20  # two seconds
TICKS: Final = 50  # of a frame: five hundred a second
SYMBOLS: Final = [Symbol(f"{number:06d}") for number in range(TICKS)]
CHANNELS: Final = [{"channel": name, "account_id": ACCOUNT} for name in ("ORDERS", "QUOTES")]
SMALL: Final = 4_096  # bytes that the system keeps for a client


def anybody() -> Actor:
    return an_actor()


def same(actor: Actor) -> Actor:
    return actor


@asynccontextmanager
async def serving(hub: Hub) -> AsyncIterator[str]:
    """Give the origin of a server of the stream, whose kernel keeps little for who reads not."""
    app = FastAPI()
    app.state.hub = hub
    app.include_router(stream.router)
    app.dependency_overrides[socket_gate] = anybody
    config = uvicorn.Config(app, lifespan="off", log_config=None, ws=StreamProtocol)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        work = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await work


@asynccontextmanager
async def stuck(url: str) -> AsyncIterator[None]:
    """Let somebody ask for everything and read nothing."""
    own, where = socket.socket(), urlsplit(url)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    await asyncio.to_thread(own.connect, (where.hostname, where.port))
    own.settimeout(0)
    at = url.replace("http", "ws", 1) + "/api/stream"
    async with connect(at, sock=own, compression=None, ping_interval=None) as line:
        await line.send(json.dumps({"op": "SUBSCRIBE", "channels": CHANNELS}))
        line.transport.pause_reading()
        yield
        line.transport.abort()


def orders_of(told: Socket) -> list[int]:
    """Return the numbers of the order events that a client was told."""
    return [
        message["sequence"]
        for message in told.messages
        if message.get("channel") == "ORDERS" and message["kind"] == "EVENT"
    ]


async def trade(desk: Desk, source: HandSource, hub: Hub) -> tuple[list[int], int]:
    """Let orders and prices happen; return the orders' numbers, and the most that waited."""
    sent: list[int] = []
    most, clock = 0, asyncio.get_running_loop().time
    began = clock()
    for frame in range(1, FRAMES + 1):
        for event in a_round(frame):
            await asyncio.to_thread(desk.tell, event)
            sent.append(desk.seq)
        source.beat(desk.seq, [Quote(symbol, 100 + frame, 1, NOON) for symbol in SYMBOLS])
        most = max(most, hub.waiting)
        await asyncio.sleep(max(0.0, began + frame / 10 - clock()))
    return sent, most


def test_sockets_lose_no_order_and_wait_for_nobody(tmp_path: Path) -> None:
    async def main(store: SqlStore) -> None:
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        hub = Hub([a_feed(store, source)], same, SystemWallClock())
        async with serving(hub) as url, AsyncExitStack() as opened:
            reading = [await opened.enter_async_context(a_socket(url)) for _ in range(READING)]
            await opened.enter_async_context(stuck(url))
            for each in reading:
                await each.subscribe(*CHANNELS)
                await each.until_of("ORDERS", "SNAPSHOT")
            await until_async(lambda: hub.clients == READING + 1)

            def is_last(message: dict[str, object], told: Socket) -> bool:
                return len(orders_of(told)) == 4 * FRAMES

            async def read(told: Socket) -> None:
                await told.until(lambda message: is_last(message, told))

            readers = asyncio.gather(*map(read, reading))
            sent, most = await trade(desk, source, hub)
            await readers
            assert [orders_of(each) for each in reading] == [sent] * READING
            assert most <= MOST_WAITING
            for each in reading:
                frames = [m for m in each.messages if m.get("channel") == "QUOTES"]
                assert len(frames) <= FRAMES + 1, "conflated"

    with open_here(sqlite_url(tmp_path)) as store:
        asyncio.run(main(store))
