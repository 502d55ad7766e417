"""
From the opening of the store to trading.

`python -m benchmarks.executor.start HOME make RECORDS PRINTS` makes what an executor leaves
behind: a journal of about so many records, 2,000 a session, each order a wish, an
acknowledgment and a fill, with the snapshots that the executor keeps; and so many prints on the
tape of the last session.

`python -m benchmarks.executor.start HOME` is a start on it: the store is opened, the lease taken,
the book recovered, the broker's lists read and reconciled. The executor before has given its
lease back; after a crash the next one waits for it to run out besides.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date, time
from pathlib import Path
from time import perf_counter
from typing import Final

import msgspec

from benchmarks.executor.clock import SteppedClock
from benchmarks.executor.double import ACCOUNT, PRICE, symbols_of
from benchmarks.executor.resident import resident_mb
from benchmarks.executor.rig import Rig, store_of, trading
from benchmarks.executor.waiting import until
from maemae.clocks import SteadyVenueClock
from maemae.core.events import PriceUpdated
from maemae.domain.ids import IntentId, SleeveId
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.market_data import Trade
from maemae.domain.terms import Side
from maemae.krx.calendar import next_session

_FIRST: Final = date(2025, 1, 6)
_SYMBOLS: Final = symbols_of(200)
_ORDERS: Final = 667  # a session; three records each
_AT_ONCE: Final = 100
_LAST_DAY: Final = "last-day"


class Started(msgspec.Struct, frozen=True):
    """
    What a start took.

    Attributes:
        seconds: From the opening of the store to trading [s].
        resident: Memory after it [MB].
    """

    seconds: float
    resident: float


async def make(home: Path, records: int, prints: int) -> None:
    """Trade so much, and stop."""
    clock, day = SteppedClock(kst_nanos(_FIRST, time(10))), _FIRST
    store = store_of(home, None)
    try:
        async with trading(home, store, venue=clock, fills=True) as rig:
            left = records
            while left > 0:
                await _until_begun(rig, day)
                await _session(rig, clock, min(_ORDERS, left // 3 + 1))
                (home / _LAST_DAY).write_text(day.isoformat())
                left -= 3 * _ORDERS
                if left > 0:
                    day = next_session(day)
                    clock.step_to(kst_nanos(day, time(10)))
            await _print(rig, clock, prints)
    finally:
        store.close()


async def _until_begun(rig: Rig, day: date) -> None:
    def has_rules() -> bool:
        told = rig.engine.core.market.instruments.get(_SYMBOLS[-1])
        return told is not None and told.session_date == day

    await until(has_rules)


async def _session(rig: Rig, clock: SteppedClock, orders: int) -> None:
    """Buy, then sell what was bought, so that the account is as before."""
    for side, count in ((Side.BUY, orders // 2), (Side.SELL, orders - orders // 2)):
        for number in range(0, count, _AT_ONCE):
            clock.step_to(clock.now() + SECOND)
            chosen = _SYMBOLS[:_AT_ONCE][: count - number]
            for symbol in chosen:
                rig.engine.mailbox.put(PriceUpdated(symbol, PRICE, clock.now()))
            for symbol in chosen:
                at = clock.now()
                wish = OrderIntent(
                    IntentId(f"wish-{at}"),
                    ACCOUNT,
                    SleeveId("sleeve-0"),
                    symbol,
                    side,
                    Shares(10),
                    at,
                    price=PRICE,
                )
                rig.engine.mailbox.put(wish)
            await until(lambda: not len(rig.engine.mailbox))
            await until(lambda: not rig.engine.state.working and not rig.engine.waiting_requests)


async def _print(rig: Rig, clock: SteppedClock, prints: int) -> None:
    for number in range(prints):
        symbol = _SYMBOLS[number % len(_SYMBOLS)]
        rig.feed.line.tell(Trade(symbol, PRICE + number % 3 * 5, 1, clock.now()))
        if number % 500 == 0:
            await asyncio.sleep(0)
    await until(lambda: not rig.feed.line.told and not len(rig.engine.mailbox))


async def start(home: Path) -> Started:
    """Start on what is there."""
    day = next_session(date.fromisoformat((home / _LAST_DAY).read_text()))
    clock = SteadyVenueClock(kst_nanos(day, time(10)))
    began = perf_counter()
    store = store_of(home, None)
    try:
        async with trading(home, store, venue=clock):
            return Started(perf_counter() - began, resident_mb())
    finally:
        store.close()


def main(home: str, what: str = "", records: str = "0", prints: str = "0") -> None:
    """Make or start; a start is told as JSON."""
    if what:
        asyncio.run(make(Path(home), int(records), int(prints)))
    else:
        started = asyncio.run(start(Path(home)))
        sys.stdout.write(msgspec.json.encode(started).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
