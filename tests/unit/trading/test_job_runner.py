"""Jobs run at their times, once, whatever the wall's clock does; the late ones are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any

import pytest

from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.instant import DAY, MINUTE, SECOND
from maemae.trading.endings import Ending
from maemae.trading.job_runner import JobRunner, Outcome, RealTime, Work
from maemae.trading.jobs import JobBook, JobKind, agenda, job_of
from maemae.trading.plan import Rhythm
from tests.timed_outside import MONDAY, TUESDAY, MemoryLedger, Place, at
from tests.virtual_time import run

HOUR = 60 * MINUTE
FRIDAY = date(2026, 11, 20)


class Workshop:
    """A runner, what it did, and when."""

    def __init__(self, place: Place, ledger: MemoryLedger, group: asyncio.TaskGroup) -> None:
        self.done: list[tuple[JobKind, date, int]] = []
        self.failures: dict[JobKind, list[BaseException | Outcome]] = {}
        self.hangs_for: dict[JobKind, int] = {}
        self.is_ready = True
        self.book = JobBook(ledger)
        self.runner = JobRunner(
            self.book,
            {duty: self._work(duty) for duty in JobKind},
            place.outside,
            Rhythm(),
            lambda: self.is_ready,
            group.create_task,
        )
        self._place = place
        group.create_task(self.book.write(place.wall, SECOND))

    def _work(self, duty: JobKind) -> Work:
        async def work(day: date) -> Outcome:
            self.done.append((duty, day, self._place.venue.now()))
            await asyncio.sleep(self.hangs_for.get(duty, 0) / SECOND)
            left = self.failures.get(duty)
            if not left:
                return Outcome("fine")
            failure = left.pop(0)
            if isinstance(failure, Outcome):
                return failure
            raise failure

        return work

    @property
    def duties(self) -> list[JobKind]:
        return [duty for duty, _, _ in self.done]


def in_workshop(
    place: Place, ledger: MemoryLedger, main: Callable[[Workshop], Coroutine[Any, Any, None]]
) -> None:
    async def body() -> None:
        async with asyncio.TaskGroup() as group:
            shop = Workshop(place, ledger, group)
            await shop.runner.recall()
            looking = group.create_task(shop.runner.run())
            await main(shop)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            assert not looking.done()

    run(body())


def days(place: Place, ledger: MemoryLedger, steps: list[int]) -> list[tuple[JobKind, date, int]]:
    """Return what is done from Monday 07:00 to Tuesday 20:30, the wall's clock set on the way."""
    done: list[tuple[JobKind, date, int]] = []

    async def main(shop: Workshop) -> None:
        for step in steps:
            await asyncio.sleep(37.5 * 3_600 / len(steps))
            place.wall.step += step
        done.extend(shop.done)

    in_workshop(place, ledger, main)
    return done


@pytest.mark.thorough
@pytest.mark.parametrize(
    "steps", [[0], [HOUR, 0], [-HOUR, 0], [DAY, 0, 0], [HOUR, -HOUR, DAY, -2 * DAY] * 8]
)
def test_runner_when_the_wall_clock_is_set_does_each_job_once_at_its_time(
    steps: list[int],
) -> None:
    place, ledger = Place(at(MONDAY, 7)), MemoryLedger()
    done = days(place, ledger, steps)

    wanted = [*agenda(MONDAY, 1), *agenda(TUESDAY, 1)]
    assert [f"{duty} {day}" for duty, day, _ in done] == [job.name for job in wanted]
    for (_, _, began), job in zip(done, wanted, strict=True):
        assert 0 <= began - job.due_at <= 2 * SECOND
    assert place.alerts == []
    assert all(ledger.status[job] == "DONE" for job in wanted)


def test_runner_when_started_later_expects_only_what_is_still_to_come() -> None:
    place, ledger = Place(at(MONDAY, 14)), MemoryLedger()

    async def main(shop: Workshop) -> None:
        await asyncio.sleep(3 * 3_600)
        assert shop.duties == [JobKind.RECONCILIATION, JobKind.DAY_END, JobKind.BACKUP]

    in_workshop(place, ledger, main)
    assert place.alerts == []
    assert len(ledger.status) == 3


def test_runner_when_jobs_cannot_begin_tells_once_and_begins_them_later() -> None:
    place = Place(at(MONDAY, 7, 59))

    async def main(shop: Workshop) -> None:
        shop.is_ready = False
        await asyncio.sleep(60 + 59)
        assert place.alerts == []
        await asyncio.sleep(300)
        (alert,) = place.told("JOB_MISSED")
        assert alert.subject == "CERTIFICATE 2026-11-23"
        assert alert.is_critical
        shop.is_ready = True
        await asyncio.sleep(5)
        assert shop.duties == [JobKind.CERTIFICATE]

    in_workshop(place, MemoryLedger(), main)
    assert len(place.alerts) == 1


def test_runner_when_the_machine_slept_tells_what_was_missed() -> None:
    place = Place(at(MONDAY, 7, 59))

    async def main(shop: Workshop) -> None:
        await asyncio.sleep(10)
        place.wall.step += 10 * MINUTE
        await asyncio.sleep(20)
        place.venue.leap(10 * MINUTE)  # somebody has set the exchange's time right
        await asyncio.sleep(5)
        assert shop.duties == [JobKind.CERTIFICATE]

    in_workshop(place, MemoryLedger(), main)
    (alert,) = place.alerts
    assert (alert.code, alert.subject) == ("JOB_MISSED", "CERTIFICATE 2026-11-23")


