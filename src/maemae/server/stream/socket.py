"""
The socket of the stream: `/api/stream`.

Who opens it, and from which page, is checked before it is accepted. What comes in is small, rare
and of declared shape; what goes out waits in bounds.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import TypeAdapter, ValidationError

from maemae.domain.text import Text
from maemae.server.security.sockets import SocketViewer
from maemae.server.stream import messages
from maemae.server.stream.client import TOO_LARGE, TOO_MANY, TOO_SLOW, Client
from maemae.server.stream.envelope import (
    LARGEST_MESSAGE,
    Asking,
    Subscribe,
    Unsubscribe,
    Visibility,
)
from maemae.server.stream.hub import Hub

router = APIRouter(tags=["stream"])

SEND_SECS: Final = 10.0
"""A client that does not take what it is sent for so long is dropped."""

_CLOSE_SECS: Final = 1.0
_BURST: Final = 30  # messages at once
_A_SECOND: Final = 5.0  # and as many more each second

_ASKING: TypeAdapter[Subscribe | Unsubscribe | Visibility] = TypeAdapter(Asking)


@router.websocket("/api/stream")
async def stream(socket: WebSocket, actor: SocketViewer) -> None:
    """Tell of accounts until one of both hangs up."""
    hub: Hub = socket.app.state.hub
    await socket.accept()
    client = hub.open(actor)
    work = [
        asyncio.create_task(_listen(socket, client, hub)),
        asyncio.create_task(_tell(socket, client)),
        asyncio.create_task(client.ended()),
    ]
    try:
        await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(client)
        for task in work:
            task.cancel()
        results = await asyncio.gather(*work, return_exceptions=True)
        await _hang_up(socket, client)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            raise result


async def _listen(socket: WebSocket, client: Client, hub: Hub) -> None:
    allowance = _Allowance()
    while True:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            return
        said = received.get("text")
        if not allowance.take():
            client.close(TOO_MANY)
            return
        if said is not None and len(said.encode()) > LARGEST_MESSAGE:
            client.close(TOO_LARGE)
            return
        await _do(said, client, hub)


async def _do(said: str | None, client: Client, hub: Hub) -> None:
    """Do what a client says, or tell it why not."""
    try:
        asking = _ASKING.validate_json("" if said is None else said)
    except ValidationError:
        client.tell(messages.error("INVALID", _NOT_UNDERSTOOD))
        return
    match asking:
        case Subscribe(channels=channels):
            for asked in channels:
                await hub.subscribe(client, asked)
        case Unsubscribe(channels=channels):
            for asked in channels:
                hub.unsubscribe(client, (asked.channel, asked.account_id))
        case Visibility(is_visible=is_visible):
            client.is_visible = is_visible


async def _tell(socket: WebSocket, client: Client) -> None:
    while told := await client.take():
        try:
            async with asyncio.timeout(SEND_SECS):
                for message in told:
                    await socket.send_text(message)
        except TimeoutError:
            client.close(TOO_SLOW)


async def _hang_up(socket: WebSocket, client: Client) -> None:
    """Say why, if the other side is still there to hear it."""
    if client.closing is not None:
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(_CLOSE_SECS):
                await socket.close(client.closing.code, client.closing.reason)


class _Allowance:
    """How much a client may still say."""

    def __init__(self) -> None:
        self._left = float(_BURST)
        self._at = asyncio.get_running_loop().time()

    def take(self) -> bool:
        """Use one up; False if none is left."""
        now = asyncio.get_running_loop().time()
        self._left = min(_BURST, self._left + (now - self._at) * _A_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


_NOT_UNDERSTOOD: Final = Text(
    "메시지를 이해할 수 없습니다. API 설명의 StreamAsking 대로 JSON 으로 보내세요.",
    "The message cannot be understood. Send JSON as StreamAsking in the API's description says.",
)
