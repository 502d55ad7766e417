"""The lease: one believer at a time, whatever is paused."""

from __future__ import annotations

import asyncio
import threading

import pytest

from maemae.domain.errors import FencedError, StorageError
from maemae.domain.instant import SECOND
from maemae.ports import Lease
from maemae.trading.lease import FREE, LeaseKeeper
from maemae.trading.plan import Rhythm

TTL = 3 * SECOND


class Table:
    """A lease row with compare-and-set, as the store keeps it."""

    def __init__(self) -> None:
        self.row = Lease(FREE, 0, 0)
        self.is_down = False

    def read_lease(self) -> Lease:
        return self.row

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        if seen != self.row:
            return None
        self.row = Lease(holder, self.row.epoch + 1, 0)
        return self.row

    def beat(self, lease: Lease) -> Lease | None:
        if self.is_down:
            raise StorageError("저장소 없음", "no store")
        if (lease.holder, lease.epoch) != (self.row.holder, self.row.epoch):
            return None
        self.row = Lease(lease.holder, lease.epoch, self.row.beat + 1)
        return self.row


class Shown:
    """Epochs and beats beside the store, as the data folder keeps them."""

    def __init__(self) -> None:
        self.epoch = 0
        self.beats: list[Lease] = []

    def claim(self, epoch: int, _holder: str) -> bool:
        if epoch <= self.epoch:
            return False
        self.epoch = epoch
        return True

    def newest(self) -> int:
        return self.epoch

    def show(self, lease: Lease) -> None:
        self.beats.append(lease)


class Living(Table):
    """A lease whose holder has beaten once more whenever one looks."""

    def read_lease(self) -> Lease:
        self.row = Lease(self.row.holder, self.row.epoch, self.row.beat + 1)
        return self.row


class Wall:
    """A wall clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, nanos: int) -> None:
        self.time += nanos
        await asyncio.sleep(0)


async def reached(wall: Wall, instant: int) -> None:
    """Let the others run until the wall's clock has come so far."""
    for _ in range(1_000):
        if wall.time >= instant:
            return
        await asyncio.sleep(0.001)
    raise AssertionError("the clock stands still")


def test_take_when_nobody_holds_it_is_at_once() -> None:
    wall = Wall()
    keeper = LeaseKeeper(Table(), Shown(), "first", TTL, wall)
    assert asyncio.run(keeper.take()) == 1
    assert wall.time == 0
    assert keeper.is_ours()


def test_take_when_the_holder_is_dead_waits_longer_than_its_lease() -> None:
    table, wall = Table(), Wall()
    table.row = Lease("dead", 4, 17)
    keeper = LeaseKeeper(table, Shown(), "second", TTL, wall)
    assert asyncio.run(keeper.take()) == 5
    assert wall.time > TTL


def test_take_when_the_holder_is_dead_leaves_a_standby_time_to_recover_within_fifteen_seconds() -> (
    None
):
    table, wall = Table(), Wall()
    table.row = Lease("dead", 4, 17)
    asyncio.run(LeaseKeeper(table, Shown(), "standby", Rhythm().lease_ttl, wall).take())
    assert wall.time <= 13 * SECOND


def test_take_when_the_holder_lives_waits_for_ever() -> None:
    table, wall = Living(), Wall()
    table.row = Lease("alive", 4, 17)

    async def run() -> bool:
        taking = asyncio.create_task(LeaseKeeper(table, Shown(), "second", TTL, wall).take())
        await reached(wall, 5 * TTL)
        taken = taking.done()
        taking.cancel()
        return taken

    assert not asyncio.run(run())


def test_is_ours_when_no_beat_got_through_ends_with_the_lease() -> None:
    table, wall = Table(), Wall()

    async def run() -> None:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        table.is_down = True
        keeping = asyncio.create_task(keeper.keep())
        await reached(wall, TTL)
        assert not keeper.is_ours()
        keeping.cancel()

    asyncio.run(run())


def test_is_ours_when_beats_get_through_goes_on() -> None:
    table, wall = Table(), Wall()

    async def run() -> None:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        keeping = asyncio.create_task(keeper.keep())
        for lives in range(1, 11):
            await reached(wall, lives * TTL)
            assert keeper.is_ours()
        keeping.cancel()

    asyncio.run(run())
    assert table.row.beat > 20