def test_runner_when_a_job_does_not_end_tells_once_until_it_does() -> None:
    place, ledger = Place(at(MONDAY, 15, 59)), MemoryLedger()
    at_ten: list[str] = []

    async def main(shop: Workshop) -> None:
        shop.hangs_for[JobKind.BACKUP] = 12 * MINUTE
        await asyncio.sleep(10.5 * 60)
        at_ten.extend(alert.subject for alert in place.told("JOB_MISSED"))
        await asyncio.sleep(5 * 60)

    in_workshop(place, ledger, main)

    (alert,) = place.told("JOB_MISSED")
    assert at_ten == []
    assert (alert.subject, alert.is_critical) == ("BACKUP 2026-11-23", True)
    assert "has not ended" in alert.text.en
    assert (Ending.JOB_DONE, "BACKUP 2026-11-23") in place.over


def test_runner_when_a_simulated_night_is_skipped_tells_nothing() -> None:
    place = Place(at(MONDAY, 15, 25), speed=60)

    async def main(shop: Workshop) -> None:
        await asyncio.sleep(10)
        place.venue.leap(at(TUESDAY, 8, 40) - place.venue.now())
        await asyncio.sleep(5)
        assert shop.duties == [
            JobKind.DAY_END,
            JobKind.BACKUP,
            JobKind.CERTIFICATE,
            JobKind.SESSION,
        ]

    in_workshop(place, MemoryLedger(), main)
    assert place.alerts == []


@pytest.mark.parametrize("failure", [BrokerUnavailableError("안 됩니다.", "No."), KeyError("x")])
def test_runner_when_a_job_fails_alarms_and_tries_again(failure: Exception) -> None:
    place, ledger = Place(at(MONDAY, 15, 29)), MemoryLedger()

    async def main(shop: Workshop) -> None:
        shop.failures[JobKind.DAY_END] = [failure, failure]
        await asyncio.sleep(10 * 60)
        assert shop.duties == [JobKind.DAY_END] * 3

    in_workshop(place, ledger, main)
    assert {alert.subject for alert in place.told("JOB_FAILED")} == {"DAY_END 2026-11-23"}
    assert (Ending.JOB_DONE, "DAY_END 2026-11-23") in place.over
    kept = [status for job, status in ledger.status.items() if job.name == "DAY_END 2026-11-23"]
    assert kept == ["FAILED", "DONE"]


@pytest.mark.thorough
def test_runner_when_a_job_is_not_done_is_silent_and_tries_until_another_session() -> None:
    place, ledger = Place(at(MONDAY, 7, 59)), MemoryLedger()

    async def main(shop: Workshop) -> None:
        shop.failures[JobKind.CERTIFICATE] = [Outcome("no", is_done=False)] * 10_000
        await asyncio.sleep(10.5 * 60)
        assert shop.duties.count(JobKind.CERTIFICATE) == 10
        assert shop.book.open(JobKind.CERTIFICATE, TUESDAY) != []
        await asyncio.sleep(12.5 * 3_600)  # past 20:00: the next session's turn

    in_workshop(place, ledger, main)
    assert place.alerts == []
    kept = [status for job, status in ledger.status.items() if "CERTIFICATE 2026-11-23" in job.name]
    assert kept == ["FAILED", "FAILED"]


def test_runner_when_it_was_down_ends_the_day_and_gives_up_what_is_pointless() -> None:
    place, ledger = Place(at(MONDAY, 7)), MemoryLedger()
    certificate, _, _, _, _, day_end, _ = agenda(FRIDAY, 1)
    for job in (certificate, day_end):
        ledger.expect(job)
    ledger.start(day_end, day_end.due_at)  # and died over it

    async def main(shop: Workshop) -> None:
        shop.is_ready = False
        await shop.runner.catch_up()
        assert [(duty, day) for duty, day, _ in shop.done] == [(JobKind.DAY_END, FRIDAY)]
        await asyncio.sleep(5)

    in_workshop(place, ledger, main)
    assert [alert.subject for alert in place.alerts] == [certificate.name, day_end.name]
    assert ledger.status[certificate] == "FAILED"
    assert ledger.status[day_end] == "DONE"


def test_runner_when_restarted_at_once_takes_up_a_due_job_and_tells_nothing() -> None:
    place, ledger = Place(at(MONDAY, 9, 5) + 20 * SECOND), MemoryLedger()
    ledger.expect(agenda(MONDAY, 1)[2])

    async def main(shop: Workshop) -> None:
        await asyncio.sleep(5)
        assert shop.duties == [JobKind.RECONCILIATION]

    in_workshop(place, ledger, main)
    assert place.alerts == []


def test_do_now_keeps_what_came_of_it() -> None:
    place, ledger = Place(at(MONDAY, 11)), MemoryLedger()

    async def main(shop: Workshop) -> None:
        now = place.venue.now()
        await shop.runner.do_now(JobKind.CERTIFICATE, MONDAY)
        await asyncio.sleep(2)
        assert ledger.notes == {job_of(JobKind.CERTIFICATE, MONDAY, now, 1): "fine"}

    in_workshop(place, ledger, main)


def test_real_time_counts_a_sleep_only_if_both_clocks_show_it() -> None:
    real = RealTime(1)
    assert real.pass_to(0, 0, 0) == 0
    assert real.pass_to(SECOND, SECOND, SECOND) == SECOND
    assert real.pass_to(2 * SECOND, 2 * SECOND, 2 * SECOND + HOUR) == SECOND  # set, or slept
    assert real.pass_to(3 * SECOND + HOUR, 3 * SECOND, 3 * SECOND + HOUR) == SECOND + HOUR
    assert real.pass_to(4 * SECOND + 2 * HOUR, 4 * SECOND, 4 * SECOND + HOUR) == SECOND
    assert real.pass_to(5 * SECOND + 2 * HOUR, 5 * SECOND, 5 * SECOND) == SECOND  # set back
