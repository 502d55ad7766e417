"""
The executor: one owner's trading in one mode, from the lease to the last request landed.

It outlives its engine. When the store fails, the engine is thrown away and another one is
raised by the start-up path; when the kill switch is pressed meanwhile, the emergency lane acts
without it; when another executor took the lease, everything stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from enum import unique
from typing import Final

import msgspec

from maemae.domain.errors import BrokerError, FencedError, MaemaeError, SleptError, StorageError
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.ports import Store
from maemae.trading import endings
from maemae.trading.durable_core import DurableCore, RunTape
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.engine import Engine, Listener
from maemae.trading.job_works import JobParts
from maemae.trading.kill_watch import KillWatch
from maemae.trading.lease import LeaseKeeper
from maemae.trading.outside import Outside
from maemae.trading.phases import trading_day
from maemae.trading.plan import ExecutorPlan

_SHORT_LIFE: Final = MINUTE  # an engine that fails within this makes the next one wait longer
_LONGEST_WAIT: Final = MINUTE
_LONGEST_OUTAGE_WAIT: Final = 4 * SECOND  # a store that is back is used again within ten
_GIVE_BACK_SECS: Final = 2.0


@unique
class Ending(Term):
    """Why an executor ended."""

    STOPPED = "STOPPED"  # it was told to
    FENCED = "FENCED"  # another took over


class Executor:
    """
    Keeps the lease and an engine alive.

    Args:
        plan: What to run.
        store: Journal and tables; opened.
        open_tape: Opens the tape of an epoch and session, and tells the number of the newest
            input on any tape; blocks.
        outside: Broker, feed, clocks.
        lease: Taken by `run`.
        switch: The kill switch of the data folder.
        ears: Who is told what happens.
        office: What jobs need; it outlives engines.

    Attributes:
        engine: The present one; None while there is none.
    """

    def __init__(
        self,
        plan: ExecutorPlan,
        store: Store,
        open_tape: Callable[[int, date], tuple[RunTape, int]],
        outside: Outside,
        lease: LeaseKeeper,
        switch: KillSwitch,
        ears: Listener,
        office: JobParts,
    ) -> None:
        self.engine: Engine | None = None
        self._plan = plan
        self._store = store
        self._open_tape = open_tape
        self._outside = outside
        self._lease = lease
        self._switch = switch
        self._ears = ears
        self._office = office
        self._kill = KillWatch(switch, outside, plan.accounts, lease.is_unclaimed)
        self._stop = asyncio.Event()
        self._reached = asyncio.Event()
        self._began = 0
        self._failures = 0

    @property
    def epoch(self) -> int:
        """Of the lease; 0 before it is ours."""
        return self._lease.epoch

    def stop(self) -> None:
        """Let nothing new leave, wait for what is on its way, and end."""
        self._stop.set()

    async def run(self) -> Ending:
        """
        Trade until told to stop, or until another executor takes over.

        Raises:
            MaemaeError: What no rebuilding mends.
        """
        stopping = asyncio.create_task(self._stop.wait())
        taking = asyncio.create_task(self._lease.take())
        try:
            await asyncio.wait((stopping, taking), return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                return Ending.STOPPED
            taking.result()
            return await self._trade(stopping)
        finally:
            await _cancel(stopping, taking)

    async def _trade(self, stopping: asyncio.Task[bool]) -> Ending:
        living = asyncio.create_task(self._live())
        keeping = asyncio.create_task(self._lease.keep())
        try:
            await asyncio.wait((stopping, living, keeping), return_when=asyncio.FIRST_COMPLETED)
            for task in (living, keeping):
                if task.done():
                    return self._fenced(task.exception())
            if self.engine is not None:
                await self.engine.land()
        finally:
            await _cancel(living, keeping)
            await self._outside.broker.close()
            await self._outside.feed.close()
        with suppress(StorageError, TimeoutError):  # then the lease runs out by itself
            async with asyncio.timeout(_GIVE_BACK_SECS):
                await self._lease.give_back()
        return Ending.STOPPED

    def _fenced(self, failure: BaseException | None) -> Ending:
        """Return that another took over; anything else that ended a task is raised."""
        error = _cause(failure)
        if not isinstance(error, FencedError):
            raise error
        self._outside.warn("FENCED", self._plan.name, error.text, is_critical=True)
        return Ending.FENCED

    async def _live(self) -> None:
        """
        Raise one engine after the other, whatever becomes of the store.

        The kill switch is watched through all of their lives and between them.
        """
        watching = self._watch()
        try:
            while True:
                living = asyncio.create_task(self._live_once())
                try:
                    await asyncio.wait((living, watching), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    self.engine = None
                    failure = _failure(living)
                    await _cancel(living)
                if failure is not None:
                    wait = await self._survive(failure)
                    await asyncio.wait((watching,), timeout=wait / SECOND)
                if watching.done():
                    watching.result()
                    await self._act()
                    watching = self._watch()
        finally:
            await _cancel(watching)

    def _watch(self) -> asyncio.Task[None]:
        async def watch() -> None:
            await self._reached.wait()  # before that there is nobody to send anything to
            await self._kill.until_overdue(lambda: self.engine)

        return asyncio.create_task(watch())

    async def _survive(self, failure: BaseException) -> int:
        """
        Say why an engine ended, and return how long to wait for the next one [ns].

        Whatever it was, another one is raised: an executor that ends leaves positions alone.

        Raises:
            FencedError: Another executor took over.
        """
        error = _cause(failure)
        if isinstance(error, FencedError) and not await self._is_ours_after_all():
            raise error
        if isinstance(error, SleptError) and self._outside.leap is not None:
            self._outside.warn("MACHINE_SLEPT", "clock", error.text, is_critical=True)
            self._outside.leap(error.slept)
            return 0
        self._failures = self._failures + 1 if self._was_short_life() else 0
        is_outage = isinstance(error, StorageError)
        code = "STORE_FAILED" if is_outage else "ENGINE_FAILED"
        self._outside.warn(code, "engine", _words(error), is_critical=True)
        longest = _LONGEST_OUTAGE_WAIT if is_outage else _LONGEST_WAIT
        return min(self._plan.rhythm.retry_every << min(self._failures, 6), longest)

    async def _is_ours_after_all(self) -> bool:
        try:
            return await self._lease.reclaim()
        except StorageError:
            return True  # it will be told by the next life, if the store comes back

    def _was_short_life(self) -> bool:
        now, began = self._outside.wall.monotonic(), self._began
        return now - began < _SHORT_LIFE

    async def _act(self) -> None:
        try:
            await self._kill.act()
        except BrokerError as error:
            self._outside.warn("EMERGENCY_NOT_CONNECTED", "broker", error.text, is_critical=True)

    async def _live_once(self) -> None:
        """Live one engine's life, under an epoch of its own: what an earlier one sent is fenced."""
        self._began = self._outside.wall.monotonic()
        epoch = await self._lease.next_epoch()
        await self._connect(epoch)
        recovered = await asyncio.to_thread(self._store.recover)
        day = recovered.state.session_date or trading_day(self._outside.venue.now())
        tape, last = await asyncio.to_thread(self._open_tape, epoch, day)
        seq = max(recovered.seq, last)
        durable = DurableCore(
            self._plan,
            msgspec.structs.replace(recovered, seq=seq),
            self._store,
            tape,
            epoch,
            (self._outside.venue, self._outside.wall),
        )
        self.engine = Engine(
            self._plan, self._outside, durable, self._switch, self._ears, self._office
        )
        try:
            await self.engine.run(recovered)
        finally:
            with suppress(StorageError):  # it may be what failed
                await asyncio.to_thread(tape.close)

    async def _connect(self, epoch: int) -> None:
        """Speak to broker and feed under an epoch; tried until they answer."""
        while True:
            try:
                await self._outside.broker.connect(epoch)
                await self._outside.feed.connect()
            except BrokerError as error:
                self._outside.warn("BROKER_UNREACHABLE", "broker", error.text, is_critical=True)
                await self._outside.wall.sleep(self._plan.rhythm.retry_every)
            else:
                self._outside.over(endings.Ending.CONNECTED)
                self._reached.set()
                return


async def _cancel(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


def _cause(failure: BaseException | None) -> BaseException:
    """Return the failure that counts: of several at once, that another took over."""
    if not isinstance(failure, BaseExceptionGroup):
        return failure or FencedError("실행기가 끝났습니다.", "The executor ended.")
    leaves = [_cause(part) for part in failure.exceptions]
    fenced = [leaf for leaf in leaves if isinstance(leaf, FencedError)]
    return (fenced or leaves)[0]


def _words(error: BaseException) -> Text:
    if isinstance(error, MaemaeError):
        return error.text
    told = f"{type(error).__name__}: {error}"
    return Text(
        f"실행기 안에서 오류가 나 장부를 다시 세웁니다 ({told}). 로그와 함께 알려 주세요.",
        f"A bug of maemae ended the engine ({told}); the book is rebuilt. Please report it.",
    )
