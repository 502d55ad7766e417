"""The server as an ASGI application: HTTP to the counter, WebSockets to the hub, admin apart."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import msgspec
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from maemae.domain.errors import MaemaeError
from maemae.emulators.kiwoom_rest.admin import PREFIX, Admin, NoSuchThingError
from maemae.emulators.kiwoom_rest.catalogue import SOCKET_PATHS
from maemae.emulators.kiwoom_rest.config import Doubts
from maemae.emulators.kiwoom_rest.counter import Counter, Reply
from maemae.emulators.kiwoom_rest.faults import FaultSwitch, LostReply
from maemae.emulators.kiwoom_rest.hub import Hub
from maemae.emulators.kiwoom_rest.order_news import OrderEntry
from maemae.emulators.kiwoom_rest.session import Session
from maemae.emulators.kiwoom_rest.teller import Teller
from maemae.ports import WallClock


class Application:
    """
    What uvicorn calls.

    Args:
        counter: Answers REST requests.
        hub: Keeps the sessions.
        teller: Tells them of orders.
        admin: Answers under its own address.
        faults: What is wrong.
        doubts: How the real server is assumed to behave.
        wall: The machine's clock.

    Attributes:
        failure: Why the books cannot be trusted any more, None while they can.
        failed: Set with it.
    """

    def __init__(
        self,
        counter: Counter,
        hub: Hub,
        teller: Teller,
        admin: Admin,
        faults: FaultSwitch[OrderEntry],
        doubts: Doubts,
        wall: WallClock,
    ) -> None:
        self.failure: MaemaeError | None = None
        self.failed = asyncio.Event()
        self._counter = counter
        self._hub = hub
        self._teller = teller
        self._admin = admin
        self._faults = faults
        self._doubts = doubts
        self._wall = wall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        try:
            if scope["type"] == "http":
                await self._http(scope, receive, send)
            elif scope["type"] == "websocket":
                await self._socket(scope, receive, send)
        except MaemaeError as error:
            self.failure = error
            self.failed.set()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = _plain(scope["path"]), scope["method"]
        body = await _body(receive)
        if path.startswith(PREFIX):
            await self._manage(method, path, body)(scope, receive, send)
        elif self._faults.now.maintenance:
            page = HTMLResponse(_MAINTENANCE, self._doubts.maintenance_status)
            await page(scope, receive, send)
        elif method != "POST":
            await HTMLResponse(_NOT_HERE, 405)(scope, receive, send)
        else:
            await self._business(scope, receive, send, path, body)

    def _manage(self, method: str, path: str, body: bytes) -> Response:
        try:
            answer = self._admin.take(method, path, body or b"{}")
        except (NoSuchThingError, msgspec.DecodeError, msgspec.ValidationError) as error:
            return _json({"ok": False, "error": str(error)}, 400)
        return _json(answer, 200)

    async def _business(
        self, scope: Scope, receive: Receive, send: Send, path: str, body: bytes
    ) -> None:
        fields = _fields(body)
        if fields is None:
            await HTMLResponse(_NOT_JSON, 400)(scope, receive, send)
            return
        reply = self._counter.take(path, _headers(scope), fields)
        if self._faults.now.frames_first:
            self._teller.tell_orders(reply.news)
        if self._faults.now.slow_by:
            await self._wall.sleep(self._faults.now.slow_by)
        loss = self._faults.take_loss() if reply.is_order else None
        if loss is LostReply.CUT:
            _cut(send)
        elif loss is None:
            await _written(reply)(scope, receive, send)
        if not self._faults.now.frames_first:
            self._teller.tell_orders(reply.news)
        if loss is not None:
            await _gone(receive)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if _plain(scope["path"]) not in SOCKET_PATHS or self._faults.now.maintenance:
            await send({"type": "websocket.close", "code": _REFUSED})
            return
        await send({"type": "websocket.accept"})
        if self._faults.now.closes_early:
            await send({"type": "websocket.close", "code": _NORMAL})
            return
        session = Session(self._wall)
        self._hub.enter(session, _headers(scope).get("authorization", ""))
        tasks = [
            asyncio.create_task(self._listen(session, receive)),
            asyncio.create_task(_speak(session, send)),
            asyncio.create_task(self._ping(session)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(session)
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, MaemaeError):
                raise outcome
        if not tasks[0].done() or not isinstance(outcomes[0], str):
            with suppress(RuntimeError, OSError):  # the client may be gone
                await send({"type": "websocket.close", "code": _NORMAL})

    async def _listen(self, session: Session, receive: Receive) -> str:
        """Take frames until the client is gone."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return _DISCONNECTED
            self._hub.take(session, _text(message))

    async def _ping(self, session: Session) -> None:
        """Ask for life signs until one fails to come."""
        await self._wall.sleep(self._doubts.ping_every)
        while self._hub.ping(session):
            await self._wall.sleep(self._doubts.ping_every)


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by their names in lower case."""
    return {
        name.decode().lower(): value.decode(errors="replace") for name, value in scope["headers"]
    }


def _plain(path: str) -> str:
    """Return a path as clients mean it whose address ends, or whose path begins, in one more /."""
    return f"/{path.strip('/')}"


async def _speak(session: Session, send: Send) -> None:
    """Send what waits until the session is closed."""
    while (text := await session.outgoing.get()) is not None:
        await send({"type": "websocket.send", "text": text})


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _gone(receive: Receive) -> None:
    """Return once the client has given up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _fields(body: bytes) -> dict[str, str] | None:
    """Return the fields of a body as text, None if it is no JSON object."""
    try:
        asked = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError:
        return None
    if not isinstance(asked, dict):
        return None
    return {str(name): _as_text(value) for name, value in asked.items()}


def _as_text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _text(message: Message) -> str:
    text = message.get("text")
    if isinstance(text, str):
        return text
    raw = message.get("bytes") or b""
    return bytes(raw).decode(errors="replace")


def _written(reply: Reply) -> Response:
    response = _json(reply.body, reply.status)
    response.headers.update(
        {
            "api-id": reply.api_id,
            "cont-yn": "Y" if reply.next_key else "N",
            "next-key": reply.next_key,
            "access-control-expose-headers": "api-id,cont-yn,next-key",
        }
    )
    return response


def _json(answer: object, status: int) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type=_JSON)


def _cut(send: Send) -> None:
    """Cut the connection before the first byte of the answer."""
    cycle: Any = getattr(send, "__self__", None)  # uvicorn's, which owns the connection
    transport = getattr(cycle, "transport", None)
    if transport is not None:
        transport.abort()


_JSON: Final = "application/json;charset=UTF-8"
_NORMAL: Final = 1000
_REFUSED: Final = 1013
_DISCONNECTED: Final = "disconnected"
_MAINTENANCE: Final = "<html><body><h1>시스템 점검 중입니다</h1></body></html>"
_NOT_HERE: Final = "<html><body><h1>POST 로 요청하세요</h1></body></html>"
_NOT_JSON: Final = "<html><body><h1>Request Blocked</h1></body></html>"
