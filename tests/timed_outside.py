"""Everything outside an engine, in virtual time: clocks that can be set, a broker that can lie."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, time

from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.core.events import InstrumentUpdated
from maemae.domain.errors import BrokerUnavailableError, StorageError
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
)
from maemae.domain.terms import Mode
from maemae.ports import Alert, BrokerEvent, BrokerTraits, ClientIdSupport, Permit
from maemae.storage.jobs import Job
from maemae.trading.endings import Ending
from maemae.trading.outside import Outside
from tests.virtual_time import VirtualWall

MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
QUIET = 10 * SECOND


def at(day: date, hour: int, minute: int = 0) -> int:
    """Return the instant of a Korean time."""
    return kst_nanos(day, time(hour, minute))


class SettableWall(VirtualWall):
    """A wall clock that somebody sets; its steady time does not notice."""

    def __init__(self) -> None:
        self.step = 0

    def now(self) -> int:
        return super().now() + self.step


class LeapingVenue:
    """The exchange's time on a virtual loop; it can leap, as after a sleep or over a night."""

    def __init__(self, instant: int, speed: int = 1) -> None:
        self.speed = speed
        self._instant = instant

    def leap(self, nanos: int) -> None:
        self._instant += nanos

    def now(self) -> int:
        return self._instant + round(asyncio.get_running_loop().time() * SECOND) * self.speed

    async def sleep_until(self, instant: int) -> None:
        while True:
            left = instant - self.now()
            if left <= 0:
                return
            await asyncio.sleep(min(left / self.speed / SECOND, 1.0))


class TimedBroker:
    """A broker whose clock may be wrong or silent, and whose lists are what the test says."""

    def __init__(self, venue: LeapingVenue) -> None:
        self.traits = BrokerTraits(Mode.SIM, ClientIdSupport.NONE, QUIET, 5, 5)
        self.skew = 0
        self.is_silent = False
        self.fills: tuple[StatedExecution, ...] = ()
        self._venue = venue

    async def connect(self, epoch: int) -> None:
        raise AssertionError("not asked for")

    async def close(self) -> None:
        raise AssertionError("not asked for")

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        raise AssertionError("not asked for")

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        raise AssertionError("not asked for")

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        raise AssertionError("not asked for")

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        raise AssertionError("not asked for")

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        return self.fills

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        raise AssertionError("not asked for")

    async def cash(self, account_id: AccountId) -> StatedCash:
        raise AssertionError("not asked for")

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        raise AssertionError("not asked for")

    async def reclaim(self) -> None:
        raise AssertionError("not asked for")

    async def server_time(self) -> int:
        await asyncio.sleep(0.2)
        if self.is_silent:
            raise BrokerUnavailableError("답이 없습니다.", "No answer.")
        return self._venue.now() + self.skew

    async def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        nothing: tuple[Notice, ...] = ()
        for notice in nothing:
            yield notice


class TimedFeed:
    """A feed that tells a day's rules, or none yet."""

    def __init__(self, rules: tuple[InstrumentUpdated, ...] = ()) -> None:
        self.rules = rules

    async def connect(self) -> None:
        raise AssertionError("not asked for")

    async def close(self) -> None:
        raise AssertionError("not asked for")

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        return tuple(rule for rule in self.rules if rule.session_date == day)

    async def subscribe(self, symbols: Sequence[Symbol]) -> None:
        pass

    async def trades(self) -> AsyncIterator[Trade | InstrumentUpdated | BrokerEvent]:
        nothing: tuple[Trade, ...] = ()
        for trade in nothing:
            yield trade


class Place:
    """An outside, with its parts at hand."""

    def __init__(self, instant: int, speed: int = 1) -> None:
        self.venue = LeapingVenue(instant, speed)
        self.wall = SettableWall()
        self.broker = TimedBroker(self.venue)
        self.feed = TimedFeed()
        self.alerts: list[Alert] = []
        self.over: list[tuple[Ending, str | None]] = []
        self.outside = Outside(
            self.broker,
            self.feed,
            self.venue,
            self.wall,
            lambda: True,
            lambda: False,
            self.alerts.append,
            self.alerts.append,
            lambda ending, subject: self.over.append((ending, subject)),
        )

    def told(self, code: str) -> list[Alert]:
        """Return the alerts of a kind."""
        return [alert for alert in self.alerts if alert.code == code]


class MemoryLedger:
    """A ledger of jobs by the rules of `maemae.storage.jobs.Jobs`, which can be down."""

    def __init__(self) -> None:
        self.is_down = False
        self.status: dict[Job, str] = {}
        self.notes: dict[Job, str] = {}

    def expect(self, job: Job) -> None:
        self._require_up()
        self.status.setdefault(job, "PENDING")

    def start(self, job: Job, at: int) -> bool:
        return self._move(job, "PENDING", "RUNNING")

    def finish(self, job: Job, at: int, note: str = "", *, failed: bool = False) -> bool:
        if not self._move(job, "RUNNING", "FAILED" if failed else "DONE"):
            return False
        self.notes[job] = note
        return True

    def missed(self, now: int) -> tuple[Job, ...]:
        self._require_up()
        return tuple(
            job
            for job, status in self.status.items()
            if status in {"PENDING", "RUNNING"} and job.late_at <= now
        )

    def _move(self, job: Job, before: str, after: str) -> bool:
        self._require_up()
        if self.status.get(job) != before:
            return False
        self.status[job] = after
        return True

    def _require_up(self) -> None:
        if self.is_down:
            raise StorageError("멈췄습니다.", "It is down.")
