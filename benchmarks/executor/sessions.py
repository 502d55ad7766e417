"""
Many accelerated sessions in one executor process: is its memory flat, are its descriptors?

`make soak`, or `python -m benchmarks.executor.sessions --sessions 400`. Every session has all
its phases, prints of 20 instruments, buys that are filled and guarded, a stop that is crossed, a
resting order that is canceled and one that the close expires, and is reconciled at each phase.
Every 50 sessions the broker's stream is cut and stands again; every 250 the executor is stopped
and another one recovers in the same process. When the years of the calendar that are played are
over, they begin anew on an empty store. The clock of the exchange steps from one thing to the
next; everything else is as in earnest: store, tape, lease and syncs on a real disk.

Memory and descriptors are sampled every 25 sessions, after a collection. What counts is their
slope over the sessions after the first quarter. It ends with 1 if a session does not come to its
end, or if either grows.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import time as wall_time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, time
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from rich.table import Table

from benchmarks.executor.clock import SteppedClock
from benchmarks.executor.double import ACCOUNT, PRICE, DoubleBroker, symbols_of
from benchmarks.executor.resident import descriptors, resident_mb
from benchmarks.executor.rig import Rig, store_of, trading
from benchmarks.executor.waiting import until
from benchmarks.results import write_document
from maemae.domain.ids import ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.instant import MINUTE, SECOND, kst_date, kst_nanos
from maemae.domain.intent import CancelIntent, OrderIntent, Shares
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.terms import Side, TradingState
from maemae.krx.calendar import next_session
from maemae.krx.session import Phase, regular_close
from maemae.storage.store import SqlStore
from maemae.trading.jobs import JobKind
from maemae.trading.phases import next_change
from maemae.trading.plan import Rhythm

_SYMBOLS: Final = symbols_of(20)
_SLEEVE: Final = SleeveId("sleeve-0")
_FIRST: Final = date(2021, 1, 4)
_LAST: Final = date(2026, 10, 30)
_EVENING: Final = 2 * 3_600 * SECOND
_SAMPLED_EVERY: Final = 25  # sessions
_CUT_EVERY: Final = 50
_RESTARTED_EVERY: Final = 250
_WARM_UP: Final = 4  # one part in so many is not judged
_MB_ALLOWED: Final = 10.0  # growth over 10,000 sessions, half a session's own noise
_SESSIONS_JUDGED: Final = 10_000
_QUICK: Final = SECOND // 50
_RHYTHM: Final = Rhythm(
    reconcile_every=_QUICK,
    doubt_every=_QUICK,
    retry_every=_QUICK,
    again_every=_QUICK,
    tick=_QUICK,
    skew_every=60 * MINUTE,  # a clock that steps between two questions would look wrong
)


class Sample(msgspec.Struct, frozen=True):
    """
    What the process had after some sessions.

    Attributes:
        resident: Memory [MB].
        descriptors: Open ones.
        objects: Objects that the collector follows.
    """

    sessions: int
    resident: float
    descriptors: int
    objects: int


class Slope(msgspec.Struct, frozen=True):
    """
    Growth over the sessions that are judged.

    Attributes:
        sessions: Played in all.
        judged: Those among them from which the slopes are taken.
        resident: At the end [MB].
        resident_kb: Growth of memory a session [kB].
        descriptors: At the end.
        descriptors_each: Growth a session.
        objects_each: Growth of what the collector follows, a session.
        seconds: All took so long [s].
    """

    sessions: int
    judged: int
    resident: float
    resident_kb: float
    descriptors: int
    descriptors_each: float
    objects_each: float
    seconds: float

    @property
    def is_flat(self) -> bool:
        """Whether 10,000 sessions would not show it."""
        grown = self.resident_kb * _SESSIONS_JUDGED / 1_000
        return grown < _MB_ALLOWED and self.descriptors_each * _SESSIONS_JUDGED < 1


class Days:
    """
    Plays one session after the other on one executor.

    Args:
        rig: An executor that trades, by a stepped clock.
        clock: That clock.
    """

    def __init__(self, rig: Rig, clock: SteppedClock) -> None:
        self._rig = rig
        self._clock = clock

    async def play(self, day: date) -> None:
        """Play a session from before its opening to after its last phase."""
        rig, clock = self._rig, self._clock
        while True:
            change = next_change(clock.now())
            if kst_date(change) > day:
                break
            if change >= regular_close(day):
                rig.broker.expire(tells=day.day % 2 == 0)
            clock.step_to(change)
            await until(self._has_phase)
            if rig.engine.core.market.phase is Phase.CONTINUOUS:
                await self._trade(day)
            elif change >= regular_close(day):
                await until(lambda: not self._working())
        clock.step_to(clock.now() + _EVENING)  # what is due after the close is due now
        await until(lambda: not any(rig.jobs.open(duty, next_session(day)) for duty in JobKind))

    async def _trade(self, day: date) -> None:
        """Buy, be stopped out, cancel, and leave one order to the close."""
        await until(lambda: self._may_trade(day))
        await self._print(_SYMBOLS, PRICE)
        held = _SYMBOLS[:4]
        for symbol in held:
            self._wish(day, "buy", symbol, Side.BUY, stop_loss=20_000)
        await until(lambda: set(held) <= self._sleeve_holds())
        await self._print(held[:2], PRICE * 97 // 100)
        await until(lambda: not set(held[:2]) & self._sleeve_holds())
        for symbol in held[2:]:
            self._wish(day, "sell", symbol, Side.SELL)
        await until(lambda: not self._sleeve_holds())
        self._rig.broker.fills = False
        for symbol in _SYMBOLS[-2:]:
            self._wish(day, "rest", symbol, Side.BUY)
        await until(lambda: len(self._working()) == 2)
        numbers = self._working()
        wish = CancelIntent(numbers[0], self._clock.now())
        self._rig.engine.mailbox.put(wish)
        await until(lambda: self._working() == numbers[1:])
        self._rig.broker.fills = True

    async def _print(self, symbols: Sequence[Symbol], price: int) -> None:
        self._clock.step_to(self._clock.now() + SECOND)
        for symbol in symbols:
            self._rig.feed.line.tell(Trade(symbol, price, 1, self._clock.now()))
        await until(lambda: not self._rig.feed.line.told)

    def _may_trade(self, day: date) -> bool:
        """Whether the day's rules are there and its certificate is, as they are by half past."""
        if self._rig.jobs.open(JobKind.CERTIFICATE, next_session(day)):
            return False
        told = self._rig.engine.core.market.instruments.get(_SYMBOLS[-1])
        is_active = self._rig.engine.state.trading_state is TradingState.ACTIVE
        return is_active and told is not None and told.session_date == day

    def _wish(
        self, day: date, what: str, symbol: Symbol, side: Side, stop_loss: int | None = None
    ) -> None:
        wish = OrderIntent(
            IntentId(f"{what}-{day}-{symbol}"),
            ACCOUNT,
            _SLEEVE,
            symbol,
            side,
            Shares(10),
            self._clock.now(),
            price=PRICE,
            stop_loss=stop_loss,
        )
        self._rig.engine.mailbox.put(wish)

    def _sleeve_holds(self) -> set[Symbol]:
        return set(self._rig.engine.state.get_sleeve(ACCOUNT, _SLEEVE).positions)

    def _working(self) -> list[ClOrdId]:
        orders = self._rig.engine.state.orders.values()
        return [order.cl_ord_id for order in orders if _is_at_work(order)]

    def _has_phase(self) -> bool:
        engine, now = self._rig.engine, self._clock.now()
        told = engine.core.market
        return told.phase_at > 0 and next_change(told.phase_at) > now


