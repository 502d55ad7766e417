"""
From a tick to the decision: `python -m benchmarks.executor.ticks RATE SECONDS`.

Half of 200 instruments are guarded by five sleeves each, at stops one below the other. Ticks
come every millisecond, all that are due; now and then one goes through the next stop of its
instrument. Whatever the executor sells is noted, and when.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns, process_time_ns
from typing import Final

import msgspec

from benchmarks.executor.double import ACCOUNT, PRICE, symbols_of
from benchmarks.executor.orders import Spread, spread
from benchmarks.executor.rig import Rig, store_of, trading
from benchmarks.executor.waiting import until
from maemae.domain.ids import IntentId, SleeveId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.market_data import Trade
from maemae.domain.terms import Side

_SYMBOLS: Final = symbols_of(200)
_GUARDED: Final = _SYMBOLS[::2]
_SLEEVES: Final = 5
_STEP: Final = 100  # won between two stops of an instrument: one in a hundred
_BEAT: Final = 0.001  # s between two looks at what is due
_WARM_UP: Final = 1  # s of ticks before the first crossing

Guard = tuple[Symbol, SleeveId]


class TickLag(msgspec.Struct, frozen=True):
    """
    How an executor kept up.

    Attributes:
        rate: Ticks that came in a second, as they were meant to.
        ticks: How many came.
        cpu: Processor time of the process over wall time, its ticks' making included.
        entry: From a tick's entry into the mailbox to its sale in the broker's hands.
        due: The same from the instant at which the tick was due.
        most_waiting: Most ticks that were due and not handled yet, at any look.
        longest_lag: Longest time by which the feed was behind [ms].
        drained_in: From the last tick's entry until nothing waited [ms].
        crossings: Stops that were crossed.
        missed: Those of them without a sale.
        twice: Those with more than one.
        unasked: Sales of guards that nothing crossed.
    """

    rate: int
    ticks: int
    cpu: float
    entry: Spread
    due: Spread
    most_waiting: int
    longest_lag: float
    drained_in: float
    crossings: int
    missed: int
    twice: int
    unasked: int


class Stream:
    """
    Ticks of every instrument in turn, and the crossings among them.

    Attributes:
        entered: When each crossing's tick went into the feed's line, and when it was due [ns].
    """

    def __init__(self, rig: Rig, rate: int, seconds: int) -> None:
        self.entered: dict[Guard, tuple[int, int]] = {}
        self.most_waiting = 0
        self.longest_lag = 0
        self.ticks = rate * seconds
        self._rig = rig
        self.rate = rate
        first = rate * _WARM_UP
        crossings = [(s, k) for k in range(_SLEEVES) for s in _GUARDED]
        every = (self.ticks - first) // (len(crossings) + 1)
        self._planned = {first + every * n: guard for n, guard in enumerate(crossings)}
        self._level = dict.fromkeys(_SYMBOLS, PRICE)

    async def run(self) -> int:
        """Send every tick when it is due; return when the last one went [ns]."""
        began, sent = perf_counter_ns(), 0
        while sent < self.ticks:
            now = perf_counter_ns()
            due = min(self.ticks, (now - began) * self.rate // SECOND)
            self._note(sent, due, now - began)
            for number in range(sent, due):
                self._send(number, began + number * SECOND // self.rate)
            sent = due
            await asyncio.sleep(_BEAT)
        return perf_counter_ns()

    def _note(self, sent: int, due: int, passed: int) -> None:
        waiting = due - sent + len(self._rig.feed.line.told) + len(self._rig.engine.mailbox)
        self.most_waiting = max(self.most_waiting, waiting)
        self.longest_lag = max(self.longest_lag, passed - sent * SECOND // self.rate)

    def _send(self, number: int, due: int) -> None:
        planned = self._planned.get(number)
        if planned is None:
            symbol = _SYMBOLS[number % len(_SYMBOLS)]
            price = self._level[symbol] + number % 3 * 5
        else:
            symbol, place = planned
            price = self._level[symbol] = PRICE - _STEP * (place + 1)
            self.entered[symbol, SleeveId(f"sleeve-{place}")] = (perf_counter_ns(), due)
        self._rig.feed.line.tell(Trade(symbol, price, 1, self._rig.venue.now()))


async def measure(folder: Path, rate: int, seconds: int) -> TickLag:
    """Guard, send ticks, and see what became of the crossings."""
    store = store_of(folder, None)
    try:
        async with trading(folder, store, sleeves=_SLEEVES, fills=True) as rig:
            await _guard(rig)
            stream = Stream(rig, rate, seconds)
            cpu, wall = process_time_ns(), perf_counter_ns()
            ended = await stream.run()
            share = (process_time_ns() - cpu) / (perf_counter_ns() - wall)
            await until(lambda: not rig.feed.line.told and not len(rig.engine.mailbox))
            await until(lambda: not rig.engine.waiting_requests)
            drained = perf_counter_ns() - ended
            await asyncio.sleep(1.0)  # for sales that nobody asked for
            return _judged(rig, stream, share, drained)
    finally:
        store.close()


async def _guard(rig: Rig) -> None:
    """Let every sleeve buy, guarded at its own stop; return once all is bought."""
    for symbol in _SYMBOLS:
        rig.feed.line.tell(Trade(symbol, PRICE, 1, rig.venue.now()))
    await asyncio.sleep(0.1)
    for place in range(_SLEEVES):
        for symbol in _GUARDED:
            stop_loss = 1_000_000 * _STEP * (place + 1) // PRICE
            wish = OrderIntent(
                IntentId(f"buy-{symbol}-{place}"),
                ACCOUNT,
                SleeveId(f"sleeve-{place}"),
                symbol,
                Side.BUY,
                Shares(10 + place),
                rig.venue.now(),
                price=PRICE,
                stop_loss=stop_loss,
            )
            rig.engine.mailbox.put(wish)
    wanted = _SLEEVES * len(_GUARDED)
    await until(lambda: sum(map(len, rig.engine.state.guarded.values())) == wanted)


def _judged(rig: Rig, stream: Stream, share: float, drained: int) -> TickLag:
    sales: dict[Guard, list[int]] = {}
    for at, order in rig.broker.submitted:
        if order.side is Side.SELL:
            sales.setdefault((order.symbol, order.sleeve_id), []).append(at)
    entered = stream.entered
    sold = {guard: when for guard, when in entered.items() if guard in sales}
    return TickLag(
        rate=stream.rate,
        ticks=stream.ticks,
        cpu=round(share, 3),
        entry=spread([sales[guard][0] - when[0] for guard, when in sold.items()]),
        due=spread([sales[guard][0] - when[1] for guard, when in sold.items()]),
        most_waiting=stream.most_waiting,
        longest_lag=stream.longest_lag / 1e6,
        drained_in=drained / 1e6,
        crossings=len(entered),
        missed=len(entered) - len(sold),
        twice=sum(len(sales[guard]) > 1 for guard in sold),
        unasked=len(sales.keys() - entered.keys()),
    )


def main(rate: str, seconds: str) -> None:
    """Measure, and say it as JSON."""
    with TemporaryDirectory() as folder:
        lag = asyncio.run(measure(Path(folder), int(rate), int(seconds)))
    sys.stdout.write(msgspec.json.encode(lag).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
