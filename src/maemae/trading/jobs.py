"""
What has to happen at its time: the fixed jobs of a session, and the ledger of what became of them.

Jobs are due by the exchange's time; that one is late is told by real time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import date
from enum import unique
from typing import Final, Protocol

from maemae.domain.errors import StorageError
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Term
from maemae.krx.session import phases, regular_close, regular_open
from maemae.ports import WallClock
from maemae.storage.jobs import Job

CERTIFIED_BEFORE: Final = 30 * MINUTE
"""How long before order entry the certificate of a session is due [ns]."""

LASTS: Final = 10 * MINUTE
"""How long a job may take [ns of wall time]; from then on it counts as missed."""

_SOON: Final = 5 * MINUTE
_AT_LAST: Final = 30 * MINUTE


@unique
class JobKind(Term):
    """What a job of the session is for."""

    CERTIFICATE = "CERTIFICATE"  # is everything there that a safe day needs
    SESSION = "SESSION"  # the session was begun
    RECONCILIATION = "RECONCILIATION"  # book and broker agree
    DAY_END = "DAY_END"  # the final lists are read, and nothing is open
    BACKUP = "BACKUP"


def agenda(day: date, speed: int) -> tuple[Job, ...]:
    """
    Return every job of a session in order.

    Args:
        day: The session.
        speed: Seconds of the exchange in a second of the wall.

    Raises:
        InvalidValueError: There is no session on that day.
        UnknownRuleError: No known rule covers the day.
    """
    opens, closes = regular_open(day), regular_close(day)
    entry = phases(day)[0].at
    due = (
        (JobKind.CERTIFICATE, certificate_due(day)),
        (JobKind.SESSION, entry),
        (JobKind.RECONCILIATION, opens + _SOON),
        (JobKind.RECONCILIATION, (opens + closes) // 2),
        (JobKind.RECONCILIATION, closes - _AT_LAST),
        (JobKind.DAY_END, closes),
        (JobKind.BACKUP, closes + _AT_LAST),
    )
    return tuple(job_of(duty, day, at, speed) for duty, at in due)


def certificate_due(day: date) -> int:
    """Return when the certificate of a session is due [ns, UTC]; raises as `agenda`."""
    regular_open(day)
    return phases(day)[0].at - CERTIFIED_BEFORE


def job_of(duty: JobKind, day: date, due_at: int, speed: int) -> Job:
    """Return a job: a duty of a session, due at an instant [ns, UTC, the exchange's time]."""
    return Job(f"{duty} {day.isoformat()}", due_at, due_at + LASTS * speed)


def meaning_of(job: Job) -> tuple[JobKind, date]:
    """Return the duty and the session of a job."""
    duty, _, day = job.name.partition(" ")
    return JobKind(duty), date.fromisoformat(day)


class Ledger(Protocol):
    """Where jobs are kept; it blocks and may raise. `maemae.storage.jobs.Jobs` is one."""

    def expect(self, job: Job) -> object:
        """Note that a job is expected; told again, it changes nothing."""

    def start(self, job: Job, at: int) -> object:
        """Note that a job began."""

    def finish(self, job: Job, at: int, note: str = "", *, failed: bool = False) -> object:
        """Note that a job ended."""

    def missed(self, now: int) -> tuple[Job, ...]:
        """Return the jobs that ought to have ended and have not, oldest first."""


class JobBook:
    """
    The ledger as it will be once the store has caught up.

    Nobody waits for the store: what is noted holds at once, and is written when that is
    possible. It outlives engines, since those end with the store.

    Args:
        ledger: Where it is written.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._open: dict[tuple[str, int], Job] = {}
        self._ended: set[tuple[str, int]] = set()
        self._writes: deque[tuple[Callable[[], object], tuple[str, int] | None]] = deque()
        self._arrived = asyncio.Event()

    def expect(self, job: Job) -> None:
        """Note that a job is expected."""
        if _key(job) not in self._open and _key(job) not in self._ended:
            self._open[_key(job)] = job
            self._put(lambda: self._ledger.expect(job))

    def start(self, job: Job, at: int) -> None:
        """Note that a job began [ns, UTC, the exchange's time]."""
        self._put(lambda: self._ledger.start(job, at))

    def finish(self, job: Job, at: int, note: str, *, failed: bool = False) -> None:
        """Note that a job ended, and what came of it."""
        self._open.pop(_key(job), None)
        self._ended.add(_key(job))
        self._put(lambda: self._ledger.finish(job, at, note, failed=failed), _key(job))

    def open(self, duty: JobKind, before: date) -> list[Job]:
        """Return jobs of a kind that belong to earlier sessions and have not ended."""
        return [job for job in self._open.values() if _is_owed(job, duty, before)]

    async def recall(self, by: int) -> list[Job]:
        """
        Return every job that has not ended and is missed by then, oldest first.

        Args:
            by: `late_at` of the last one [ns, UTC]. Without an answer of the store there are
                those that this process expected.
        """
        try:
            kept = await asyncio.to_thread(self._ledger.missed, by)
        except StorageError:
            kept = ()
        for job in kept:
            if _is_known(job) and _key(job) not in self._ended:
                self._open[_key(job)] = job
        return sorted((job for job in self._open.values() if job.late_at <= by), key=_due)

    async def write(self, wall: WallClock, retry_every: int) -> None:
        """Write what is noted, for ever; a store that fails is tried again [ns of wall time]."""
        while True:
            while self._writes:
                write, ended = self._writes[0]
                try:
                    await asyncio.to_thread(write)
                except StorageError:
                    await wall.sleep(retry_every)
                    continue
                self._writes.popleft()
                if ended is not None:
                    self._ended.discard(ended)  # the store says it from now on
            self._arrived.clear()
            await self._arrived.wait()

    def _put(self, write: Callable[[], object], ended: tuple[str, int] | None = None) -> None:
        self._writes.append((write, ended))
        self._arrived.set()


def _key(job: Job) -> tuple[str, int]:
    return job.name, job.due_at


def _is_known(job: Job) -> bool:
    """Whether this version knows what to do; a ledger may have been written by another."""
    return any(job.name.startswith(f"{duty} ") for duty in JobKind)


def _due(job: Job) -> int:
    return job.due_at


def _is_owed(job: Job, duty: JobKind, before: date) -> bool:
    kind, day = meaning_of(job)
    return kind is duty and day < before
