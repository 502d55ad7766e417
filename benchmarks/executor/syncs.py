"""
Counts the syncs of an order: `python -m benchmarks.executor.syncs COUNT`.

Linux hands every `fsync` and `fdatasync` of the process to a counter before it does it, so
this is a process of its own in which nothing is timed. A print comes before every wish, so
that the tape has something to sync too.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.executor.double import symbols_of
from benchmarks.executor.orders import Desk
from benchmarks.executor.rig import store_of, trading
from maemae.domain.instant import MINUTE
from maemae.domain.order import Order
from maemae.domain.terms import Side
from maemae.trading.plan import Rhythm
from tests.storage.sync_tap import SyncTap


class SyncCount(msgspec.Struct, frozen=True):
    """
    Syncs of each order: how many orders had how many.

    Attributes:
        before: From the wish to the request in the broker's hands: of the tape, of the store.
        after: From there to the acknowledgment durable.
        fill: From the fill to its being durable.
    """

    before_tape: dict[int, int]
    before_store: dict[int, int]
    after: dict[int, int]
    fill: dict[int, int]


async def count_syncs(folder: Path, orders: int) -> SyncCount:
    """Place orders and fill them, and count."""
    tap = SyncTap()
    tap.install()
    before_tape, before_store, after, filled = (Counter[int]() for _ in range(4))
    store = store_of(folder, None)
    slow = Rhythm(lease_ttl=3 * MINUTE, reconcile_every=60 * MINUTE, tick=MINUTE)
    try:
        async with trading(folder, store, rhythm=slow) as rig:
            desk = Desk(rig)
            at_sending: list[tuple[int, int]] = []

            def sent(_order: Order) -> None:
                at_sending.append((tap.count, rig.tapes[-1].syncs))

            rig.broker.on_submit = sent
            symbols = symbols_of(200)
            for symbol in symbols:
                desk.see(symbol)
            await asyncio.sleep(1.0)  # the start has ended: nothing else syncs
            for number in range(orders):
                symbol = symbols[number % len(symbols)]
                desk.see(symbol)
                await asyncio.sleep(0)
                began, began_tape = tap.count, rig.tapes[-1].syncs
                order_id = await desk.place(symbol, Side.BUY)
                count, tape = at_sending[-1]
                before_tape[tape - began_tape] += 1
                before_store[count - began - (tape - began_tape)] += 1
                acknowledged = tap.count
                after[acknowledged - count] += 1
                await desk.fill(order_id)
                filled[tap.count - acknowledged] += 1
    finally:
        store.close()
    return SyncCount(
        *(dict(sorted(one.items())) for one in (before_tape, before_store, after, filled))
    )


def main(count: str) -> None:
    """Count, and say it as JSON."""
    with TemporaryDirectory() as folder:
        found = asyncio.run(count_syncs(Path(folder), int(count)))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
