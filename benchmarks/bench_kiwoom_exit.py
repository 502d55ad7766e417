"""
Panic exit at Kiwoom: 60 positions and 40 working orders, through adapter and emulated server.

Run by `make bench`, or as any other script. The emergency lane cancels what works and sells what
is held, with nothing but the adapter, whose configuration is that of earnest: 4 requests of a kind
in 1.05 s at a server that takes 5 a second, as Kiwoom's real one, and 1 in 1.1 s at one that takes
1, as its paper one. Half of the orders are sales, so that their positions can be sold only once
they are canceled. Nothing is sold within the quiet period of the start.

Timed is from the press until nothing is held by the server's own books, on the wall. The goal is
that it is flat, that no request was refused, for its rate or for want of shares, and that no more
was sold than was held.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import polars as pl

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.config import config_of
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.hosts import SOCKET_PATH, emulator_host
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.clocks import SystemWallClock
from maemae.domain.ids import AccountId
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode, PriceBasis, Side
from maemae.emulators.kiwoom_rest.config import RATES, Credential, KiwoomConfig
from maemae.emulators.kiwoom_rest.server import KiwoomServer
from maemae.emulators.market_source import CatalogueSource, MarketData, load_market
from maemae.krx.session import regular_open
from maemae.trading.emergency.lane import EmergencyLane
from maemae.trading.emergency.lane_report import LaneReport
from maemae.trading.emergency.log import Record
from maemae.trading.emergency.reach import Reach

POSITIONS: Final = 60
SALES: Final = 20
BUYS: Final = 20
QTY: Final = 10
LONGEST_SECS: Final = 600
ACCOUNT: Final = AccountId("8100000111")
SYMBOLS: Final = tuple(f"{100_000 + 10 * number}" for number in range(POSITIONS))
DAYS: Final = (date(2026, 11, 2), date(2026, 11, 3))
PRICE: Final = 10_000
MINUTES: Final = 380


class Result(msgspec.Struct, frozen=True):
    """
    What came of one exit.

    Attributes:
        secs: From the press until nothing was held.
        left: Shares still held, and orders still working, by the server's books.
        refused: Codes of requests that were refused.
        oversold: Shares sold beyond what was held.
    """

    mode: Mode
    secs: float
    left: int
    refused: tuple[str, ...]
    oversold: int

    @property
    def is_good(self) -> bool:
        """Whether it is flat, and nothing was refused or sold twice."""
        return not (self.left or self.refused or self.oversold)


def a_market(root: Path) -> MarketData:
    """Return a market of instruments that move by a tick to and fro."""
    rows = [
        (symbol, regular_open(day) + minute * MINUTE, *_bar(minute), 100_000, symbol, "KOSPI")
        for day in DAYS
        for minute in range(MINUTES)
        for symbol in SYMBOLS
    ]
    columns = ("symbol", "datetime", "open", "high", "low", "close", "volume", "name", "market")
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        pl.col("datetime").cast(pl.Datetime("ns", "UTC"))
    )
    spec = ImportSpec(dataset="exit", basis=PriceBasis.RAW, interval=Interval(1))
    Catalogue(root).import_frame(frame, spec, "benchmark")
    return load_market(CatalogueSource(str(root), "exit"))


def _bar(minute: int) -> tuple[int, int, int, int]:
    px, following = PRICE + 10 * (minute % 2), PRICE + 10 * ((minute + 1) % 2)
    return px, PRICE + 10, PRICE, following


class Notes:
    """Takes what the lane would write to its log."""

    async def note(self, record: Record) -> None:
        """Forget it."""


class Books:
    """
    The emulated server's own books.

    Args:
        http: Of its admin addresses.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def enter(self, side: Side, symbol: str, price: int | None) -> None:
        """Enter an order by another way, past every quota."""
        body = {"account_id": ACCOUNT, "symbol": symbol, "side": side, "order_qty": QTY}
        content = msgspec.json.encode(body | {"price": price})
        answer = await self._http.post("/admin/orders", content=content)
        if answer.json()["order_id"] is None:
            raise RuntimeError(answer.text)

    async def truth(self) -> dict[str, Any]:
        """Return everything that was taken, and what is held."""
        found: dict[str, Any] = (await self._http.get("/admin/truth")).json()
        return found

    async def held(self) -> dict[str, int]:
        """Return the shares that are held."""
        held = (await self.truth())["accounts"][ACCOUNT]["holdings"]
        return {symbol: shares[0] for symbol, shares in held.items() if shares[0]}


