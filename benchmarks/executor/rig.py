"""A whole executor on a real store in the process that is measured, around the doubles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, time
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.executor.double import ACCOUNT, DoubleBroker, DoubleFeed, symbols_of
from maemae.app.trade_request import EXIT_LADDER, PRICE_GUARD
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.core.config import CoreConfig
from maemae.core.events import Event, KillLevel, TradingStateSet
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.domain.ids import SleeveId
from maemae.domain.instant import kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.terms import Mode, TradingState
from maemae.krx.costs import CostSchedule
from maemae.ports import Alert, Entry, VenueClock
from maemae.storage.store import SqlStore, open_store
from maemae.storage.tape import Tape, newest_seq
from maemae.trading.alert_book import AlertBook
from maemae.trading.durable_core import RunTape
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.engine import Engine
from maemae.trading.executor import Executor
from maemae.trading.job_works import JobParts
from maemae.trading.jobs import JobBook
from maemae.trading.lease import LeaseKeeper
from maemae.trading.outside import Outside
from maemae.trading.plan import ExecutorPlan, Rhythm, SleevePlan
from maemae.trading.signs import FolderSigns

DAY: Final = date(2026, 11, 20)
MORNING: Final = kst_nanos(DAY, time(10))
LIMITS: Final = Limits(
    max_positions=100_000,
    max_orders_per_sec=1_000_000,
    max_orders_per_day=100_000_000,
    max_repeats=1_000_000,
)
"""Every check has something to compute, and none refuses."""
FREE: Final = CostSchedule("free", 0, 100_000, cut=1)
PLAN: Final = ExecutorPlan(
    "bench",
    CoreConfig(Mode.SIM, {ACCOUNT: FREE}, price_guard=PRICE_GUARD, exit_ladder=EXIT_LADDER),
    (ACCOUNT,),
)
_CASH: Final = 100_000_000_000  # allotted to each sleeve [won]


class Listening:
    """
    Hears what the core took in (`maemae.trading.engine.Listener`), and opens trading.

    Attributes:
        is_ready: Set once trading may begin.
        hear: Called with entries once they are durable.
    """

    def __init__(self, hand_in: Callable[[Event], None]) -> None:
        self.is_ready = asyncio.Event()
        self.hear: Callable[[Sequence[Entry]], None] = _ignore
        self._hand_in = hand_in

    def hear_print(self, trade: Trade) -> None:
        """Do nothing."""

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Hand on."""
        self.hear(entries)

    def hear_time(self, core: TradingCore) -> None:
        """Do nothing."""

    def hear_ready(self, core: TradingCore) -> None:
        """Open trading."""
        self._hand_in(TradingStateSet(TradingState.ACTIVE, "bench", core.now))
        self.is_ready.set()


class Silent:
    """Tells nobody (`maemae.ports.Notifier`)."""

    async def notify(self, alert: Alert) -> None:
        """Do nothing."""


class Rig(msgspec.Struct, frozen=True, eq=False):
    """
    An executor that trades, and what is around it.

    Attributes:
        tapes: Every tape that was opened, the newest last.
    """

    executor: Executor
    broker: DoubleBroker
    feed: DoubleFeed
    venue: VenueClock
    ears: Listening
    tapes: list[Tape]
    alerts: AlertBook
    jobs: JobBook

    @property
    def engine(self) -> Engine:
        """The present engine."""
        engine = self.executor.engine
        if engine is None:
            raise RuntimeError("the executor lost its engine")
        return engine


def seats(count: int) -> list[SleevePlan]:
    """Return so many sleeves."""
    names = (SleeveId(f"sleeve-{number}") for number in range(count))
    return [SleevePlan(ACCOUNT, name, _CASH, LIMITS) for name in names]


def store_of(folder: Path, url: str | None) -> SqlStore:
    """Open the store: a file in the folder, unless a database is named."""
    return open_store(
        url or f"sqlite:///{folder / 'maemae.db'}",
        "bench",
        Mode.SIM,
        backup=lambda: None,
        is_market_open=lambda: False,
    )


@asynccontextmanager
async def trading(
    folder: Path,
    store: SqlStore,
    *,
    symbols: int = 200,
    sleeves: int = 1,
    fills: bool = False,
    rhythm: Rhythm | None = None,
    venue: VenueClock | None = None,
    broker: DoubleBroker | None = None,
) -> AsyncIterator[Rig]:
    """
    Give an executor that is ready to trade.

    Args:
        folder: Of its data.
        store: Stays open.
        symbols: How many instruments may be traded.
        sleeves: How many there are.
        fills: Whether orders are filled as they are accepted.
        rhythm: How often it does what it does again and again; None for the usual one.
        venue: The exchange's clock; None for one that goes as the wall's from a morning on.
        broker: One that was there before; None for a new one.
    """
    wall, clock = SystemWallClock(), venue or SteadyVenueClock(MORNING)
    broker = broker or DoubleBroker(clock.now, fills=fills)
    feed = DoubleFeed(symbols_of(symbols), clock.now)
    plan = msgspec.structs.replace(PLAN, seats=seats(sleeves), rhythm=rhythm or Rhythm())
    switch = KillSwitch(folder, wall)
    signs = FolderSigns(Epochs(folder), Heartbeat(folder))
    lease = LeaseKeeper(store, signs, plan.name, plan.rhythm.lease_ttl, wall)

    def resolve(code: str, subject: str) -> None:
        store.alerts.resolve_all(code, subject, wall.now())

    def acknowledge(code: str, subject: str, who: str) -> None:
        store.alerts.acknowledge_all(code, subject, who, wall.now())

    alerts = AlertBook(store.alerts.open, resolve, acknowledge, Silent(), wall)
    outside = Outside(
        broker,
        feed,
        clock,
        wall,
        lease.is_ours,
        lambda: switch.file.level() is not KillLevel.OFF,
        alerts.raise_,
        alerts.show,
        alerts.end,
    )
    tapes: list[Tape] = []

    def open_tape(epoch: int, day: date) -> tuple[RunTape, int]:
        (folder / "tapes").mkdir(exist_ok=True)
        last = newest_seq(folder / "tapes")
        tapes.append(Tape(folder / "tapes", epoch, day))
        return tapes[-1], last

    ears = Listening(lambda event: rig.engine.mailbox.put(event))
    jobs = JobBook(store.jobs)
    office = JobParts(jobs, folder, store.records)
    executor = Executor(plan, store, open_tape, outside, lease, switch, ears, office)
    rig = Rig(executor, broker, feed, clock, ears, tapes, alerts, jobs)
    running = asyncio.create_task(executor.run())
    telling = asyncio.create_task(alerts.run())
    try:
        ready = asyncio.create_task(ears.is_ready.wait())
        await asyncio.wait((ready, running), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield rig
    finally:
        executor.stop()
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await running


def _ignore(_entries: Sequence[Entry]) -> None:
    """Take what nobody waits for."""