def test_keep_when_another_took_over_ends_and_believes_no_more() -> None:
    table, wall = Table(), Wall()

    async def run() -> None:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        table.row = Lease("second", 2, 0)
        with pytest.raises(FencedError):
            await keeper.keep()
        assert not keeper.is_ours()

    asyncio.run(run())


def test_give_back_lets_the_next_one_in_at_once() -> None:
    table, wall = Table(), Wall()

    async def run() -> int:
        first = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await first.take()
        await first.give_back()
        assert not first.is_ours()
        return await LeaseKeeper(table, Shown(), "second", TTL, wall).take()

    assert asyncio.run(run()) == 3
    assert wall.time == 0


def test_take_when_two_want_it_only_one_gets_it() -> None:
    table, wall = Table(), Wall()

    async def run() -> int:
        signs = Shown()
        keepers = [LeaseKeeper(table, signs, f"number {k}", TTL, wall) for k in range(2)]
        takings = [asyncio.create_task(keeper.take()) for keeper in keepers]
        done, pending = await asyncio.wait(takings, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        return len(done)

    assert asyncio.run(run()) == 1


def test_keep_when_a_beat_was_done_but_its_answer_lost_goes_on() -> None:
    table, wall = Table(), Wall()

    async def run() -> None:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        table.row = Lease("first", 1, table.row.beat + 1)
        assert await keeper.next_epoch() == 2
        keeping = asyncio.create_task(keeper.keep())
        await reached(wall, 3 * TTL)
        assert keeper.is_ours()
        keeping.cancel()

    asyncio.run(run())


def test_next_epoch_when_one_was_taken_but_its_answer_lost_takes_another() -> None:
    table, wall = Table(), Wall()

    async def run() -> int:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        table.row = Lease("first", 2, 0)
        return await keeper.next_epoch()

    assert asyncio.run(run()) == 3


def test_next_epoch_when_another_took_over_is_fenced() -> None:
    table, wall = Table(), Wall()

    async def run() -> None:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        table.row = Lease("second", 2, 0)
        with pytest.raises(FencedError):
            await keeper.next_epoch()
        assert not keeper.is_ours()

    asyncio.run(run())


def test_is_ours_when_a_watchdog_took_a_newer_epoch_without_the_store_is_false() -> None:
    signs = Shown()
    keeper = LeaseKeeper(Table(), signs, "first", TTL, Wall())
    asyncio.run(keeper.take())
    signs.epoch = 7
    assert not keeper.is_ours()
    assert not keeper.is_unclaimed()


def test_take_when_a_watchdog_took_epochs_without_the_store_goes_above_them() -> None:
    signs = Shown()
    signs.epoch = 7
    assert asyncio.run(LeaseKeeper(Table(), signs, "first", TTL, Wall()).take()) == 8


def test_keep_when_the_store_is_down_still_shows_a_beat() -> None:
    table, wall, signs = Table(), Wall(), Shown()

    async def run() -> None:
        keeper = LeaseKeeper(table, signs, "first", TTL, wall)
        await keeper.take()
        table.is_down = True
        keeping = asyncio.create_task(keeper.keep())
        await reached(wall, 3 * TTL)
        keeping.cancel()

    asyncio.run(run())
    beats = [shown.beat for shown in signs.beats]
    assert len(beats) > 3
    assert beats == sorted(set(beats))


class Slow(Table):
    """A lease whose taking waits until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        self.asked.set()
        self.gate.wait(10)
        return super().take_lease(holder, seen)


def test_next_epoch_when_one_was_given_up_half_way_waits_for_it_and_takes_another() -> None:
    table, wall = Slow(), Wall()

    async def run() -> int:
        keeper = LeaseKeeper(table, Shown(), "first", TTL, wall)
        await keeper.take()
        table.gate.clear()
        table.asked.clear()
        given_up = asyncio.create_task(keeper.next_epoch())
        await asyncio.to_thread(table.asked.wait, 10)
        given_up.cancel()
        another = asyncio.create_task(keeper.next_epoch())
        await asyncio.sleep(0)
        table.gate.set()
        return await another

    assert asyncio.run(run()) == 3
