"""An emulated Kiwoom server in the loop of a test, and a bare client of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import time
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from maemae.brokers.kiwoom_rest.client import trusted
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.catalogue import PATHS
from maemae.emulators.kiwoom_rest.config import Credential, KiwoomConfig, Rate
from maemae.emulators.kiwoom_rest.server import KiwoomServer
from maemae.emulators.market_source import CatalogueSource, MarketData
from tests.waiting import until_async

PATIENCE: Final = 60
ACCOUNT: Final = AccountId("8100000111")
OTHER_ACCOUNT: Final = AccountId("8100000211")
CASH: Final = 100_000_000
KEYS: Final = Credential("key", "secret", ACCOUNT)
OTHER_KEYS: Final = Credential("other-key", "other-secret", OTHER_ACCOUNT)
REAL_KEYS: Final = Credential("real-key", "real-secret", ACCOUNT, Mode.REAL)
QUICK: Final = Rate(10_000, 10_000)
Fields = dict[str, Any]


class Client:
    """
    What talks to the server as any program would.

    Attributes:
        headers: Of the newest answer.
        port: Where the server is.
    """

    def __init__(self, http: httpx.AsyncClient, port: int, server: KiwoomServer) -> None:
        self.headers: httpx.Headers = httpx.Headers()
        self.token = ""
        self.server = server
        self._http = http
        self.port = port

    async def log_in(self, keys: Credential = KEYS) -> Fields:
        answer = await self.issue(keys)
        self.token = str(answer.get("token", ""))
        return answer

    async def issue(self, keys: Credential = KEYS, **changes: str) -> Fields:
        body = {
            "grant_type": "client_credentials",
            "appkey": keys.app_key,
            "secretkey": keys.secret_key,
            **changes,
        }
        return await self.post("/oauth2/token", body)

    async def ask(self, api_id: str, next_key: str = "", **fields: str) -> Fields:
        headers = {"api-id": api_id, "authorization": f"Bearer {self.token}"}
        if next_key:
            headers |= {"cont-yn": "Y", "next-key": next_key}
        return await self.post(PATHS[api_id], fields, headers)

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> Fields:
        answer = await self._http.post(path, json=body, headers=headers)
        self.headers = answer.headers
        found: Fields = answer.json()
        return {**found, "status": answer.status_code}

    async def raw(self, method: str, path: str, content: bytes = b"") -> httpx.Response:
        return await self._http.request(method, path, content=content)

    async def buy(self, qty: int, price: int | None = None, **changes: str) -> Fields:
        return await self.order("kt10000", qty, price, **changes)

    async def sell(self, qty: int, price: int | None = None, **changes: str) -> Fields:
        return await self.order("kt10001", qty, price, **changes)

    async def order(self, api_id: str, qty: int, price: int | None, **changes: str) -> Fields:
        fields = {
            "dmst_stex_tp": "KRX",
            "stk_cd": "005930",
            "ord_qty": str(qty),
            "ord_uv": "" if price is None else str(price),
            "trde_tp": "3" if price is None else "0",
            "cond_uv": "",
        }
        return await self.ask(api_id, **(fields | changes))

    async def amend(self, number: str, qty: int, price: int) -> Fields:
        return await self.ask(
            "kt10002",
            dmst_stex_tp="KRX",
            orig_ord_no=number,
            stk_cd="005930",
            mdfy_qty=str(qty),
            mdfy_uv=str(price),
        )

    async def cancel(self, number: str, qty: int = 0) -> Fields:
        return await self.ask(
            "kt10003",
            dmst_stex_tp="KRX",
            orig_ord_no=number,
            stk_cd="005930",
            cncl_qty=str(qty),
        )

    async def open_orders(self) -> list[Fields]:
        answer = await self.ask("ka10075", all_stk_tp="0", trde_tp="0", stex_tp="0")
        rows: list[Fields] = answer["oso"]
        return rows

    async def executed(self) -> list[Fields]:
        answer = await self.ask("ka10076", qry_tp="0", sell_tp="0", stex_tp="0")
        rows: list[Fields] = answer["cntr"]
        return rows

    async def holdings(self) -> Fields:
        return await self.ask("kt00018", qry_tp="1", dmst_stex_tp="KRX")

    async def manage(self, name: str, **body: object) -> Fields:
        answer = await self._http.post(f"/admin/{name}", json=body)
        found: Fields = answer.json()
        assert answer.status_code == 200, found
        return found

    async def truth(self) -> Fields:
        found: Fields = (await self._http.get("/admin/truth")).json()
        return found

    async def filled(self, qty: int) -> None:
        """Return once so many shares have been filled in all."""

        async def is_filled() -> bool:
            return sum(int(row["cntr_qty"]) for row in await self.executed()) >= qty

        await until_async(is_filled)

    @asynccontextmanager
    async def socket(self, *, logs_in: bool = True) -> AsyncIterator[Socket]:
        url = f"ws://127.0.0.1:{self.port}/api/dostk/websocket"
        async with connect(url, ping_interval=None) as connection:
            socket = Socket(connection)
            if logs_in:
                answer = await socket.ask(trnm="LOGIN", token=self.token)
                assert answer["return_code"] == 0, answer
            yield socket


class Socket:
    """One WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **frame: object) -> None:
        await self.connection.send(json.dumps(frame))

    async def ask(self, **frame: object) -> Fields:
        """Send a frame, and return the next one that answers it."""
        await self.send(**frame)
        while True:
            answer = await self.frame()
            if answer["trnm"] == frame["trnm"]:
                return answer

    async def register(self, *types: str, item: str = "", group: str = "1") -> Fields:
        data = [{"item": [item], "type": list(types)}]
        return await self.ask(trnm="REG", grp_no=group, refresh="1", data=data)

    async def frame(self) -> Fields:
        text = await asyncio.wait_for(self.connection.recv(), PATIENCE)
        found: Fields = json.loads(text)
        return found

    async def entries(self, kind: str, count: int = 1) -> list[Fields]:
        """Return the next entries of a type."""
        found: list[Fields] = []
        while len(found) < count:
            frame = await self.frame()
            if frame["trnm"] == "REAL":
                found += [entry for entry in frame["data"] if entry["type"] == kind]
        return found


@asynccontextmanager
async def emulator(folder: Path, data: MarketData, **settings: object) -> AsyncIterator[Client]:
    """Give a client of a server that runs, logged in."""
    usual = KiwoomConfig(
        ledger=str(folder / "kiwoom.ledger"),
        accounts={ACCOUNT: CASH, OTHER_ACCOUNT: CASH},
        market=CatalogueSource("", ""),
        credentials=(KEYS, OTHER_KEYS, REAL_KEYS),
        speed=120,
        opens_at=time(10),
        rate=QUICK,
        order_rate=QUICK,
    )
    server = KiwoomServer(msgspec.structs.replace(usual, **settings), data)
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(server.run(ready.set_result))
    try:
        port = await asyncio.wait_for(ready, PATIENCE)
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=5, verify=trusted()) as http:
            client = Client(http, port, server)
            keys = REAL_KEYS if settings.get("mode") is Mode.REAL else KEYS
            await client.log_in(keys)
            yield client
    finally:
        server.stopped.set()
        await serving


def play(
    folder: Path,
    data: MarketData,
    body: Callable[[Client], Coroutine[Any, Any, None]],
    **settings: object,
) -> None:
    """Run a test's body against a server of its own."""

    async def run() -> None:
        async with emulator(folder, data, **settings) as client:
            await body(client)

    asyncio.run(run())
