"""
Stops and the kill switch beside a strategy that misbehaves.

`python -m benchmarks.executor.company KIND ROUNDS`: KIND is `calm`, `hangs`, `raises` or `eats`.
Rounds go on in turn without a strategy and with one in a worker that is fed a bar every 50 ms: it
never comes back, it raises each time, or it takes all the memory that it gets. Its worker is
ended and started again as always, and its failure is an alert. The calm one does nothing: what it
shows is how far two equal halves of one measurement lie apart. In a round a position is bought
with a stop that is crossed at once, then an order is left to work and the kill switch cancels it
and is released.

Store and tape are in memory, where the machine has room for files there: a strategy takes
processor and memory away, and a disk's own tail would hide that.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from time import perf_counter_ns
from typing import Final

import msgspec
import numpy as np

from benchmarks.executor.double import ACCOUNT, PRICE, symbols_of
from benchmarks.executor.orders import Spread, spread
from benchmarks.executor.rig import MORNING, Rig, store_of, trading
from benchmarks.executor.waiting import until
from maemae.core.events import KillLevel, KillSet, TradingStateSet
from maemae.domain.ids import IntentId, SleeveId, Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.terms import PriceBasis, Side, TradingState
from maemae.ports import Alert
from maemae.strategy.panel import FIELDS, Panel
from maemae.trading.alert_book import AlertBook
from maemae.trading.workers.bars import BarRow
from maemae.trading.workers.book_state import BookState
from maemae.trading.workers.events import Failed, WorkerEvent, WorkerReady
from maemae.trading.workers.supervisor import StrategyWorker, WorkerConfig

_SYMBOLS: Final = symbols_of(20)
_SLEEVE: Final = SleeveId("sleeve-0")
_BLOCKS: Final = 20  # without, with, without, with, …
_BARS: Final = 30  # of the warm-up
_FED_EVERY: Final = 0.05  # s
_PAUSE: Final = 0.005  # s between two rounds
_IN_MEMORY: Final = Path("/dev") / "shm"  # a folder of files in memory, on Linux
_BODIES: Final = {
    "calm": "pass",
    "hangs": "while True: pass",
    "raises": "raise ValueError('bench')",
    "eats": "self.eaten = [b'x' * (1 << 20) for _ in range(1 << 20)]",
}


class Beside(msgspec.Struct, frozen=True):
    """
    The same without a strategy and beside it.

    Attributes:
        kind: What the strategy does.
        failures: How often it was told to have failed.
        stop_alone, stop_beside: From the tick through a stop to its sale in the broker's hands.
        kill_alone, kill_beside: From the press to the cancel in the broker's hands.
    """

    kind: str
    failures: int
    stop_alone: Spread
    stop_beside: Spread
    kill_alone: Spread
    kill_beside: Spread


class Rounds:
    """
    Measures one round after the other.

    Args:
        rig: An executor that trades.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._count = 0

    async def stop(self) -> int:
        """Be stopped out; return how long that took [ns]."""
        symbol, broker = self._next(), self._rig.broker
        broker.fills = True
        await self._print(symbol, PRICE)
        self._wish(symbol, stop_loss=20_000)
        await until(lambda: symbol in self._rig.engine.state.guarded)
        began = perf_counter_ns()
        self._tell(symbol, PRICE * 97 // 100)
        await until(lambda: broker.submitted[-1][1].side is Side.SELL)
        await until(lambda: symbol not in self._rig.engine.state.guarded)
        return broker.submitted[-1][0] - began

    async def kill(self) -> int:
        """Have one order canceled by the kill switch; return how long that took [ns]."""
        symbol, engine, broker = self._next(), self._rig.engine, self._rig.broker
        broker.fills = False
        await self._print(symbol, PRICE)
        self._wish(symbol, stop_loss=None)
        await until(lambda: any(order.order_ids for order in self._open()))
        canceled, began = len(broker.canceled), perf_counter_ns()
        press = KillSet(KillLevel.CANCEL_ALL, "bench", self._rig.venue.now())
        pressing = asyncio.create_task(engine.mailbox.ask(press, urgent=True))
        await until(lambda: len(broker.canceled) > canceled)
        took = broker.canceled[canceled][0] - began
        await pressing
        await until(lambda: not self._open())
        now = self._rig.venue.now()
        await engine.ask(KillSet(KillLevel.OFF, "bench", now))
        await engine.ask(TradingStateSet(TradingState.ACTIVE, "bench", now))
        return took

    def _open(self) -> list[Order]:
        return [order for order in self._rig.engine.state.orders.values() if not order.is_closed]

    def _next(self) -> Symbol:
        self._count += 1
        return _SYMBOLS[self._count % len(_SYMBOLS)]

    def _tell(self, symbol: Symbol, price: int) -> None:
        self._rig.feed.line.tell(Trade(symbol, price, 1, self._rig.venue.now()))

    async def _print(self, symbol: Symbol, price: int) -> None:
        self._tell(symbol, price)
        await until(lambda: self._rig.engine.core.market.prices.get(symbol) == price)

    def _wish(self, symbol: Symbol, stop_loss: int | None) -> None:
        wish = OrderIntent(
            IntentId(f"wish-{self._count}"),
            ACCOUNT,
            _SLEEVE,
            symbol,
            Side.BUY,
            Shares(10),
            self._rig.venue.now(),
            price=PRICE,
            stop_loss=stop_loss,
        )
        self._rig.engine.mailbox.put(wish)


def strategy_file(folder: Path, kind: str) -> str:
    """Write a strategy that misbehaves at every bar; return how to call it."""
    text = f"""
    from maemae import Strategy

    class Bad(Strategy):
        def on_bar(self, symbol):
            {_BODIES[kind]}
    """
    path = folder / "bad.py"
    path.write_text(dedent(text), encoding="utf-8")
    return f"{path}:Bad"


@asynccontextmanager
async def beside(spec: str, alerts: AlertBook) -> AsyncIterator[list[Failed]]:
    """Run a strategy in its worker and feed it once it is set up; give what it fails with."""
    failures: list[Failed] = []
    is_set_up = asyncio.Event()

    def hear(event: WorkerEvent) -> None:
        if isinstance(event, Failed):
            failures.append(event)
            alerts.raise_(
                Alert("STRATEGY_FAILED", _SLEEVE, is_critical=True, text=event.error.text, at=0)
            )
        elif isinstance(event, WorkerReady):
            is_set_up.set()

    config = WorkerConfig(spec, {}, ACCOUNT, _SLEEVE)
    worker = StrategyWorker(config, _panel(), BookState(0, 0, {}), hear)
    worker.start()
    await is_set_up.wait()
    feeding = asyncio.create_task(_feed(worker))
    try:
        yield failures
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
        await worker.stop()


async def _feed(worker: StrategyWorker) -> None:
    prices = tuple([PRICE] * len(_SYMBOLS))
    for number in range(900):  # with more behind it would be stopped for good
        known = MORNING + number * MINUTE
        volume = tuple([1] * len(_SYMBOLS))
        row = BarRow(known - MINUTE, known, prices, prices, prices, prices, volume)
        worker.barrier(row, BookState(0, 0, {}))
        await asyncio.sleep(_FED_EVERY)


def _panel() -> Panel:
    known = MORNING + np.arange(-_BARS, 0, dtype=np.int64) * MINUTE
    bars = np.full((len(_SYMBOLS), _BARS), PRICE, dtype=np.int64)
    return Panel(_SYMBOLS, known - MINUTE, known, dict.fromkeys(FIELDS, bars), PriceBasis.RAW)


async def measure(folder: Path, kind: str, rounds: int) -> Beside:
    """Measure with and without in turn."""
    store, spec = store_of(folder, None), strategy_file(folder, kind)
    stops: tuple[list[int], list[int]] = ([], [])
    kills: tuple[list[int], list[int]] = ([], [])
    failed = 0
    try:
        async with trading(folder, store, symbols=len(_SYMBOLS)) as rig:
            measured = Rounds(rig)
            await _block(measured, rounds // 10, [], [])
            for block in range(_BLOCKS):
                which = block % 2
                if which:
                    async with beside(spec, rig.alerts) as failures:
                        await _block(measured, rounds // _BLOCKS, stops[1], kills[1])
                    failed += len(failures)
                else:
                    await _block(measured, rounds // _BLOCKS, stops[0], kills[0])
    finally:
        store.close()
    return Beside(kind, failed, *map(spread, (*stops, *kills)))


async def _block(measured: Rounds, rounds: int, stops: list[int], kills: list[int]) -> None:
    for _ in range(rounds):
        stops.append(await measured.stop())
        kills.append(await measured.kill())
        await asyncio.sleep(_PAUSE)


def main(kind: str, rounds: str) -> None:
    """Measure, and say it as JSON."""
    place = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=place) as folder:
        found = asyncio.run(measure(Path(folder), kind, int(rounds)))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
