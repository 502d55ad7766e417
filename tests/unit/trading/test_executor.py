"""The executor between two engines: how soon it uses a store again that was away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from maemae.domain.errors import BrokerUnavailableError, SleptError, StorageError
from maemae.domain.instant import MINUTE, SECOND
from maemae.ports import Lease, Recovered
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.endings import Ending
from maemae.trading.executor import Executor
from maemae.trading.lease import FREE, LeaseKeeper
from maemae.trading.plan import ExecutorPlan
from maemae.trading.signs import FolderSigns
from tests.builders import ACCOUNT, a_config
from tests.timed_outside import MONDAY, Place, TimedBroker, TimedFeed, at
from tests.virtual_time import run

BACK_AT = 1_000.0
HOUR = 60 * MINUTE
HEALED_WITHIN = 10.0
NOT_REACHED: Any = None


class AwayStore:
    """The lease in a store that is away from its taking on until some second."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lease = Lease(FREE, 0, 0)

    def read_lease(self) -> Lease:
        return self._lease

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        if self._lease.epoch:
            self._require_up()
        self._lease = Lease(holder, seen.epoch + 1, 0)
        return self._lease

    def beat(self, lease: Lease) -> Lease | None:
        self._require_up()
        self._lease = replace(lease, beat=lease.beat + 1)
        return self._lease

    def _require_up(self) -> None:
        if self._loop.time() < BACK_AT:
            raise StorageError("멈췄습니다.", "It is down.")


class SilentBroker(TimedBroker):
    """Never answers, and notes when it is first asked."""

    asked_at: float | None = None

    async def connect(self, epoch: int) -> None:
        self.asked_at = asyncio.get_running_loop().time()
        await asyncio.Event().wait()

    async def close(self) -> None:
        pass


def an_executor(place: Place, broker: TimedBroker, home: Path, store: object = None) -> Executor:
    books: Any = store
    plan = ExecutorPlan("test", a_config(), (ACCOUNT,))
    signs = FolderSigns(Epochs(home), Heartbeat(home))
    return Executor(
        plan,
        books,
        NOT_REACHED,
        replace(place.outside, broker=broker, feed=AnsweringFeed(), leap=place.venue.leap),
        LeaseKeeper(AwayStore(), signs, "test", plan.rhythm.lease_ttl, place.wall),
        KillSwitch(home, place.wall),
        NOT_REACHED,
        NOT_REACHED,
    )


def test_executor_when_its_store_was_away_for_long_uses_it_within_ten_seconds(
    tmp_path: Path,
) -> None:
    async def main() -> float | None:
        place = Place(at(MONDAY, 10))
        broker = SilentBroker(place.venue)
        executor = an_executor(place, broker, tmp_path)
        running = asyncio.create_task(executor.run())
        await asyncio.sleep(BACK_AT + HEALED_WITHIN)
        assert place.told("STORE_FAILED")
        executor.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return broker.asked_at

    asked_at = run(main())

    assert asked_at is not None
    assert asked_at >= BACK_AT


class AnsweringBroker(TimedBroker):
    """Can be connected."""

    async def connect(self, epoch: int) -> None:
        pass

    async def close(self) -> None:
        pass


class LateBroker(AnsweringBroker):
    """Does not answer the first time."""

    asked = 0

    async def connect(self, epoch: int) -> None:
        self.asked += 1
        if self.asked == 1:
            raise BrokerUnavailableError("안 됩니다.", "No.")


class AnsweringFeed(TimedFeed):
    """Can be connected."""

    async def connect(self) -> None:
        pass

    async def close(self) -> None:
        pass


def test_executor_when_the_broker_answers_says_that_its_outage_is_over(tmp_path: Path) -> None:
    async def main() -> Place:
        place = Place(at(MONDAY, 10))
        executor = an_executor(place, LateBroker(place.venue), tmp_path)
        running = asyncio.create_task(executor.run())
        await asyncio.sleep(BACK_AT + 60)
        assert place.told("BROKER_UNREACHABLE")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return place

    assert (Ending.CONNECTED, None) in run(main()).over


class SleepingStore:
    """Ends its reader's first life by a sleep of the machine."""

    lives = 0

    def recover(self) -> Recovered:
        self.lives += 1
        if self.lives == 1:
            raise SleptError("잤습니다.", "It slept.", HOUR)
        raise StorageError("멈췄습니다.", "It is down.")


def test_executor_when_the_machine_slept_sets_the_clock_and_begins_anew(tmp_path: Path) -> None:
    async def main() -> Place:
        place, store = Place(at(MONDAY, 10)), SleepingStore()
        executor = an_executor(place, AnsweringBroker(place.venue), tmp_path, store)
        running = asyncio.create_task(executor.run())
        await asyncio.sleep(BACK_AT + 60)
        assert store.lives > 1
        assert place.venue.now() == at(MONDAY, 10) + HOUR + round((BACK_AT + 60) * SECOND)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return place

    (alert,) = run(main()).told("MACHINE_SLEPT")
    assert alert.is_critical
