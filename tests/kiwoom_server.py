"""A minimal double of Kiwoom's two servers on this machine: what it says is set by each test."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from maemae.brokers.kiwoom_rest.hosts import Host, emulator_host
from maemae.domain.instant import kst_datetime
from maemae.domain.terms import Mode

Reply = tuple[int, dict[str, Any] | bytes, dict[str, str]] | None
"""Status, body and headers; None for an answer that is lost with its connection."""

Handler = Callable[[dict[str, str], dict[str, Any]], Reply]
"""Takes headers and body of a request."""

ACCOUNT = "8100000111"


def ok(body: dict[str, Any] | None = None, next_key: str = "") -> Reply:
    headers = {"cont-yn": "Y", "next-key": next_key} if next_key else {"cont-yn": "N"}
    return 200, {"return_code": 0, "return_msg": "모의투자 조회완료", **(body or {})}, headers


def refuse(code: int, message: str, status: int = 200) -> Reply:
    return status, {"return_code": code, "return_msg": message}, {}


class KiwoomServer:
    """REST and WebSocket; every request is kept, in order."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: dict[str, Handler] = {}
        self.tokens = 0
        self.live = ""
        self.frames: list[dict[str, Any]] = []
        self.sockets: list[ServerConnection] = []
        self.logins: list[str] = []
        self.registered: defaultdict[str, list[Any]] = defaultdict(list)
        self.refused_tokens: set[str] = set()
        self.greets = True
        self.finds_without_end = False
        self.too_soon = 0
        self.members: list[dict[str, Any]] | None = None  # told behind the answer, not in it
        self._change = asyncio.Event()
        self._rest: asyncio.Server | None = None
        self._socket: Server | None = None

    async def __aenter__(self) -> KiwoomServer:
        self._rest = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._socket = await serve(self._talk, "127.0.0.1", 0, ping_interval=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._rest is not None
        assert self._socket is not None
        for socket in self.sockets:
            socket.transport.abort()
        self._socket.close()
        await self._socket.wait_closed()
        self._rest.close()

    @property
    def host(self) -> Host:
        assert self._rest is not None
        assert self._socket is not None
        rest = self._rest.sockets[0].getsockname()[1]
        socket = next(iter(self._socket.sockets)).getsockname()[1]
        return emulator_host(
            Mode.PAPER,
            f"http://127.0.0.1:{rest}",
            f"ws://127.0.0.1:{socket}/api/dostk/websocket",
        )

    def count(self, api_id: str) -> int:
        return sum(name == api_id for name, _, _ in self.asked)

    async def asked_for(self, api_id: str, times: int) -> None:
        while self.count(api_id) < times:
            self._change.clear()
            await self._change.wait()

    async def told(self, kind: str, times: int = 1) -> None:
        """Return once the socket has sent so many frames of a kind."""
        while sum(frame["trnm"] == kind for frame in self.frames) < times:
            self._change.clear()
            await self._change.wait()

    def bodies(self, api_id: str) -> list[dict[str, Any]]:
        return [body for name, _, body in self.asked if name == api_id]

    async def push(self, *entries: dict[str, Any]) -> None:
        await self.send({"data": list(entries), "trnm": "REAL"})

    async def send(self, frame: dict[str, Any] | str) -> None:
        text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
        await self.sockets[-1].send(text)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines)
                }
                body = json.loads(await reader.readexactly(int(headers["content-length"])))
                reply = self._answer(first.split(" ")[1], headers, body)
                if reply is None:
                    break
                writer.write(self._encoded(*reply))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    def _encoded(self, status: int, body: dict[str, Any] | bytes, headers: dict[str, str]) -> bytes:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        date = format_datetime(kst_datetime(self.now))
        told = {"content-length": str(len(raw)), "date": date, **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + raw

    def _answer(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> Reply:
        name = headers.get("api-id", path)
        self.asked.append((name, headers, body))
        self._change.set()
        if name in self.answers:
            return self.answers[name](headers, body)
        if path == "/oauth2/token":
            if not self.live:
                self.tokens += 1
                self.live = f"token-{self.tokens}"
            expires = kst_datetime(self.now + 24 * 3_600 * 1_000_000_000)
            return ok({"token": self.live, "expires_dt": f"{expires:%Y%m%d%H%M%S}"})
        if path == "/oauth2/revoke":
            self.live = ""
            return ok()
        if headers.get("authorization") != f"Bearer {self.live}":
            return refuse(3, "인증에 실패했습니다[8005:Token이 유효하지 않습니다]")
        if name == "ka00001":
            return ok({"acctNo": ACCOUNT})
        return refuse(2, f"입력 값 오류입니다[1511:{name}]")

    async def _talk(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        with suppress(ConnectionClosed):
            async for text in socket:
                frame = json.loads(text)
                self.frames.append(frame)
                self._change.set()
                reply = self._reply(frame)
                if reply is not None:
                    await socket.send(json.dumps(reply))
                if self.members is not None and frame.get("search_type") == "1":
                    await self.push(*self.members)

    def _reply(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        kind = frame["trnm"]
        done = {"trnm": kind, "return_code": 0, "return_msg": ""}
        if kind == "PING":
            return None
        if self.too_soon and kind != "LOGIN":
            self.too_soon -= 1
            return {"trnm": kind, "return_code": 105110, "return_msg": "요청 건수 초과"}
        if kind == "LOGIN":
            self.logins.append(frame["token"])
            if frame["token"] in self.refused_tokens:
                return {"trnm": kind, "return_code": 3, "return_msg": "[8005:Token]"}
        if kind == "CNSRLST":
            return {**done, "data": [["0", "거래량급증"], ["1", "신고가"]]}
        if kind == "CNSRREQ" and frame["search_type"] == "0":
            paging = {"cont_yn": "Y", "next_key": "k"} if self.finds_without_end else {}
            return {**done, **paging, "seq": f"{frame['seq']}  ", "data": [{"9001": "A005930"}]}
        if kind == "CNSRREQ":
            data = [{"jmcode": "A005930"}] if self.members is None else None
            return {**done, "seq": frame["seq"], "data": data}
        if kind == "CNSRCLR":
            return {**done, "seq": frame["seq"]}
        return done if self.greets else None
