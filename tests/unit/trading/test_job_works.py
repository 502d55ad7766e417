"""What an engine does when it is due: the certificate lifts the ceiling, lists end the day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from maemae.core.actions import Action
from maemae.core.events import CeilingSet, Event, PhaseChanged, SessionStarted
from maemae.core.machine import TradingCore
from maemae.domain.errors import DomainError
from maemae.domain.ids import AccountId, ClOrdId
from maemae.domain.instant import MINUTE
from maemae.domain.order_status import ExecType
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.krx.session import Phase
from maemae.ports import Entry
from maemae.trading.ceiling import Ceiling
from maemae.trading.certificate import Certificate
from maemae.trading.job_works import CERTIFICATE, JobParts, JobWorks
from maemae.trading.jobs import JobBook, JobKind, job_of
from maemae.trading.mailbox import Mailbox
from maemae.trading.plan import ExecutorPlan
from maemae.trading.prices import PricePump
from maemae.trading.reconciler import Round
from maemae.trading.rounds import Rounds
from tests.builders import (
    ACCOUNT,
    a_config,
    a_price,
    a_report,
    an_intent,
    opening,
    rules,
)
from tests.timed_outside import MONDAY, QUIET, TUESDAY, MemoryLedger, Place, at
from tests.virtual_time import run

COMPARED = Round((), (), is_compared=True)


class Lists:
    """Rounds of an account as the test wants them."""

    def __init__(self) -> None:
        self.asked: list[tuple[AccountId, date]] = []
        self.become: Callable[[int], Round] = lambda _count: COMPARED

    async def run_round(self, account_id: AccountId, day: date) -> Round:
        self.asked.append((account_id, day))
        return self.become(len(self.asked))


class Firm:
    """A core at work on Monday, and its duties."""

    def __init__(self, instant: int) -> None:
        self.place = Place(instant)
        self.core = TradingCore(a_config())
        self.lists, self.ledger = Lists(), MemoryLedger()
        self.entries: list[Entry] = []
        self.snapshots: list[str] = []
        self.ceilings: list[TradingState] = []
        self.certificates: list[Certificate] = []
        self.book = JobBook(self.ledger)
        self.mailbox = Mailbox()
        self.ceiling = Ceiling(self.ask, self.place.venue)
        self.plan = ExecutorPlan("here", a_config(), (ACCOUNT,))
        outside = self.place.outside
        self.duties = JobWorks(
            self.plan,
            outside,
            JobParts(self.book, Path.cwd(), lambda _day: self.entries),
            lambda: self.core,
            Rounds(self.lists, outside),
            PricePump(outside, self.mailbox, lambda _trade: None),
            self.ceiling,
            lambda: None,
            lambda: self.snapshots.append("asked"),
            0,
            self.certificates,
        )
        for event in opening():
            if not isinstance(event, SessionStarted):
                self.tell(event)

    def begin(self, day: date) -> None:
        now = at(day, 9)
        self.tell(SessionStarted(day, now))
        self.tell(rules(day=day, at=now))
        self.tell(a_price(at=now))
        self.tell(PhaseChanged(Phase.CONTINUOUS, now))

    def tell(self, event: Event) -> tuple[Action, ...]:
        actions = tuple(self.core.handle(event))
        self.entries.append(Entry(len(self.entries) + 1, event, actions))
        return actions

    async def ask(
        self, event: Event, *, still: Callable[[], bool] | None = None
    ) -> tuple[Action, ...]:
        if isinstance(event, CeilingSet):
            self.ceilings.append(event.ceiling)
        return self.tell(event)

    async def take_mail(self) -> None:
        """Give the core what comes by itself."""
        while True:
            for letter in await self.mailbox.take(10):
                try:
                    self.tell(letter.event)
                except DomainError as error:
                    raise AssertionError(error) from error

    def send(self) -> ClOrdId:
        """Have an order at work."""
        self.tell(a_price(at=at(MONDAY, 10)))
        self.tell(an_intent(at=at(MONDAY, 10)))
        (number,) = self.core.state.orders
        self.tell(a_report(cl_ord_id=number, at=at(MONDAY, 10)))
        return number

    def end(self, number: ClOrdId) -> None:
        self.tell(a_report(ExecType.EXPIRED, cl_ord_id=number, at=at(MONDAY, 15, 30)))

    async def look(self, day: date = MONDAY) -> bool:
        return (await self.duties.certify(day)).is_done


def in_firm(firm: Firm, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def body() -> None:
        taking = asyncio.create_task(firm.take_mail())
        await firm.ceiling.halt("recovery")
        await firm.ceiling.hold(CERTIFICATE, "certificate")
        await firm.ceiling.open()
        await main()
        taking.cancel()

    run(body())


def test_certify_when_everything_is_there_lifts_the_ceiling() -> None:
    firm = Firm(at(MONDAY, 10))
    firm.begin(MONDAY)

    async def main() -> None:
        await firm.duties.reconcile(MONDAY)
        assert await firm.look()

    in_firm(firm, main)
    assert firm.ceilings == [TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE]
    assert firm.core.state.trading_state is TradingState.ACTIVE
    assert firm.place.alerts == []
    assert firm.certificates[-1].failures == []


def test_certify_when_nothing_was_compared_stays_reducing_and_says_what_to_do() -> None:
    firm = Firm(at(MONDAY, 10))
    firm.begin(MONDAY)
    firm.lists.become = lambda _count: Round((), (), is_compared=False)

    async def main() -> None:
        await firm.duties.reconcile(MONDAY)
        outcome = await firm.duties.certify(MONDAY)
        assert not outcome.is_done
        assert "FAILED RECONCILIATION" in outcome.note
        firm.lists.become = lambda _count: COMPARED
        assert firm.core.state.trading_state is TradingState.REDUCING
        await firm.duties.reconcile(MONDAY)
        assert await firm.look()

    in_firm(firm, main)
    (alert,) = firm.place.alerts
    assert (alert.code, alert.is_critical) == ("CERTIFICATE_RECONCILIATION", True)
    assert firm.core.state.trading_state is TradingState.ACTIVE


def test_certify_when_it_fails_later_takes_new_risk_away_again() -> None:
    firm = Firm(at(MONDAY, 10))
    firm.begin(MONDAY)

    async def main() -> None:
        await firm.duties.reconcile(MONDAY)
        assert await firm.look()
        firm.place.broker.is_silent = True
        assert not await firm.look()

    in_firm(firm, main)
    assert firm.ceilings[-2:] == [TradingState.ACTIVE, TradingState.REDUCING]


def test_certify_in_the_morning_asks_for_the_days_rules_itself() -> None:
    firm = Firm(at(TUESDAY, 8))
    firm.begin(MONDAY)
    firm.tell(PhaseChanged(Phase.CLOSED, at(MONDAY, 20)))

    async def main() -> None:
        await firm.duties.reconcile(TUESDAY)
        assert not await firm.look(TUESDAY)
        assert [alert.code for alert in firm.place.alerts] == ["CERTIFICATE_DATA"]
        firm.place.feed.rules = (rules(day=TUESDAY, at=at(TUESDAY, 8)),)
        assert await firm.look(TUESDAY)

    in_firm(firm, main)


def test_certify_when_a_counter_was_lost_stays_reducing() -> None:
    firm = Firm(at(MONDAY, 11))
    firm.begin(MONDAY)
    firm.send()
    firm.core.state.sleeves["A-1\tgolden_cross"].orders_today = 0

    async def main() -> None:
        await firm.duties.reconcile(MONDAY)
        assert not await firm.look()

    in_firm(firm, main)
    assert [alert.code for alert in firm.place.alerts] == ["CERTIFICATE_LIMITS"]
    assert firm.ceilings[-1] is TradingState.REDUCING


def test_certify_when_yesterday_was_not_ended_stays_reducing() -> None:
    firm = Firm(at(TUESDAY, 10))
    firm.begin(TUESDAY)
    job = job_of(JobKind.DAY_END, MONDAY, at(MONDAY, 15, 30), 1)

    async def main() -> None:
        firm.book.expect(job)
        await firm.duties.reconcile(TUESDAY)
        assert not await firm.look(TUESDAY)
        firm.book.start(job, job.due_at)
        firm.book.finish(job, job.due_at, "")
        assert await firm.look(TUESDAY)

    in_firm(firm, main)
    assert [alert.code for alert in firm.place.alerts] == ["CERTIFICATE_DAY_END"]


def test_end_day_waits_for_the_quiet_period_and_keeps_the_book() -> None:
    firm = Firm(at(MONDAY, 15, 29))
    firm.begin(MONDAY)
    number = firm.send()

    def become(_count: int) -> Round:
        assert firm.place.venue.now() >= at(MONDAY, 15, 30) + QUIET
        firm.end(number)
        return COMPARED

    firm.lists.become = become

    async def main() -> None:
        outcome = await firm.duties.end_day(MONDAY)
        assert outcome.is_done
        assert "golden_cross" in outcome.note

    in_firm(firm, main)
    assert firm.lists.asked == [(ACCOUNT, MONDAY)]
    assert firm.snapshots == ["asked"]
    assert firm.place.alerts == []


def test_end_day_when_lists_show_the_end_late_reads_on() -> None:
    firm = Firm(at(MONDAY, 15, 30))
    firm.begin(MONDAY)
    number = firm.send()

    def become(count: int) -> Round:
        if count == 5:
            firm.end(number)
        return COMPARED

    firm.lists.become = become

    async def main() -> None:
        assert (await firm.duties.end_day(MONDAY)).is_done

    in_firm(firm, main)
    assert len(firm.lists.asked) == 5


def test_end_day_when_an_order_is_in_no_list_leaves_it_open_and_tells() -> None:
    firm = Firm(at(MONDAY, 15, 30))
    firm.begin(MONDAY)
    number = firm.send()
    in_doubt = Round((number,), ((number, Text("모름", "unknown")),), is_compared=False)
    firm.lists.become = lambda _count: in_doubt

    async def main() -> None:
        assert not (await firm.duties.end_day(MONDAY)).is_done

    in_firm(firm, main)
    assert not firm.core.state.orders[number].is_closed
    assert [alert.code for alert in firm.place.alerts] == ["DAY_NOT_ENDED"]
    assert firm.snapshots == []


def test_end_day_when_another_session_has_begun_reads_no_lists_of_the_old_one() -> None:
    firm = Firm(at(TUESDAY, 10))
    firm.begin(MONDAY)
    number = firm.send()
    firm.begin(TUESDAY)

    async def main() -> None:
        assert not (await firm.duties.end_day(MONDAY)).is_done  # its order is still open
        firm.tell(a_report(ExecType.EXPIRED, cl_ord_id=number, at=at(TUESDAY, 10)))
        assert (await firm.duties.end_day(MONDAY)).is_done

    in_firm(firm, main)
    assert firm.lists.asked == []


def test_begin_session_when_the_core_has_not_begun_tells_after_a_minute() -> None:
    firm = Firm(at(TUESDAY, 8, 30))
    firm.begin(MONDAY)

    async def main() -> None:
        began = firm.place.wall.monotonic()
        assert not (await firm.duties.begin_session(TUESDAY)).is_done
        assert firm.place.wall.monotonic() - began == MINUTE
        assert [alert.code for alert in firm.place.alerts] == ["SESSION_NOT_BEGUN"]
        firm.begin(TUESDAY)
        assert (await firm.duties.begin_session(TUESDAY)).is_done

    in_firm(firm, main)


def test_works_without_backups_expect_none() -> None:
    works = Firm(at(MONDAY, 7)).duties.works()
    assert set(works) == set(JobKind) - {JobKind.BACKUP}
