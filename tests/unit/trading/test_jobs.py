"""The jobs of a session, and a ledger that nobody waits for."""

from __future__ import annotations

import asyncio
from datetime import date

from maemae.domain.instant import SECOND
from maemae.trading.jobs import JobBook, JobKind, agenda, job_of, meaning_of
from tests.timed_outside import MONDAY, TUESDAY, MemoryLedger, SettableWall, at
from tests.virtual_time import run

CSAT = date(2026, 11, 19)


def due(day: date) -> list[tuple[str, int]]:
    return [(meaning_of(job)[0].value, job.due_at) for job in agenda(day, 1)]


def test_agenda_of_an_ordinary_session_follows_the_exchange() -> None:
    assert due(MONDAY) == [
        ("CERTIFICATE", at(MONDAY, 8)),
        ("SESSION", at(MONDAY, 8, 30)),
        ("RECONCILIATION", at(MONDAY, 9, 5)),
        ("RECONCILIATION", at(MONDAY, 12, 15)),
        ("RECONCILIATION", at(MONDAY, 15)),
        ("DAY_END", at(MONDAY, 15, 30)),
        ("BACKUP", at(MONDAY, 16)),
    ]


def test_agenda_when_the_session_moves_by_an_hour_moves_with_it() -> None:
    assert [instant for _, instant in due(CSAT)] == [
        at(CSAT, *clock) for clock in [(9,), (9, 30), (10, 5), (13, 15), (16,), (16, 30), (17,)]
    ]


def test_agenda_when_time_is_accelerated_leaves_as_much_real_time_to_end() -> None:
    slow, fast = agenda(MONDAY, 1)[0], agenda(MONDAY, 60)[0]
    assert fast.late_at - fast.due_at == 60 * (slow.late_at - slow.due_at)


def test_book_when_the_store_is_down_goes_on_and_catches_up_in_order() -> None:
    ledger, wall = MemoryLedger(), SettableWall()
    job, other = agenda(MONDAY, 1)[:2]

    async def main() -> None:
        book = JobBook(ledger)
        ledger.is_down = True
        writing = asyncio.create_task(book.write(wall, SECOND))
        book.expect(job)
        book.expect(other)
        book.start(job, job.due_at)
        book.finish(job, job.due_at, "fine")
        await asyncio.sleep(30)
        assert ledger.status == {}
        assert await book.recall(other.late_at) == [other]
        ledger.is_down = False
        await asyncio.sleep(2)
        writing.cancel()

    run(main())
    assert ledger.status == {job: "DONE", other: "PENDING"}
    assert ledger.notes == {job: "fine"}


def test_book_when_an_end_is_not_written_yet_does_not_recall_the_job() -> None:
    ledger, job = MemoryLedger(), agenda(MONDAY, 1)[0]
    ledger.expect(job)

    async def main() -> None:
        book = JobBook(ledger)
        assert await book.recall(job.late_at) == [job]
        book.start(job, job.due_at)
        book.finish(job, job.due_at, "fine")
        assert ledger.status == {job: "PENDING"}
        assert await book.recall(job.late_at) == []

    run(main())


def test_book_when_the_ledger_holds_names_of_another_version_leaves_them() -> None:
    ledger, job = MemoryLedger(), agenda(MONDAY, 1)[0]
    ledger.expect(job._replace(name="MOON_PHASE 2026-11-23"))

    async def main() -> None:
        assert await JobBook(ledger).recall(job.late_at) == []

    run(main())


def test_book_tells_what_earlier_sessions_owe() -> None:
    async def main() -> None:
        book = JobBook(MemoryLedger())
        owed = job_of(JobKind.DAY_END, MONDAY, at(MONDAY, 15, 30), 1)
        book.expect(owed)
        book.expect(job_of(JobKind.BACKUP, MONDAY, at(MONDAY, 16), 1))
        book.expect(job_of(JobKind.DAY_END, TUESDAY, at(TUESDAY, 15, 30), 1))
        assert book.open(JobKind.DAY_END, TUESDAY) == [owed]
        assert book.open(JobKind.DAY_END, MONDAY) == []

    run(main())
