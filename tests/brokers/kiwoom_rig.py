"""Kiwoom's adapter on the emulated server, for the cards: its process, its faults, its truth."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx
import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.client import trusted
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, Quotas, SocketLimits
from maemae.brokers.kiwoom_rest.config import KiwoomConfig as AdapterConfig
from maemae.brokers.kiwoom_rest.config import Rate as AdapterRate
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.feed import KiwoomFeed
from maemae.brokers.kiwoom_rest.hosts import emulator_host
from maemae.clocks import SystemWallClock
from maemae.domain.ids import OrderId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode, Side
from maemae.emulators.kiwoom_rest.config import Credential, Doubts, KiwoomConfig, Rate
from maemae.emulators.ledger import Record, read_ledger
from maemae.emulators.market_source import CatalogueSource
from maemae.krx.status import InstrumentState
from maemae.ports import Broker, MarketFeed, VenueClock
from tests.brokers.rig import PlayedBroker, Rig
from tests.brokers.sim_rig import (
    ACCOUNT,
    CASH,
    DAY,
    OTHER_ACCOUNT,
    PRICE,
    RISING,
    STILL,
    patience_of,
)

SERVES: Final[tuple[type[Broker], type[MarketFeed], type[VenueClock]]] = (
    KiwoomBroker,
    KiwoomFeed,
    EmulatedClock,
)
"""What the type checker holds against the ports."""

_KEYS: Final = (
    Credential("key", "secret", ACCOUNT),
    Credential("other-key", "other-secret", OTHER_ACCOUNT),
)
_SAME_FAULTS: Final = frozenset(
    {
        *("slow_by", "tail", "lose_next", "lose_ppm", "lost_reply", "refuse_next", "ghosts"),
        *("duplicate_ppm", "reorder", "late_by", "frozen", "fail_page"),
    }
)
_LISTS: Final = ("kt00007", "ka10075", "ka10076", "kt00009", "kt00018")
_NO_LIMIT: Final = 1_000
_ANY: Final = Rate(_NO_LIMIT, _NO_LIMIT)


class KiwoomRig(Rig):
    """
    One emulated Kiwoom server of a test, and the adapter on it.

    Args:
        folder: For the server's config and ledger and the adapter's files.
        market: Where prices come from.
        settings: What differs: fields of the server's config; `orders_per_sec`, `page_size`; and
            `patience`, how long the adapter waits for an answer and a sign of life [ns of wall
            time].
    """

    cannot: ClassVar = {
        "12": "takes no number of the client (kt10000, Kiwoom REST API guide, read 2026-11)",
        "23": "corrects no fill (type 00, Kiwoom REST API guide, read 2026-11)",
        "25": "fences nobody (the lease in the store does)",
        "27_order_when_refused_by_code_never_was[paper-UNAVAILABLE]": "has no such refusal",
        "32_sessions_when_nights": "tells no clock when a night is skipped",
    }
    refusals: ClassVar = {
        "off the tick": "RC4027",
        "outside the band": "RC4027",
        "not enough cash": "RC4025",
        "not enough shares": "800033",
        "REJECTED": "RC4007",
    }
    mode = Mode.PAPER
    changes_quantity = False
    loses_link = False
    streams_halts = False
    lists_days = False
    account = ACCOUNT
    other_account = OTHER_ACCOUNT
    accounts = (ACCOUNT,)
    day = DAY
    symbol = STILL
    other_symbol = RISING
    price = PRICE
    far_price = 9_000
    quiet_period = SECOND

    def __init__(self, folder: Path, market: CatalogueSource, **settings: object) -> None:
        self._patience = patience_of(settings)
        self.silent_after = self._patience / SECOND
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._connection: KiwoomConnection | None = None
        self._users = 0
        per_sec = settings.pop("orders_per_sec", _NO_LIMIT)
        size = settings.pop("page_size", None)
        assert isinstance(per_sec, int)
        self._per_sec = per_sec
        usual = KiwoomConfig(
            ledger=str(folder / "broker.ledger"),
            accounts={ACCOUNT: CASH, OTHER_ACCOUNT: CASH},
            market=market,
            credentials=_KEYS,
            speed=120,
            opens_at=time(10),
            rate=_ANY,
            order_rate=Rate(per_sec, per_sec),
            page_rows={} if size is None else dict.fromkeys(_LISTS, int(str(size))),
            doubts=Doubts(ping_every=SECOND // 5, pings_missed=50, frames=_ANY),
        )
        self.config = msgspec.structs.replace(usual, **settings)

    @property
    def port(self) -> int:
        """Where it listens; 0 before a port was chosen."""
        return self._port

    def choose_port(self) -> None:
        """Choose the port, so that who will use the server can be started before it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]

    def start(self) -> None:
        """Start the process, on the port that it had before if there is one."""
        path = self._folder / "config.json"
        config = msgspec.structs.replace(self.config, port=self._port)
        path.write_bytes(msgspec.json.encode(config))
        command = [sys.executable, "-m", "tests.brokers.kiwoom_process", str(path)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._wait()

    def terminate(self) -> int:
        """Ask the process to end; return what it exits with."""
        assert self._process is not None
        self._process.terminate()
        return self._wait()

    def stop(self) -> None:
        """End the process if it runs."""
        if self._process is not None:
            self.kill()

    def _wait(self) -> int:
        process, self._process = self._process, None
        assert process is not None
        assert process.stdout is not None
        process.stdout.close()
        return process.wait(timeout=60)

    @asynccontextmanager
    async def connected(self, epoch: int = 1) -> AsyncIterator[PlayedBroker]:
        """Give a broker that is connected; it shares its stream with the feed."""
        async with self._shared() as connection:
            broker = KiwoomBroker(connection, ACCOUNT)
            await broker.connect(epoch)
            try:
                yield broker
            finally:
                await broker.close()

    @asynccontextmanager
    async def hasty(self) -> AsyncIterator[PlayedBroker]:
        """Give one more broker, which keeps to no quota of its own and takes no stream."""
        connection = self._connect("hasty", _NO_LIMIT)
        broker = KiwoomBroker(connection, ACCOUNT, has_stream=False)
        await broker.connect(1)
        try:
            yield broker
        finally:
            await broker.close()
            await connection.close()

    @asynccontextmanager
    async def watching(self, *symbols: Symbol) -> AsyncIterator[MarketFeed]:
        """Give a feed that is subscribed."""
        async with self._shared() as connection:
            feed = KiwoomFeed(connection, (STILL, RISING))
            assert isinstance(connection.venue, EmulatedClock)
            await connection.venue.ask()
            await feed.connect()
            await feed.subscribe(symbols)
            try:
                yield feed
            finally:
                await feed.close()

    def clock_of(self, broker: PlayedBroker) -> VenueClock:
        """Return the exchange's time as a broker knows it."""
        assert self._connection is not None
        return self._connection.venue

    async def set_faults(self, **faults: object) -> None:
        """Have these faults, in the emulator's words for those of the simulated broker."""
        asked: dict[str, object] = {}
        for name, value in faults.items():
            if name in _SAME_FAULTS:
                asked[name] = value
            elif name == "fills_first":
                asked["frames_first"] = value
            elif name == "silent":
                asked |= {"silent": value, "slow_by": 60 * SECOND if value else 0}
            elif name == "refuse_code" and value == "REJECTED":
                continue
            else:
                pytest.skip(f"KiwoomRig: no fault of the emulator is {name}={value}")
        await self._manage("faults", **asked)

    async def enter_by_hand(self, qty: int, price: int, side: Side = Side.BUY) -> OrderId | None:
        """Enter an order by another way."""
        entered = await self._manage(
            "orders",
            account_id=ACCOUNT,
            symbol=STILL,
            side=side,
            order_qty=qty,
            price=price,
        )
        return None if entered["order_id"] is None else OrderId(entered["order_id"])

    async def cancel_by_hand(self, order_id: OrderId) -> None:
        """Cancel an order by another way."""
        await self._manage("cancels", order_id=order_id)

    async def set_states(self, *states: InstrumentState) -> None:
        """Give the rig's instrument these states."""
        await self._manage("states", symbol=STILL, states=list(states))

    async def print_trade(self, px: int, qty: int) -> None:
        """Stream a print that never happened."""
        await self._manage("print", symbol=STILL, px=px, qty=qty)

    async def drop_connections(self) -> None:
        """Cut every stream."""
        await self._manage("drop-connections")

    async def end_logins(self) -> None:
        """Let every token end before its time."""
        await self._manage("expire-tokens")

    def records(self) -> list[Record]:
        """Return the ledger of truth."""
        return read_ledger(Path(self.config.ledger))

    async def _manage(self, name: str, **body: object) -> dict[str, Any]:
        async with httpx.AsyncClient(verify=trusted()) as client:
            url = f"http://127.0.0.1:{self._port}/admin/{name}"
            answer = await client.post(url, content=msgspec.json.encode(body))
            found: dict[str, Any] = answer.json()
            assert answer.status_code == 200, found
            return found

    @asynccontextmanager
    async def _shared(self) -> AsyncIterator[KiwoomConnection]:
        """Give the one connection of the key: a second login would end the first."""
        if self._connection is None:
            self._connection = self._connect("adapter", self._per_sec)
        self._users += 1
        try:
            yield self._connection
        finally:
            self._users -= 1
            if not self._users:
                connection, self._connection = self._connection, None
                await connection.close()

    def _connect(self, name: str, per_sec: int) -> KiwoomConnection:
        address = f"127.0.0.1:{self._port}"
        stream = f"ws://{address}/api/dostk/websocket"
        host = emulator_host(Mode.PAPER, f"http://{address}", stream)
        wall = SystemWallClock()
        key = AppKey(Mode.PAPER, _KEYS[0].app_key, _KEYS[0].secret_key)
        clocks = (EmulatedClock(host), wall)
        folder = self._folder / name
        config = _adapter(per_sec, self._patience)
        return KiwoomConnection(host, key, config, folder, clocks, lambda *_: None)


def _adapter(per_sec: int, patience: int) -> AdapterConfig:
    """Return an adapter that comes back at once."""
    waits = msgspec.structs.replace(
        PAPER_CONFIG.patience,
        reply_within=patience,
        silent_after=patience,
        print_after=MINUTE,
        pause=SECOND // 20,
        longest_pause=SECOND // 5,
    )
    rate = AdapterRate(per_sec, 21 * SECOND // 20)
    return msgspec.structs.replace(
        PAPER_CONFIG,
        quotas=Quotas(rate, rate_pause=SECOND // 20),
        orders_per_sec=per_sec,
        queries_per_sec=per_sec,
        quiet_period=SECOND,
        patience=waits,
        socket=SocketLimits(frames=AdapterRate(_NO_LIMIT, SECOND)),
    )
