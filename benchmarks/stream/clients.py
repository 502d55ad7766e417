"""Clients of the stream: `python -m benchmarks.stream.clients URL READING STUCK SECONDS`."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

ACCOUNT: Final = "A-1"
_SMALL: Final = 4_096  # bytes that the system takes for a client that does not read
_ASKED: Final = json.dumps(
    {
        "op": "SUBSCRIBE",
        "channels": [
            {"channel": "ORDERS", "account_id": ACCOUNT},
            {"channel": "QUOTES", "account_id": ACCOUNT},
        ],
    }
)


class Heard(msgspec.Struct):
    """
    What clients heard.

    Attributes:
        orders: For each client, the number of every order event and when it came [s].
        ages: How old quotes were when they came [s].
        frames: Frames of quotes, of all clients.
        stuck: Close codes of those that never read; 0 while they are connected.
    """

    orders: list[list[tuple[int, float]]]
    ages: list[float] = []
    frames: int = 0
    stuck: list[int] = []


async def listen(url: str, seconds: float, heard: Heard) -> None:
    """Read everything for a while."""
    orders: list[tuple[int, float]] = []
    heard.orders.append(orders)
    async with connect(url, compression=None, max_size=None) as line:
        await line.send(_ASKED)
        try:
            async with asyncio.timeout(seconds):
                async for text in line:
                    _note(json.loads(text), orders, heard)
        except TimeoutError:
            return


def _note(message: dict[str, Any], orders: list[tuple[int, float]], heard: Heard) -> None:
    now = time.time()
    if message["kind"] == "EVENT":
        orders.append((message["sequence"], now))
    elif message["kind"] == "DELTA":
        heard.frames += 1
        newest = max(row["at"] for row in message["data"])
        heard.ages.append(now - datetime.fromisoformat(newest).timestamp())


async def stay(url: str, seconds: float, heard: Heard) -> None:
    """Ask for everything and read nothing."""
    place = urlsplit(url)
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
    await asyncio.to_thread(own.connect, (place.hostname, place.port))
    own.settimeout(0)
    async with connect(url, sock=own, compression=None, ping_interval=None) as line:
        await line.send(_ASKED)
        line.transport.pause_reading()
        await asyncio.sleep(seconds)
        line.transport.resume_reading()
        try:
            async with asyncio.timeout(5):
                while True:
                    await line.recv()
        except (ConnectionClosed, TimeoutError):
            heard.stuck.append(line.close_code or 0)


async def main(url: str, reading: int, stuck: int, seconds: float) -> Heard:
    """Let clients listen for a while."""
    heard = Heard([])
    clients = [listen(url, seconds, heard) for _ in range(reading)]
    await asyncio.gather(*clients, *(stay(url, seconds, heard) for _ in range(stuck)))
    return heard


if __name__ == "__main__":
    asked = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    sys.stdout.write(msgspec.json.encode(asyncio.run(main(*asked))).decode())
