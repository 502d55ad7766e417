"""A store that is down, hangs or stumbles is a store that is down, and never more than that."""

from __future__ import annotations

import asyncio
import threading

import pytest

from maemae.domain.errors import StorageError
from maemae.ports import Lease, Recovered
from maemae.trading.emergency.store_line import GuardedStore, StoreLine
from maemae.trading.lease import FREE


class Steady:
    """A store that only knows its lease; every other question is not asked here."""

    def read_lease(self) -> Lease:
        return Lease(FREE, 1, 2)

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        raise ZeroDivisionError

    def beat(self, lease: Lease) -> Lease | None:
        raise StorageError("꺼졌습니다.", "Down.")

    def recover(self) -> Recovered:
        raise AssertionError


def test_line_returns_the_answer() -> None:
    line = StoreLine(Steady)

    assert asyncio.run(line.ask(lambda store: store.read_lease())) == Lease(FREE, 1, 2)


def test_line_when_the_store_stumbles_says_that_it_is_down() -> None:
    line = StoreLine(Steady)

    for question in (
        lambda store: store.take_lease("x", Lease(FREE, 1, 2)),
        lambda store: store.beat(Lease(FREE, 1, 2)),
    ):
        with pytest.raises(StorageError):
            asyncio.run(line.ask(question))


def test_line_after_a_failure_opens_the_store_anew() -> None:
    opened: list[Steady] = []

    def open_store() -> GuardedStore:
        opened.append(Steady())
        if len(opened) == 1:
            raise OSError("not there yet")
        return opened[-1]

    line = StoreLine(open_store)
    with pytest.raises(StorageError):
        asyncio.run(line.ask(lambda store: store.read_lease()))

    assert asyncio.run(line.ask(lambda store: store.read_lease())) == Lease(FREE, 1, 2)
    assert len(opened) == 2


def test_line_when_the_store_hangs_does_not_wait_for_it_twice() -> None:
    async def main() -> Lease:
        line, is_back = StoreLine(Steady), threading.Event()
        with pytest.raises(StorageError):
            await line.ask(lambda _store: is_back.wait(), patience_secs=0.1)
        with pytest.raises(StorageError):
            await line.ask(lambda store: store.read_lease(), patience_secs=1_000)
        is_back.set()
        await asyncio.sleep(0.1)
        return await line.ask(lambda store: store.read_lease())

    assert asyncio.run(main()) == Lease(FREE, 1, 2)