def _is_at_work(order: Order) -> bool:
    return bool(order.order_ids) and not order.is_closed


class Soak:
    """
    Plays sessions until there were enough of them or of time.

    Args:
        folder: For stores, tapes and the rest.
        sessions: How many at most.
        minutes: How long at most.
    """

    def __init__(self, folder: Path, sessions: int, minutes: float) -> None:
        self.samples: list[Sample] = []
        self.played = 0
        self._folder = folder
        self._sessions = sessions
        self._ends = wall_time.monotonic() + minutes * 60
        self._day = _FIRST
        self._lives = 0

    @property
    def is_over(self) -> bool:
        """Whether there were enough."""
        return self.played >= self._sessions or wall_time.monotonic() >= self._ends

    def run(self) -> Slope:
        """Play, and return how much was left behind."""
        began = wall_time.monotonic()
        while not self.is_over:
            self._lives += 1
            self._day = _FIRST
            home = self._folder / str(self._lives)
            home.mkdir()
            asyncio.run(self._live(home))
        if not self.samples:
            self._sample()
        return slope(self.samples, wall_time.monotonic() - began)

    async def _live(self, home: Path) -> None:
        """Play the years on one store."""
        store = store_of(home, None)
        clock = SteppedClock(kst_nanos(self._day, time(0)))
        broker = DoubleBroker(clock.now, fills=True)
        try:
            while not self.is_over and self._day <= _LAST:
                await self._run_executor(home, store, clock, broker)
        finally:
            store.close()

    async def _run_executor(
        self, home: Path, store: SqlStore, clock: SteppedClock, broker: DoubleBroker
    ) -> None:
        """Let one executor live through some sessions."""
        async with trading(
            home,
            store,
            symbols=len(_SYMBOLS),
            rhythm=_RHYTHM,
            venue=clock,
            broker=broker,
        ) as rig:
            days = Days(rig, clock)
            for _ in range(_RESTARTED_EVERY):
                if self.is_over or self._day > _LAST:
                    return
                await days.play(self._day)
                broker.submitted.clear()
                broker.canceled.clear()
                self._day = next_session(self._day)
                self.played += 1
                if self.played % _CUT_EVERY == 0:
                    broker.cut()
                if self.played % _SAMPLED_EVERY == 0:
                    self._sample()

    def _sample(self) -> None:
        gc.collect()
        sample = Sample(self.played, resident_mb(), descriptors(), len(gc.get_objects()))
        self.samples.append(sample)
        print(
            f"{sample.sessions:>6} sessions {sample.resident:8.1f} MB "
            f"{sample.descriptors:4} descriptors {sample.objects:8,} objects",
            flush=True,
        )


