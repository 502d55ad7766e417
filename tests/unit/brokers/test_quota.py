"""The quota: no second sees more than it allows, whoever waits gets through in order."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from maemae.brokers.quota import Quota
from maemae.domain.instant import SECOND
from tests.virtual_time import VirtualWall, run


class Wall:
    """A clock that only sleep moves."""

    def __init__(self) -> None:
        self.time = 0

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, nanos: int) -> None:
        self.time += nanos


@given(st.integers(1, 6), st.lists(st.integers(0, SECOND), max_size=40))
def test_quota_lets_no_second_see_more_than_it_allows(per_sec: int, pauses: list[int]) -> None:
    wall, passed = Wall(), list[int]()
    quota = Quota(per_sec, wall)

    async def play() -> None:
        for pause in pauses:
            wall.time += pause
            await quota.take()
            passed.append(wall.time)

    asyncio.run(play())
    assert all(
        later - earlier > SECOND for earlier, later in zip(passed, passed[per_sec:], strict=False)
    )


@given(
    st.integers(1, 4),
    st.lists(
        st.tuples(
            st.integers(0, 2 * SECOND), st.integers(0, SECOND), st.integers(0, 3 * SECOND // 2)
        ),
        min_size=1,
        max_size=24,
    ),
)
def test_quota_when_messages_are_counted_late_lets_no_second_see_more_than_it_allows(
    per_sec: int, trips: list[tuple[int, int, int]]
) -> None:
    counted: list[int] = []

    async def send(quota: Quota, wish: int, goes: int, comes: int) -> None:
        await asyncio.sleep(wish / SECOND)
        async with quota.slot():
            await asyncio.sleep(min(goes, 2 * SECOND - comes) / SECOND)
            counted.append(VirtualWall().monotonic())
            await asyncio.sleep(comes / SECOND)

    async def play() -> None:
        quota = Quota(per_sec, VirtualWall())
        await asyncio.gather(*(send(quota, *trip) for trip in trips))

    run(play())
    counted.sort()
    assert len(counted) == len(trips)
    assert all(
        later - earlier >= SECOND
        for earlier, later in zip(counted, counted[per_sec:], strict=False)
    )


def test_quota_when_an_answer_never_comes_goes_on_without_it() -> None:
    async def play() -> int:
        quota = Quota(1, VirtualWall())

        async def lose() -> None:
            async with quota.slot():
                await asyncio.sleep(1_000)

        lost = asyncio.create_task(lose())
        await asyncio.sleep(0)
        await quota.take()
        lost.cancel()
        return VirtualWall().monotonic()

    assert 2 * SECOND < run(play()) < 4 * SECOND


def test_quota_when_unused_lets_a_burst_through_at_once() -> None:
    wall = Wall()
    quota = Quota(5, wall)

    async def play() -> None:
        for _ in range(5):
            await quota.take()

    asyncio.run(play())
    assert wall.time == 0


def test_quota_when_many_wait_lets_them_through_in_order() -> None:
    wall, passed = Wall(), list[int]()
    quota = Quota(1, wall)

    async def take(number: int) -> None:
        await quota.take()
        passed.append(number)

    async def play() -> None:
        await asyncio.gather(*(take(number) for number in range(6)))

    asyncio.run(play())
    assert all(before < after for before, after in pairwise(passed))
