"""
What an executor keeps in memory: `python -m benchmarks.executor.memory SYMBOLS POSITIONS ORDERS`.

Every instrument has its rules and a price; so many are held, guarded, each its own order of the
day; so many more orders were acknowledged and work.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Mapping, Sized
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from benchmarks.executor.double import ACCOUNT, PRICE, symbols_of
from benchmarks.executor.resident import resident_mb
from benchmarks.executor.rig import Rig, store_of, trading
from benchmarks.executor.waiting import until
from maemae.domain.ids import IntentId, SleeveId, Symbol
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.market_data import Trade
from maemae.domain.terms import Side

_LOOK: Final = 0.01  # s
_AT_ONCE: Final = 200


async def measure(folder: Path, symbols: int, positions: int, orders: int) -> float:
    """Return the resident memory with so much of everything [MB]."""
    store, every = store_of(folder, None), symbols_of(symbols)
    try:
        async with trading(folder, store, symbols=symbols, fills=True) as rig:
            for symbol in every:
                rig.feed.line.tell(Trade(symbol, PRICE, 1, rig.venue.now()))
            await asyncio.sleep(1.0)
            for number in range(positions):
                await _wish(rig, f"hold-{number}", every[number], 50_000, number)
            await until(lambda: _count(rig.engine.state.guarded) == positions)
            rig.broker.fills = False
            for number in range(orders):
                await _wish(rig, f"work-{number}", every[number % symbols], None, number)
            await until(lambda: _count(rig.engine.state.working) == orders)
            await until(lambda: not rig.engine.waiting_requests)
            rig.broker.submitted.clear()
            gc.collect()
            return resident_mb()
    finally:
        store.close()


def _count(by_symbol: Mapping[Symbol, Sized]) -> int:
    return sum(map(len, by_symbol.values()))


async def _wish(rig: Rig, name: str, symbol: Symbol, stop_loss: int | None, number: int) -> None:
    rig.feed.line.tell(Trade(symbol, PRICE, 1, rig.venue.now()))
    wish = OrderIntent(
        IntentId(name),
        ACCOUNT,
        SleeveId("sleeve-0"),
        symbol,
        Side.BUY,
        Shares(10 + number // 200),  # no two at work look the same
        rig.venue.now(),
        price=PRICE,
        stop_loss=stop_loss,
    )
    rig.engine.mailbox.put(wish)
    if number % _AT_ONCE == 0:
        await asyncio.sleep(_LOOK)


def main(symbols: str, positions: str, orders: str) -> None:
    """Measure, and say it as JSON."""
    with TemporaryDirectory() as folder:
        asked = measure(Path(folder), int(symbols), int(positions), int(orders))
        sys.stdout.write(msgspec.json.encode(asyncio.run(asked)).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
