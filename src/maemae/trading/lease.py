"""
The lease: at most one executor sends for an owner and mode.

A holder believes in its lease only for a time after it last showed its beat, by its own
monotonic clock; a challenger takes it only after the beat has stood still for longer than
that, by its own. No clock of one is ever compared with a clock of the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import msgspec

from maemae.domain.errors import FencedError, StorageError
from maemae.domain.instant import SECOND
from maemae.ports import Lease, WallClock

FREE: Final = ""
"""Holder of a lease that was given back."""

_GLANCES: Final = 10  # looks at another's beat within the time it may stand still
_NEXT_TRY: Final = SECOND // 10

T = TypeVar("T")


class LeaseStore(Protocol):
    """The part of `maemae.ports.Store` that a lease needs."""

    def read_lease(self) -> Lease:
        """Return who holds the lease."""

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        """Take the lease if it still is as it was seen."""

    def beat(self, lease: Lease) -> Lease | None:
        """Show that the holder lives."""


class Signs(Protocol):
    """Where an epoch and a beat are shown beside the store, for when that is down."""

    def claim(self, epoch: int, holder: str) -> bool:
        """Take an epoch; false if it, or a newer one, is taken already."""

    def newest(self) -> int:
        """Return the highest epoch that anybody took."""

    def show(self, lease: Lease) -> None:
        """Show a beat."""


class LeaseKeeper:
    """
    Takes a lease, keeps it, and knows when it must not be believed in any more.

    Args:
        store: Where the lease is.
        signs: In the data folder: a watchdog that cannot reach the store looks at them.
        holder: Name of this process, not empty; no other one, before or after it, has the same.
        ttl: How long a beat is good for [ns of wall time].
        wall: Its monotonic clock.
    """

    def __init__(
        self, store: LeaseStore, signs: Signs, holder: str, ttl: int, wall: WallClock
    ) -> None:
        self._store = store
        self._signs = signs
        self._holder = holder
        self._ttl = ttl
        self._wall = wall
        self._lease: Lease | None = None
        self._good_until = 0
        self._shown = 0
        self._alone = asyncio.Lock()
        self._changing: asyncio.Task[object] | None = None

    @property
    def epoch(self) -> int:
        """The epoch under which this process speaks; 0 before it took the lease."""
        return 0 if self._lease is None else self._lease.epoch

    def is_ours(self) -> bool:
        """Whether the lease may still be believed in; false from the last beat's end on."""
        if self._wall.monotonic() >= self._good_until:
            return False
        try:
            return self._signs.newest() <= self.epoch
        except StorageError:
            return False  # who cannot see whether another took over must send nothing

    def is_unclaimed(self) -> bool:
        """
        Whether nobody is known to have taken over, even if the lease ran out meanwhile.

        Enough for what a person's kill switch asks while the store is gone, and nothing else:
        to take risk away must not wait for a store.
        """
        try:
            return self._lease is not None and self._signs.newest() <= self.epoch
        except StorageError:
            return False

    async def take(self) -> int:
        """
        Return the epoch of the lease, once it is ours.

        Another's lease is taken when its beat has stood still for a whole time to live, and
        half of it more.
        """
        seen = await asyncio.to_thread(self._store.read_lease)
        still_since = self._wall.monotonic()
        while True:
            asked = self._wall.monotonic()
            if seen.holder == FREE or asked - still_since > self._ttl + self._ttl // 2:
                taken = await asyncio.to_thread(self._take_above, seen)
                if taken is not None:
                    self._lease, self._good_until = taken, asked + self._ttl
                    return taken.epoch
            await self._wall.sleep(self._ttl // _GLANCES)
            now = await asyncio.to_thread(self._store.read_lease)
            if now != seen:
                seen, still_since = now, self._wall.monotonic()

    async def next_epoch(self) -> int:
        """
        Return a newer epoch than any before, the lease being ours.

        Raises:
            FencedError: Another took the lease.
            StorageError: The store does not answer.
        """
        return await self._whole(self._raise_epoch)

    async def _raise_epoch(self) -> int:
        if self._lease is None:
            raise _fenced()
        asked = self._wall.monotonic()
        taken = await asyncio.to_thread(self._take_above, self._lease)
        if taken is None and await self._reclaim():
            taken = await asyncio.to_thread(self._take_above, self._lease)
        if taken is None:
            self._good_until = 0
            raise _fenced()
        self._lease, self._good_until = taken, asked + self._ttl
        return taken.epoch

    async def reclaim(self) -> bool:
        """
        Whether the lease is still ours, though something looked as if it were not.

        A change of it may have been done while its answer was lost: then the row is newer than
        what this process knows, and it is ours all the same.
        """
        return await self._whole(self._reclaim)

    async def _reclaim(self) -> bool:
        row = await asyncio.to_thread(self._store.read_lease)
        if row.holder != self._holder or self._signs.newest() > row.epoch:
            return False
        self._lease = row
        return True

    async def keep(self) -> None:
        """
        Show the beat three times in each time to live, for ever.

        Raises:
            FencedError: Another took the lease.
        """
        while True:
            await self._wall.sleep(self._ttl // 3)
            try:
                await self._whole(self._beat)
            except FencedError:
                raise
            except StorageError:  # the store is down: the lease runs out by itself
                await self._show_life()
                await self._wall.sleep(_NEXT_TRY)

    async def give_back(self) -> None:
        """Let the next one take the lease at once; nothing may be sent after this."""
        await self._whole(self._free)

    async def _free(self) -> None:
        lease, self._lease, self._good_until = self._lease, None, 0
        if lease is not None:
            freed = await asyncio.to_thread(self._store.take_lease, FREE, lease)
            if freed is not None:
                await asyncio.to_thread(self._signs.show, freed)

    async def _whole(self, change: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """
        Let one change of the lease after the other come to its end, even if nobody waits for it.

        What a thread goes on to do after its waiter was cancelled, or while a beat is on its
        way, would look as if another had taken over.
        """

        async def alone() -> T:
            async with self._alone:
                return await change()

        changing = asyncio.create_task(alone())
        changing.add_done_callback(_look_at)
        self._changing = changing
        return await asyncio.shield(changing)

    def _take_above(self, seen: Lease) -> Lease | None:
        """Take the lease with an epoch above all that anybody took, even without the store."""
        taken = self._store.take_lease(self._holder, seen)
        while taken is not None and not self._signs.claim(taken.epoch, self._holder):
            taken = self._store.take_lease(self._holder, taken)
        if taken is not None:
            self._signs.show(taken)
        return taken

    async def _beat(self) -> None:
        if self._lease is None:
            return
        asked = self._wall.monotonic()
        lease = await asyncio.to_thread(self._store.beat, self._lease)
        if lease is None and await self._reclaim():
            lease = await asyncio.to_thread(self._store.beat, self._lease)
        if lease is None:
            self._good_until = 0
            raise _fenced()
        self._lease, self._good_until = lease, asked + self._ttl
        await asyncio.to_thread(self._signs.show, lease)

    async def _show_life(self) -> None:
        """Show beside the store that this process lives: a watchdog must not take it for dead."""
        if self._lease is None:
            return
        self._shown += 1
        shown = msgspec.structs.replace(self._lease, beat=self._lease.beat + self._shown)
        with suppress(StorageError):
            await asyncio.to_thread(self._signs.show, shown)


def _look_at(task: asyncio.Task[T]) -> None:
    """Take the failure of a change that nobody waits for any more: the next one tells it."""
    if not task.cancelled():
        task.exception()


def _fenced() -> FencedError:
    return FencedError(
        "다른 실행기가 이 계좌를 맡았습니다. 이 실행기는 아무것도 보내지 않고 멈춥니다.",
        "Another executor took over. This one stops without sending anything.",
    )