@asynccontextmanager
async def serving(folder: Path, mode: Mode, data: MarketData) -> AsyncIterator[int]:
    """Give the port of an emulated server that takes what Kiwoom's takes of a mode."""
    config = KiwoomConfig(
        ledger=str(folder / f"{mode}.ledger"),
        accounts={ACCOUNT: 10_000_000_000},
        market=CatalogueSource("", ""),
        mode=mode,
        credentials=(Credential("key", "secret", ACCOUNT, mode),),
        opens_at=clock_time(10),
        rate=RATES[mode],
        order_rate=RATES[mode],
    )
    server = KiwoomServer(config, data)
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(server.run(ready.set_result))
    try:
        yield await ready
    finally:
        server.stopped.set()
        await running


async def fill_up(books: Books) -> None:
    """Buy the positions, and leave orders that do not fill: far sales of a third, far buys."""
    for symbol in SYMBOLS:
        await books.enter(Side.BUY, symbol, None)
    for _ in range(300):
        if len(await books.held()) == POSITIONS:
            break
        await asyncio.sleep(0.2)
    for symbol in SYMBOLS[:SALES]:
        await books.enter(Side.SELL, symbol, PRICE * 12 // 10)
    for symbol in SYMBOLS[SALES : SALES + BUYS]:
        await books.enter(Side.BUY, symbol, PRICE * 8 // 10)


async def leave(port: int, mode: Mode, folder: Path) -> Result:
    """Build the account up, press, and wait until it is flat."""
    address, wall = f"127.0.0.1:{port}", SystemWallClock()
    host = emulator_host(mode, f"http://{address}", f"ws://{address}{SOCKET_PATH}")
    clocks = (EmulatedClock(host), wall)
    key = AppKey(mode, "key", "secret")
    connection = KiwoomConnection(host, key, config_of(mode), folder, clocks, lambda *_: None)
    broker = KiwoomBroker(connection, ACCOUNT, has_stream=False)
    async with httpx.AsyncClient(base_url=host.rest, trust_env=False) as http:
        books = Books(http)
        await fill_up(books)
        await broker.connect(1)
        lane = EmergencyLane(
            broker, (ACCOUNT,), Notes(), wall, lambda: True, patience=LONGEST_SECS * SECOND
        )
        began = time.perf_counter()
        running = asyncio.create_task(lane.run(Reach.LIQUIDATE))
        for _ in range(20 * LONGEST_SECS):
            if running.done() or not await books.held():
                break
            await asyncio.sleep(0.05)
        secs = time.perf_counter() - began
        report = await running
        result = await judged(books, mode, secs, report)
    await broker.close()
    await connection.close()
    return result


async def judged(books: Books, mode: Mode, secs: float, report: LaneReport) -> Result:
    """Return what the server's books say of an exit."""
    truth = await books.truth()
    sold = sum(
        fill["qty"]
        for order in truth["orders"]
        if order["side"] == Side.SELL
        for fill in order["fills"]
    )
    left = sum((await books.held()).values()) + len(report.left)
    return Result(mode, secs, left, tuple(truth["refused"]), max(0, sold - POSITIONS * QTY))


async def measure(folder: Path) -> list[Result]:
    """Leave at the real server's rate, then at the paper one's."""
    data = a_market(folder / "catalogue")
    results = []
    for mode in (Mode.REAL, Mode.PAPER):
        async with serving(folder, mode, data) as port:
            results.append(await leave(port, mode, folder / mode.lower()))
    return results


def main() -> int:
    """Measure, show, and tell whether every exit was a good one."""
    with tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(measure(Path(folder)))
    print(f"{POSITIONS} positions and {SALES + BUYS} orders, Python {sys.version.split()[0]}")
    for result in results:
        rate = RATES[result.mode].per_sec
        mark = "✔" if result.is_good else "✘"
        print(
            f"{mark} {rate} a second: flat in {result.secs:.1f} s, left {result.left}, refused "
            f"{len(result.refused)}, oversold {result.oversold}"
        )
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
