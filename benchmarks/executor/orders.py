"""
What an order costs: `python -m benchmarks.executor.orders COUNT [URL]`.

Each order is a wish for ten shares, made durable, sent, acknowledged and made durable again;
then it is filled and that is made durable as well. The next begins when the last has ended. In
turn with each order a row is inserted and committed in a database of the same kind, with the
same settings and on the same disk, by hand.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns, process_time_ns
from typing import Final

import msgspec
import psycopg
from sqlalchemy import make_url

from benchmarks.executor.double import ACCOUNT, PRICE, symbols_of
from benchmarks.executor.rig import Rig, store_of, trading
from maemae.core.actions import OrderReported
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import IntentId, OrderId, SleeveId, Symbol
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.market_data import Trade
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from maemae.ports import Entry
from maemae.storage.database import apply_settings

_WARM_UP: Final = 200
_SYMBOLS: Final = symbols_of(200)
_SLEEVE: Final = SleeveId("sleeve-0")
_ROW: Final = b"x" * 1_000  # about what a turn appends to the journal


class Spread(msgspec.Struct, frozen=True):
    """Median and the time that one in a hundred exceeds [ms]."""

    p50: float
    p99: float


class OrderCost(msgspec.Struct, frozen=True):
    """
    What orders cost.

    Attributes:
        cpu: Processor time from the wish to the acknowledgment durable, all threads [ms].
        cpu_filled: The same to the fill durable [ms].
        to_send: Wall time from the wish to the request in the broker's hands.
        to_end: From the wish to the acknowledgment durable.
        bare: Wall time of a bare insert and commit.
        bare_cpu: Its processor time.
    """

    cpu: Spread
    cpu_filled: Spread
    to_send: Spread
    to_end: Spread
    bare: Spread
    bare_cpu: Spread


class Desk:
    """
    Places one order after the other and waits for what becomes of it.

    Args:
        rig: An executor that trades.
    """

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self._count = 0
        self._waiting: asyncio.Future[OrderId] | None = None
        self._awaited: Callable[[Entry], OrderId | None] = _acknowledged
        rig.ears.hear = self._hear

    def see(self, symbol: Symbol) -> None:
        """Tell of a print, as there always is one before a wish."""
        self.rig.feed.line.tell(Trade(symbol, PRICE, 1, self.rig.venue.now()))

    async def place(self, symbol: Symbol, side: Side) -> OrderId:
        """Wish for ten shares; return the broker's number once the acknowledgment is durable."""
        self._count += 1
        wish = OrderIntent(
            IntentId(f"wish-{self._count}"),
            ACCOUNT,
            _SLEEVE,
            symbol,
            side,
            Shares(10),
            self.rig.venue.now(),
            price=PRICE,
        )
        self.rig.engine.mailbox.put(wish)
        return await self._until(_acknowledged)

    async def fill(self, order_id: OrderId) -> None:
        """Have an order filled; return once that is durable."""
        self.rig.broker.fill(order_id)
        await self._until(_filled)

    async def _until(self, awaited: Callable[[Entry], OrderId | None]) -> OrderId:
        self._awaited = awaited
        self._waiting = asyncio.get_running_loop().create_future()
        return await self._waiting

    def _hear(self, entries: Sequence[Entry]) -> None:
        waiting = self._waiting
        for entry in entries:
            order_id = self._awaited(entry)
            if order_id is not None and waiting is not None and not waiting.done():
                waiting.set_result(order_id)


def _acknowledged(entry: Entry) -> OrderId | None:
    for action in entry.actions:
        if isinstance(action, OrderReported) and action.report.exec_type is ExecType.NEW:
            return action.report.order_id
    return None


def _filled(entry: Entry) -> OrderId | None:
    event = entry.event
    if isinstance(event, ExecutionReport) and event.exec_type is ExecType.TRADE:
        return event.order_id
    return None


def bare_insert(folder: Path, url: str | None) -> Callable[[], None]:
    """Return what inserts and commits one row by hand."""
    table = "CREATE TABLE bare (id INTEGER PRIMARY KEY, content {})"
    if url is None:
        lite = sqlite3.connect(folder / "bare.db", isolation_level=None)
        apply_settings(lite)
        lite.execute(table.format("BLOB"))

        def insert_lite() -> None:
            lite.execute("BEGIN IMMEDIATE")
            lite.execute("INSERT INTO bare (content) VALUES (?)", (_ROW,))
            lite.execute("COMMIT")

        return insert_lite
    place = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    server = psycopg.connect(place)
    server.execute("CREATE TABLE bare (id SERIAL PRIMARY KEY, content BYTEA)")
    server.commit()

    def insert_server() -> None:
        server.execute("INSERT INTO bare (content) VALUES (%s)", (_ROW,))
        server.commit()

    return insert_server


async def measure(folder: Path, url: str | None, count: int) -> OrderCost:
    """Place orders one after the other, in turn with bare inserts."""
    store, insert = store_of(folder, url), bare_insert(folder, url)
    rows: list[tuple[int, ...]] = []
    try:
        async with trading(folder, store) as rig:
            desk = Desk(rig)
            for symbol in _SYMBOLS:
                desk.see(symbol)
            for number in range(_WARM_UP + count):
                row = await _one(desk, insert, number)
                if number >= _WARM_UP:
                    rows.append(row)
    finally:
        store.close()
    return OrderCost(*map(spread, zip(*rows, strict=True)))


async def _one(desk: Desk, insert: Callable[[], None], number: int) -> tuple[int, ...]:
    """Return the times of one order and one insert [ns], in the order of `OrderCost`."""
    cpu, wall = process_time_ns(), perf_counter_ns()
    insert()
    bare, bare_cpu = perf_counter_ns() - wall, process_time_ns() - cpu
    symbol = _SYMBOLS[number % len(_SYMBOLS)]
    side = Side.BUY if number // len(_SYMBOLS) % 2 == 0 else Side.SELL
    desk.see(symbol)
    await asyncio.sleep(0)
    cpu, wall = process_time_ns(), perf_counter_ns()
    order_id = await desk.place(symbol, side)
    acknowledged, ended = process_time_ns() - cpu, perf_counter_ns() - wall
    sent = desk.rig.broker.submitted[-1][0] - wall
    await desk.fill(order_id)
    return acknowledged, process_time_ns() - cpu, sent, ended, bare, bare_cpu


def spread(nanos: Sequence[int]) -> Spread:
    """Return median and 99th percentile [ms]."""
    ranked = sorted(nanos)
    last = ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)]
    return Spread(median(ranked) / 1e6, last / 1e6)


def main(count: str, url: str = "") -> None:
    """Measure, and say it as JSON."""
    with TemporaryDirectory() as folder:
        cost = asyncio.run(measure(Path(folder), url or None, int(count)))
    sys.stdout.write(msgspec.json.encode(cost).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
