"""Runs the jobs of a session when they are due; tells what did not begin or end in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from maemae.domain.errors import MaemaeError
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.text import Text
from maemae.storage.jobs import Job
from maemae.trading.endings import Ending
from maemae.trading.jobs import LASTS, JobBook, JobKind, agenda, job_of, meaning_of
from maemae.trading.outside import Outside
from maemae.trading.phases import trading_day
from maemae.trading.plan import Rhythm

_BELIEVED: Final = 120 * SECOND  # how long after a sleep the exchange's clock may be set right
_OUTLAST: Final = frozenset({JobKind.DAY_END, JobKind.BACKUP})  # must be done however late


class Outcome(msgspec.Struct, frozen=True):
    """
    What came of a job.

    Attributes:
        note: For people.
        is_done: Whether nothing is left to do; otherwise it alarmed, and is tried again.
    """

    note: str
    is_done: bool = True


Work = Callable[[date], Coroutine[Any, Any, Outcome]]
"""Does a duty of a session; may raise."""


class RealTime:
    """
    Tells how much real time has gone by, whatever leaps the clocks make.

    A machine that sleeps stops its steady clock: then the wall's time of day jumps, and later
    the exchange's time, once somebody has set it right. The wall's jump alone may be a person's
    who set the clock, the exchange's alone a night that a simulation skips; only both together
    are time that went by.

    Args:
        speed: Seconds of the exchange in a second of the wall.
    """

    def __init__(self, speed: int) -> None:
        self._speed = speed
        self._last: tuple[int, int, int] | None = None
        self._jumped = 0
        self._jumped_at = 0

    def pass_to(self, venue: int, monotonic: int, wall: int) -> int:
        """Return the real time since the last call [ns]; 0 at the first."""
        last, self._last = self._last, (venue, monotonic, wall)
        if last is None:
            return 0
        gone = monotonic - last[1]
        if monotonic - self._jumped_at > _BELIEVED:
            self._jumped = 0
        jump = wall - last[2] - gone
        if jump > SECOND:
            self._jumped += jump
            self._jumped_at = monotonic
        leap = (venue - last[0]) // self._speed - gone
        slept = min(self._jumped, leap) if leap > SECOND else 0
        self._jumped -= slept
        return gone + slept


class JobRunner:
    """
    The jobs of sessions, one after the other.

    Args:
        book: What is expected and what became of it.
        works: How each duty is done; what is not here is not expected.
        outside: The clocks, and whom to tell.
        rhythm: How often to look, how late is late, and when to try again.
        may_begin: Whether jobs can be done now; that one is late is told all the same.
        spawn: Runs a job beside everything else.
    """

    def __init__(
        self,
        book: JobBook,
        works: Mapping[JobKind, Work],
        outside: Outside,
        rhythm: Rhythm,
        may_begin: Callable[[], bool],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._book = book
        self._works = works
        self._outside = outside
        self._rhythm = rhythm
        self._may_begin = may_begin
        self._spawn = spawn
        self._waiting: list[Job] = []
        self._late: dict[Job, int] = {}
        self._trying: dict[Job, int] = {}
        self._told: set[Job] = set()
        self._planned: date | None = None
        self._time = RealTime(outside.venue.speed)

    async def recall(self) -> None:
        """Take up what earlier processes left: due jobs that did not end."""
        now, speed = self._outside.venue.now(), self._outside.venue.speed
        due = job_of(JobKind.SESSION, trading_day(now), now, speed).late_at
        for job in await self._book.recall(due):
            if job.due_at > now:
                continue
            self._late[job] = (now - job.due_at) // speed
            self._tell_late(job)
            duty, day = meaning_of(job)
            if duty in self._works and (duty in _OUTLAST or day >= trading_day(now)):
                self._waiting.append(job)
            else:
                self._begin(job)
                self._book.finish(job, now, "missed", failed=True)

    async def catch_up(self) -> None:
        """End the days that were not ended when they closed."""
        today = trading_day(self._outside.venue.now())
        for job in [job for job in self._waiting if meaning_of(job)[0] is JobKind.DAY_END]:
            if meaning_of(job)[1] < today:
                self._waiting.remove(job)
                await self._carry_out(job)

    async def do_now(self, duty: JobKind, day: date) -> None:
        """Do a duty once, at once; if it fails, try again beside everything else."""
        venue = self._outside.venue
        job = job_of(duty, day, venue.now(), venue.speed)
        self._book.expect(job)
        await self._carry_out(job)

    async def run(self) -> None:
        """Look for ever what is due."""
        while True:
            self.look()
            await self._outside.wall.sleep(self._rhythm.retry_every)

    def look(self) -> None:
        """Look once: expect what is known by now, tell what is late, begin what is due."""
        now, wall = self._outside.venue.now(), self._outside.wall
        self._plan(now)
        gone = self._time.pass_to(now, wall.monotonic(), wall.now())
        for job in [job for job in self._waiting if job.due_at <= now]:
            if job in self._late:
                self._late[job] += gone
            else:
                self._late[job] = min((now - job.due_at) // self._outside.venue.speed, gone)
            self._tell_late(job)
            if self._may_begin():
                self._waiting.remove(job)
                self._spawn(self._carry_out(job))
        for job, since in self._trying.items():
            if wall.monotonic() - since > LASTS:
                self._tell(job, _endless(job))

    def _plan(self, now: int) -> None:
        """Expect the jobs of a session as soon as it is the next one; past ones never were."""
        day = trading_day(now)
        if day == self._planned:
            return
        is_start, self._planned = self._planned is None, day
        for job in agenda(day, self._outside.venue.speed):
            was_due = is_start and job.due_at <= now
            if meaning_of(job)[0] in self._works and not was_due:
                self._book.expect(job)
                self._waiting.append(job)

    def _tell_late(self, job: Job) -> None:
        if self._late[job] > self._rhythm.job_within:
            self._tell(job, _late(job, self._late[job]))

    def _tell(self, job: Job, why: Text) -> None:
        """Tell once that a job is not done as it was expected."""
        if job not in self._told:
            self._told.add(job)
            self._outside.warn("JOB_MISSED", job.name, why, is_critical=True)

    def _begin(self, job: Job) -> None:
        self._late.pop(job, None)
        self._told.discard(job)
        self._book.start(job, self._outside.venue.now())

    async def _carry_out(self, job: Job) -> None:
        """Do a job once; if it fails, note that, and go on under a job of its own."""
        self._begin(job)
        outcome = await self._try(job)
        now = self._outside.venue.now()
        self._book.finish(job, now, outcome.note, failed=not outcome.is_done)
        if outcome.is_done:
            self._outside.over(Ending.JOB_DONE, job.name)
        else:
            duty, day = meaning_of(job)
            again = job_of(duty, day, max(now, job.due_at + 1), self._outside.venue.speed)
            self._book.expect(again)
            self._begin(again)
            self._spawn(self._try_again(again))

    async def _try_again(self, job: Job) -> None:
        """Try until it is done, or until another session makes it pointless."""
        duty, day = meaning_of(job)
        while True:
            await self._outside.wall.sleep(self._rhythm.again_every // self._outside.venue.speed)
            is_stale = duty not in _OUTLAST and trading_day(self._outside.venue.now()) > day
            outcome = Outcome("stale", is_done=False) if is_stale else await self._try(job)
            if outcome.is_done or is_stale:
                now = self._outside.venue.now()
                self._book.finish(job, now, outcome.note, failed=is_stale)
                self._outside.over(Ending.JOB_DONE, job.name)
                return

    async def _try(self, job: Job) -> Outcome:
        """Return what came of one try; whatever goes wrong harms nothing but the job."""
        duty, day = meaning_of(job)
        trying = asyncio.create_task(self._works[duty](day))
        self._trying[job] = self._outside.wall.monotonic()
        try:
            await asyncio.wait((trying,))
        finally:
            del self._trying[job]
            trying.cancel()
        error = trying.exception()
        if error is None:
            return trying.result()
        said = f"{type(error).__name__}: {error}"
        text = error.text if isinstance(error, MaemaeError) else Text(said, said)
        self._outside.warn("JOB_FAILED", job.name, _failed(job, text), is_critical=True)
        return Outcome(text.ko, is_done=False)


def _late(job: Job, late: int) -> Text:
    return Text(
        f"예정된 작업 {job.name} 이(가) {late // SECOND}초 늦었습니다. 실행기가 꺼져 있었거나 "
        "컴퓨터가 절전 상태였는지 확인하세요.",
        f"The job {job.name} is {late // SECOND} s late. Check whether the executor was down or "
        "this machine slept.",
    )


def _endless(job: Job) -> Text:
    return Text(
        f"예정된 작업 {job.name} 이(가) {LASTS // MINUTE}분이 지나도 끝나지 않습니다. 증권사, "
        "디스크, 백업 보관 장소가 답하는지 확인하세요.",
        f"The job {job.name} has not ended after {LASTS // MINUTE} minutes. Check whether broker, "
        "disk and the place of backups answer.",
    )


def _failed(job: Job, why: Text) -> Text:
    return Text(
        f"예정된 작업 {job.name} 이(가) 실패했습니다: {why.ko} 1분마다 다시 해 봅니다.",
        f"The job {job.name} failed: {why.en} It is tried again every minute.",
    )
