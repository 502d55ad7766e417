"""A broker and a feed of Kiwoom on one connection, over a double of its two servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import msgspec

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, KiwoomConfig, Quotas, Rate, SocketLimits
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.feed import KiwoomFeed
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.ids import AccountId, OrderId
from maemae.domain.instant import SECOND, kst_datetime, kst_nanos
from maemae.domain.order import Order
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from tests.builders import SAMSUNG, a_report
from tests.kiwoom_server import ACCOUNT, KiwoomServer

ME = AccountId(ACCOUNT)
QUICK = msgspec.structs.replace(
    PAPER_CONFIG,
    quotas=Quotas(Rate(100, SECOND // 100), rate_pause=SECOND // 100),
    socket=SocketLimits(frames=Rate(100, SECOND // 100)),
    patience=msgspec.structs.replace(
        PAPER_CONFIG.patience,
        reply_within=SECOND // 2,
        pause=SECOND // 50,
        longest_pause=SECOND // 10,
    ),
)
FIRST = OrderId("0048213")
NOON = kst_nanos(date(2026, 11, 30), time(12))


class Rig:
    """A broker and a feed on one connection, and what a person was told."""

    def __init__(self, server: KiwoomServer, folder: Path, config: KiwoomConfig) -> None:
        wall = SystemWallClock()
        self.server = server
        self.clock = SteadyVenueClock(NOON)
        self.warned: list[tuple[str, Text]] = []
        self.connection = KiwoomConnection(
            server.host,
            AppKey(Mode.PAPER, "app-key", "secret-key"),
            config,
            folder,
            (self.clock, wall),
            lambda code, text: self.warned.append((code, text)),
        )
        self.broker = KiwoomBroker(self.connection, ME)
        self.feed = KiwoomFeed(self.connection, [SAMSUNG])

    @property
    def now_text(self) -> str:
        return f"{kst_datetime(self.clock.now()):%H%M%S}"

    def order_frame(self, **fields: str) -> dict[str, Any]:
        values = {
            "9201": ACCOUNT,
            "9203": FIRST,
            "9001": "005930",
            "913": "접수",
            "900": "100",
            "901": "10000",
            "902": "100",
            "903": "0",
            "904": "0000000",
            "905": "+매수",
            "908": self.now_text,
        }
        return {"type": "00", "name": "주문체결", "item": "005930", "values": {**values, **fields}}

    def fill_frame(self, cum: int, last: int) -> dict[str, Any]:
        sums = {"903": str(cum * 100), "910": "100", "911": str(cum)}
        own = {"913": "체결", "902": str(100 - cum), "914": "100", "915": str(last)}
        return self.order_frame(**sums, **own)

    def print_frame(self, px: str = "+100") -> dict[str, Any]:
        values = {"20": self.now_text, "10": px, "15": "-3"}
        return {"type": "0B", "name": "주식체결", "item": "005930", "values": values}


def with_rig(
    folder: Path, act: Callable[[Rig], Awaitable[None]], config: KiwoomConfig = QUICK
) -> KiwoomServer:
    async def play() -> KiwoomServer:
        async with KiwoomServer(SystemWallClock().now()) as server:
            rig = Rig(server, folder, config)
            try:
                async with asyncio.timeout(60):
                    await act(rig)
            finally:
                await rig.broker.close()
                await rig.feed.close()
                await rig.connection.close()
            return server

    return asyncio.run(play())


def acknowledged(order: Order) -> Order:
    return order.apply(a_report(order_id=FIRST))


async def notices(rig: Rig) -> AsyncGenerator[Any, None]:
    async for notice in rig.broker.notices():
        yield notice


async def connected(rig: Rig) -> None:
    await rig.broker.connect(1)
    await rig.feed.connect()
    await rig.feed.subscribe([SAMSUNG])