def slope(samples: Sequence[Sample], seconds: float) -> Slope:
    """Return what grew from one sample to the next, after the first quarter."""
    judged = samples[len(samples) // _WARM_UP :]
    at = [float(sample.sessions) for sample in judged]

    def each(values: Sequence[float]) -> float:
        return linear_regression(at, values).slope if len(at) > 1 else 0.0

    return Slope(
        sessions=samples[-1].sessions,
        judged=judged[-1].sessions - judged[0].sessions,
        resident=samples[-1].resident,
        resident_kb=each([sample.resident for sample in judged]) * 1_000,
        descriptors=samples[-1].descriptors,
        descriptors_each=each([float(sample.descriptors) for sample in judged]),
        objects_each=each([float(sample.objects) for sample in judged]),
        seconds=seconds,
    )


def main() -> None:
    """Play, and say what grew."""
    parser = argparse.ArgumentParser(description="Accelerated sessions in one executor process.")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=60.0, help="at most so long (60)")
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmarks.md")
    asked = parser.parse_args()
    with suppress(OSError):
        os.nice(5)
    with TemporaryDirectory(prefix="maemae-soak-") as folder:
        found = Soak(Path(folder), asked.sessions, asked.minutes).run()
    print(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
    if asked.docs:
        write_document([_table(found)], [], "wall", part="soak")
    sys.exit(0 if found.is_flat else 1)


def _table(found: Slope) -> Table:
    table = Table()
    for title in ("세션 / sessions", "초 / s", "MB", "kB / session"):
        table.add_column(title, justify="right")
    for title in ("열린 파일 / descriptors", "/ session", "객체 / objects / session"):
        table.add_column(title, justify="right")
    table.add_row(
        f"{found.sessions:,}",
        f"{found.seconds:.0f}",
        f"{found.resident:.0f}",
        f"{found.resident_kb:.2f}",
        f"{found.descriptors}",
        f"{found.descriptors_each:.4f}",
        f"{found.objects_each:.2f}",
    )
    return table


if __name__ == "__main__":
    main()
