"""Measures, prints and writes what `bench_stream.py` explains."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Final

import msgspec
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table

from benchmarks.bar_sets import OUTPUT
from benchmarks.machine import load, machine
from benchmarks.stream.clients import Heard
from maemae.clocks import SystemWallClock
from maemae.domain.ids import Symbol
from maemae.server.security.actor import Actor
from maemae.server.security.sockets import socket_gate
from maemae.server.stream import socket as stream
from maemae.server.stream.hub import Hub
from maemae.server.stream.protocol import StreamProtocol
from maemae.trading.control.watch import Quote
from tests.builders import opening
from tests.storage.databases import Desk, a_round, open_here, sqlite_url
from tests.stream_listening import HandSource, a_feed, an_actor
from tests.waiting import until_async

_CLIENTS: Final = 100
_STUCK: Final = 3
_SECONDS: Final = 20
_TICKS: Final = 500  # a second
_FRAME_SECS: Final = 0.1
_SMALL: Final = 16 * 1024
_SYMBOLS: Final = [Symbol(f"{number:06d}") for number in range(50)]


class Streamed(msgspec.Struct):
    """
    What came of it.

    Attributes:
        told: Order events that were durable, each for every client.
        missed, repeated: Of those, over all clients.
        order_ms: Median, 95th and 99th percentile from durable to the client [ms].
        quote_ms: The same, of the age of the newest quote of a frame [ms].
        frames: Frames of quotes for a client in a second.
        most_waiting: Most messages that waited for all clients together.
        stuck: How those that never read were closed.
    """

    clients: int
    told: int
    missed: int
    repeated: int
    order_ms: tuple[float, float, float]
    quote_ms: tuple[float, float, float]
    frames: float
    most_waiting: int
    stuck: list[int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="How the stream keeps up.")
    parser.add_argument("--clients", type=int, default=_CLIENTS)
    parser.add_argument("--seconds", type=int, default=_SECONDS)
    asked = parser.parse_args(arguments)
    busy = load()
    with tempfile.TemporaryDirectory() as folder:
        streamed = asyncio.run(_measure(Path(folder), asked.clients, asked.seconds))
    Console(width=100).print(_table(streamed))
    content = {
        "measured": datetime.now(UTC),
        "machine": machine(),
        "load": busy,
        "streamed": streamed,
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "stream.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


async def _measure(folder: Path, clients: int, seconds: int) -> Streamed:
    with open_here(sqlite_url(folder)) as store, socket.create_server(("127.0.0.1", 0)) as listener:
        # Else the system itself would take a minute of quotes for who does not read.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL)
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        hub = Hub([a_feed(store, source)], _same, SystemWallClock())
        server = _server(hub)
        serving = asyncio.create_task(server.serve([listener]))
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/api/stream"
        command = [url, str(clients), str(_STUCK), str(seconds)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.stream.clients", *command),
            stdout=asyncio.subprocess.PIPE,
        )
        await until_async(lambda: hub.clients == clients + _STUCK)
        await asyncio.sleep(1)
        waiting: list[int] = []
        ticking = asyncio.create_task(_tick(source, desk, hub, waiting))
        durable = await _trade(desk, seconds - 6)
        ticking.cancel()
        said, _ = await process.communicate()
        server.should_exit = True
        await serving
    return _streamed(msgspec.json.decode(said, type=Heard), durable, max(waiting), seconds)


def _anybody() -> Actor:
    return an_actor()


def _same(actor: Actor) -> Actor:
    return actor


def _server(hub: Hub) -> uvicorn.Server:
    app = FastAPI()
    app.state.hub = hub
    app.include_router(stream.router)
    app.dependency_overrides[socket_gate] = _anybody
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, ws=StreamProtocol, ws_per_message_deflate=False
    )
    return uvicorn.Server(config)


async def _tick(source: HandSource, desk: Desk, hub: Hub, waiting: list[int]) -> None:
    """Let prices change for ever, and note what waits."""
    began, frame = time.monotonic(), 0
    while True:
        frame += 1
        now = time.time_ns()
        ticks = range(round(_TICKS * _FRAME_SECS))
        source.beat(desk.seq, [Quote(_SYMBOLS[tick], 100 + frame, 1, now) for tick in ticks])
        waiting.append(hub.waiting)
        await asyncio.sleep(max(0.0, began + frame * _FRAME_SECS - time.monotonic()))


async def _trade(desk: Desk, seconds: int) -> dict[int, float]:
    """Let orders happen; return when each of their records was durable."""
    durable: dict[int, float] = {}
    began, rounds = time.monotonic(), iter(range(1, 10_000))
    events = (event for number in rounds for event in a_round(number))
    while time.monotonic() - began < seconds:
        turn = desk.turn(next(events))
        written = desk.store.write(turn, desk.state, desk.lease.epoch)
        await asyncio.wrap_future(written)
        durable[desk.seq] = time.time()
        await asyncio.sleep(_FRAME_SECS)
    return durable


def _streamed(heard: Heard, durable: dict[int, float], waiting: int, seconds: int) -> Streamed:
    delays = [at - durable[seq] for orders in heard.orders for seq, at in orders]
    distinct = sum(len({seq for seq, _ in orders}) for orders in heard.orders)
    every = len(durable) * len(heard.orders)
    return Streamed(
        clients=len(heard.orders),
        told=len(durable),
        missed=every - distinct,
        repeated=len(delays) - distinct,
        order_ms=_spread(delays),
        quote_ms=_spread(heard.ages),
        frames=heard.frames / len(heard.orders) / (seconds - 6),
        most_waiting=waiting,
        stuck=heard.stuck,
    )


def _spread(seconds: Sequence[float]) -> tuple[float, float, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49] * 1_000, cuts[94] * 1_000, cuts[98] * 1_000


def _table(streamed: Streamed) -> Table:
    table = Table(title=f"실시간 전송, {streamed.clients} 클라이언트 / the stream")
    for title in ("", "p50", "p95", "p99"):
        table.add_column(title, justify="left" if not title else "right")
    for title, spread in (
        ("저장에서 클라이언트까지 / durable to client [ms]", streamed.order_ms),
        ("시세의 나이 / age of a quote [ms]", streamed.quote_ms),
    ):
        table.add_row(title, *(f"{value:.1f}" for value in spread))
    table.caption = (
        f"{streamed.told} order events, missed {streamed.missed}, repeated {streamed.repeated}; "
        f"{streamed.frames:.1f} frames/s; most waiting {streamed.most_waiting}; "
        f"stuck ended with {streamed.stuck}"
    )
    return table


if __name__ == "__main__":
    main()
