"""Jobs that are expected at their times, and what became of them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import select, update

from maemae.storage.tables.metadata import Progress
from maemae.storage.tables.operations import jobs
from maemae.storage.upsert import insert_missing
from maemae.storage.writer import Writer

_UNFINISHED: Final = (Progress.PENDING.value, Progress.RUNNING.value)


class Job(NamedTuple):
    """
    A job that is expected to run once, by a time.

    Attributes:
        name: What is to be done.
        due_at: When it is to begin [ns, UTC].
        late_at: When it must have ended; from then on it is missed [ns, UTC].
    """

    name: str
    due_at: int
    late_at: int


class Jobs:
    """
    The ledger of one executor's jobs.

    Everything blocks, and raises StorageError if the store cannot be read or written.

    Args:
        writer: Its chores' lane is used.
        executor_id: Whose jobs they are.
    """

    def __init__(self, writer: Writer, executor_id: int) -> None:
        self._writer = writer
        self._executor_id = executor_id

    def expect(self, job: Job) -> None:
        """Note that a job is expected; told again, it changes nothing."""
        row = {"executor_id": self._executor_id, "status": Progress.PENDING.value, **job._asdict()}
        self._writer.run(
            lambda connection: connection.execute(
                insert_missing(connection.dialect.name, jobs), row
            )
        )

    def start(self, job: Job, at: int) -> bool:
        """Note that a job began; False if it has begun already, here or elsewhere."""
        return self._move(
            job, (Progress.PENDING,), {"status": Progress.RUNNING.value, "started_at": at}
        )

    def finish(self, job: Job, at: int, note: str = "", *, failed: bool = False) -> bool:
        """Note that a job ended; False if it was not running."""
        status = Progress.FAILED if failed else Progress.DONE
        values = {"status": status.value, "finished_at": at, "note": note}
        return self._move(job, (Progress.RUNNING,), values)

    def missed(self, now: int) -> tuple[Job, ...]:
        """Return the jobs that ought to have ended and have not, oldest first."""
        query = (
            select(jobs.c.name, jobs.c.due_at, jobs.c.late_at)
            .where(
                jobs.c.executor_id == self._executor_id,
                jobs.c.status.in_(_UNFINISHED),
                jobs.c.late_at <= now,
            )
            .order_by(jobs.c.late_at, jobs.c.name)
        )
        return self._writer.run(
            lambda connection: tuple(Job(*row) for row in connection.execute(query))
        )

    def _move(self, job: Job, allowed: tuple[Progress, ...], values: dict[str, Any]) -> bool:
        statement = update(jobs).where(
            jobs.c.executor_id == self._executor_id,
            jobs.c.name == job.name,
            jobs.c.due_at == job.due_at,
            jobs.c.status.in_([status.value for status in allowed]),
        )
        return self._writer.run(
            lambda connection: connection.execute(statement, values).rowcount == 1
        )
