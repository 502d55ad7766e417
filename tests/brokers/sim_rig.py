"""
A simulated broker for the cards: its process, its market, its faults.

The market trades one stock at 10,000 won all day, 1,000 shares a minute, of which a tenth can
be ours; the other one rises by a tick a minute. At the speed used a minute lasts half a second.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, time
from pathlib import Path
from typing import ClassVar, Final

import msgspec
import polars as pl

from maemae.brokers.quota import Quota
from maemae.brokers.sim.broker import SimBroker
from maemae.brokers.sim.clock import SimVenueClock
from maemae.brokers.sim.feed import SimFeed
from maemae.brokers.sim.messages import (
    Asked,
    CancelByHand,
    DropConnections,
    EnterByHand,
    Faults,
    PrintTrade,
    Reply,
    SetFaults,
    SetStates,
    Taken,
    decode_told,
    frame,
    read_frame,
)
from maemae.brokers.sim.stream import SimAddress
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.clocks import SystemWallClock
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode, PriceBasis, Side
from maemae.emulators.ledger import Record, read_ledger
from maemae.emulators.market_source import CatalogueSource
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.krx.session import regular_close, regular_open
from maemae.krx.status import InstrumentState
from maemae.ports import Broker, MarketFeed, VenueClock
from tests.brokers.rig import PlayedBroker, Rig

ACCOUNT: Final = AccountId("5012345610")
OTHER_ACCOUNT: Final = AccountId("5012345611")
CASH: Final = 100_000_000
STILL, RISING = Symbol("005930"), Symbol("000660")
PRICE: Final = 10_000
DAYS: Final = (date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 3), date(2025, 9, 4))
DAY: Final = DAYS[1]
_NO_LIMIT: Final = 1_000


def make_market(root: Path) -> CatalogueSource:
    """Write the market to a catalogue."""
    rows = [row for day in DAYS for row in _rows(day)]
    columns = ("symbol", "datetime", "open", "high", "low", "close", "volume", "name", "market")
    frame_ = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        pl.col("datetime").cast(pl.Datetime("ns", "UTC"))
    )
    spec = ImportSpec(dataset="cards", basis=PriceBasis.RAW, interval=Interval(1))
    Catalogue(root).import_frame(frame_, spec, "test")
    return CatalogueSource(str(root), "cards")


def _rows(day: date) -> list[tuple[object, ...]]:
    opens = regular_open(day)
    count = (regular_close(day) - opens) // MINUTE
    rows: list[tuple[object, ...]] = []
    for minute in range(count):
        if count - 10 <= minute < count - 1:
            continue  # orders for the closing auction are collected
        at, risen = opens + minute * MINUTE, PRICE + 10 * (minute % 100)
        rows.append((STILL, at, *[PRICE] * 4, 1_000, "still", "KOSPI"))
        rows.append((RISING, at, risen, risen + 20, risen, risen + 10, 50_000, "rising", "KOSPI"))
    return rows


SERVES: Final[tuple[type[Broker], type[MarketFeed], type[VenueClock]]] = (
    SimBroker,
    SimFeed,
    SimVenueClock,
)
"""What the type checker holds against the ports."""


def patience_of(settings: dict[str, object]) -> int:
    """Take out how patient clients are; long, so that a busy machine is not taken for dead."""
    patience = settings.pop("patience", 30 * SECOND)
    assert isinstance(patience, int)
    return patience


class SimRig(Rig):
    """
    One simulated broker of a test.

    Args:
        folder: For its config and ledger.
        market: Where its prices come from.
        settings: What differs: fields of its config, and `patience`, how long its clients wait
            for an answer and a sign of life [ns of wall time].
    """

    cannot: ClassVar = {"34": "has no login that could end"}
    mode = Mode.SIM
    changes_quantity = True
    loses_link = True
    streams_halts = True
    lists_days = True
    account = ACCOUNT
    other_account = OTHER_ACCOUNT
    accounts = (ACCOUNT, OTHER_ACCOUNT)
    day = DAY
    symbol = STILL
    other_symbol = RISING
    price = PRICE
    far_price = 9_000

    def __init__(self, folder: Path, market: CatalogueSource, **settings: object) -> None:
        self._port = 0
        self._patience = patience_of(settings)
        usual = SimBrokerConfig(
            ledger=str(folder / "broker.ledger"),
            accounts={ACCOUNT: CASH, OTHER_ACCOUNT: CASH},
            market=market,
            speed=120,
            opens_at=time(10),
            quiet_period=SECOND,
            orders_per_sec=1_000,
            queries_per_sec=1_000,
        )
        self.config = msgspec.structs.replace(usual, **settings)
        self.quiet_period = self.config.quiet_period
        self.silent_after = self.address.silent_after / SECOND
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process, on the port that it had before if there is one."""
        path = self._folder / "config.json"
        config = msgspec.structs.replace(self.config, port=self._port)
        path.write_bytes(msgspec.json.encode(config))
        command = [sys.executable, "-m", "tests.brokers.sim_process", str(path)]
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

    @property
    def address(self) -> SimAddress:
        """Where it is; its clients come back at once."""
        return SimAddress(
            self._port,
            reply_within=self._patience,
            beat_every=SECOND // 10,
            silent_after=self._patience,
            pause=SECOND // 20,
            longest_pause=SECOND // 5,
        )

    @asynccontextmanager
    async def connected(self, epoch: int = 1) -> AsyncIterator[SimBroker]:
        """Give a broker that is connected."""
        broker = SimBroker(self.address, SystemWallClock())
        await broker.connect(epoch)
        try:
            yield broker
        finally:
            await broker.close()

    @asynccontextmanager
    async def watching(self, *symbols: Symbol) -> AsyncIterator[SimFeed]:
        """Give a feed that is subscribed."""
        feed = SimFeed(self.address, SystemWallClock())
        await feed.connect()
        await feed.subscribe(symbols)
        try:
            yield feed
        finally:
            await feed.close()

    @asynccontextmanager
    async def hasty(self) -> AsyncIterator[SimBroker]:
        """Give one more broker, which keeps to no quota of its own."""
        async with self.connected() as broker:
            broker._orders = Quota(_NO_LIMIT, SystemWallClock())
            yield broker

    def clock_of(self, broker: PlayedBroker) -> VenueClock:
        """Return the exchange's time as a broker knows it."""
        assert isinstance(broker, SimBroker)
        return broker.venue_clock

    async def manage(self, message: Asked) -> Reply:
        """Send one message on a connection of its own, as faults' switch; return the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(frame(message))
            told = decode_told(await read_frame(reader))
            assert isinstance(told, Reply)
            return told
        finally:
            writer.close()

    async def set_faults(self, **faults: object) -> None:
        """Have these faults from now on."""
        await self.manage(SetFaults(1, msgspec.convert(faults, Faults)))

    async def enter_by_hand(self, qty: int, price: int, side: Side = Side.BUY) -> OrderId | None:
        """Enter an order by another way."""
        by_hand = EnterByHand(1, self.account, self.symbol, side, price, qty)
        entered = await self.manage(by_hand)
        return entered.order_id if isinstance(entered, Taken) else None

    async def cancel_by_hand(self, order_id: OrderId) -> None:
        """Cancel an order by another way."""
        await self.manage(CancelByHand(1, order_id))

    async def set_states(self, *states: InstrumentState) -> None:
        """Give the rig's instrument these states."""
        await self.manage(SetStates(1, self.symbol, states))

    async def print_trade(self, px: int, qty: int) -> None:
        """Stream a print that never happened."""
        await self.manage(PrintTrade(1, self.symbol, px, qty))

    async def drop_connections(self) -> None:
        """Cut every stream."""
        await self.manage(DropConnections(1))

    def records(self) -> list[Record]:
        """Return the ledger of truth."""
        return read_ledger(Path(self.config.ledger))
