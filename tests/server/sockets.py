"""Sockets of the stream as browsers and programs open them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

WITHIN: Final = 60.0
Message = dict[str, Any]


class Socket:
    """
    An open socket.

    Attributes:
        messages: Everything that was told so far.
    """

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.messages: list[Message] = []

    async def say(self, **said: object) -> None:
        """Say something."""
        await self.line.send(json.dumps(said))

    async def subscribe(self, *channels: Mapping[str, object]) -> None:
        """Ask to be told of channels."""
        await self.say(op="SUBSCRIBE", channels=channels)

    async def until(self, is_it: Callable[[Message], object]) -> Message:
        """Read until a message is told that is it, and return that."""
        async with asyncio.timeout(WITHIN):
            while True:
                message: Message = json.loads(await self.line.recv())
                self.messages.append(message)
                if is_it(message):
                    return message

    async def until_of(self, channel: str, kind: str) -> Message:
        """Read until a message of a kind is told in a channel."""
        return await self.until(lambda one: one.get("channel") == channel and one["kind"] == kind)

    async def ends(self) -> tuple[int, str]:
        """Read until it is closed; return why."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(WITHIN):
                while True:
                    await self.line.recv()
        return self.line.close_code or 0, self.line.close_reason or ""


@asynccontextmanager
async def a_socket(
    url: str, ticket: str = "", origin: str | None = None, **headers: str
) -> AsyncIterator[Socket]:
    """
    Open a socket.

    Args:
        url: The server's origin.
        ticket: Shown in the address; empty for none.
        origin: Of the page; None for the server's own, empty for none.
        headers: Sent along; underscores stand for hyphens.
    """
    where = url.replace("http", "ws", 1) + "/api/stream" + (f"?ticket={ticket}" if ticket else "")
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    page = {"Origin": url if origin is None else origin} if origin != "" else {}
    async with connect(where, additional_headers=told | page, compression=None) as line:
        yield Socket(line)


def a_ticket(client: httpx.Client) -> str:
    """Return a ticket for a browser that is logged in."""
    answer = client.post("/api/auth/ticket")
    assert answer.is_success, answer.text
    ticket: str = answer.json()["ticket"]
    return ticket


def cookie_of(client: httpx.Client) -> str:
    """Return the cookie of a browser."""
    cookie: str = client.headers["Cookie"]
    return cookie


async def refused(url: str, ticket: str = "", origin: str | None = None, **headers: str) -> int:
    """Return the status that a socket is refused with; 0 if it was accepted."""
    try:
        async with a_socket(url, ticket, origin, **headers):
            return 0
    except InvalidStatus as refusal:
        return refusal.response.status_code
