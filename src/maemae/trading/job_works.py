"""How an engine does what is due: certificate, session, reconciliation, and the day's end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae.core.machine import TradingCore
from maemae.domain.errors import BrokerError
from maemae.domain.ids import AccountId
from maemae.domain.instant import MINUTE, SECOND, kst_date
from maemae.domain.order import Order
from maemae.domain.text import Text
from maemae.krx.session import regular_close
from maemae.ports import Entry
from maemae.trading.ceiling import Ceiling
from maemae.trading.certificate import Certificate, Facts, certify
from maemae.trading.daily import Drift, fills_drift, ledger_drift, rederive
from maemae.trading.endings import CERTIFICATES, Ending
from maemae.trading.job_runner import Outcome, Work
from maemae.trading.jobs import JobBook, JobKind, certificate_due, meaning_of
from maemae.trading.outside import Outside
from maemae.trading.plan import ExecutorPlan
from maemae.trading.prices import PricePump
from maemae.trading.rounds import Rounds
from maemae.trading.stopwatch import Stopwatch

CERTIFICATE: Final = "CERTIFICATE"
"""Cause by which the ceiling is held until a certificate is clean."""

_COMPARED_WITHIN: Final = 10 * MINUTE
_LOOKS: Final = 5  # at a book that moves, before a difference is one


class JobParts(msgspec.Struct, frozen=True, eq=False):
    """
    What the composition root hands in for the jobs; it outlives engines.

    Attributes:
        book: What is expected and what became of it.
        home: Folder whose disk must have room.
        records: Yields what the journal holds of a session, in order; blocks.
        back_up: Makes a backup and returns what it is called; blocks. None without backups.
        stopwatch: Counts how long requests take.
    """

    book: JobBook
    home: Path
    records: Callable[[date], Iterable[Entry]]
    back_up: Callable[[], str] | None = None
    stopwatch: Stopwatch = msgspec.field(default_factory=Stopwatch)


class JobWorks(msgspec.Struct, frozen=True, eq=False):
    """
    The parts of an engine that its jobs need.

    Attributes:
        core: Returns the core.
        tell_parked: Alerts of notices that nobody's order explains.
        keep_book: Asks for a snapshot after the next turn.
        began: When the engine came up [ns, monotonic].
        certificates: The newest one at the end, for status.
    """

    plan: ExecutorPlan
    outside: Outside
    office: JobParts
    core: Callable[[], TradingCore]
    rounds: Rounds
    prices: PricePump
    ceiling: Ceiling
    tell_parked: Callable[[], None]
    keep_book: Callable[[], None]
    began: int
    certificates: list[Certificate]

    def works(self) -> Mapping[JobKind, Work]:
        """Return how each duty is done."""
        works: dict[JobKind, Work] = {
            JobKind.CERTIFICATE: self.certify,
            JobKind.SESSION: self.begin_session,
            JobKind.RECONCILIATION: self.reconcile,
            JobKind.DAY_END: self.end_day,
        }
        if self.office.back_up is not None:
            works[JobKind.BACKUP] = self.back_up
        return works

    async def certify(self, day: date) -> Outcome:
        """Look at everything, and let new risk be taken only if nothing is wrong."""
        facts = await self._facts(day)
        found = await certify(self.plan, self.outside, self.office.home, facts)
        self.certificates[:] = [found]
        for failure in found.failures:
            self.outside.warn(
                f"{CERTIFICATES}{failure.check}", str(day), failure.text, is_critical=True
            )
        failed = ", ".join(failure.check for failure in found.failures)
        if failed:
            await self.ceiling.hold(CERTIFICATE, f"certificate: {failed}")
        else:
            self.outside.over(Ending.CERTIFIED)
            await self.ceiling.release(CERTIFICATE)
        note = "\n".join(
            f"{'OK' if finding.passed else 'FAILED'} {finding.check}: {finding.text.ko}"
            for finding in found.findings
        )
        return Outcome(note, is_done=not failed)

    async def begin_session(self, day: date) -> Outcome:
        """Wait until the core has begun the session, so long as that may take."""
        try:
            async with asyncio.timeout(self.plan.rhythm.job_within / SECOND):
                while not self._has_begun(day):
                    await self.outside.wall.sleep(self.plan.rhythm.tick)
        except TimeoutError:
            self.outside.warn("SESSION_NOT_BEGUN", str(day), _NOT_BEGUN, is_critical=True)
            return Outcome(_NOT_BEGUN.ko, is_done=False)
        self.outside.over(Ending.SESSION_BEGUN)
        return Outcome(f"{day}")

    async def reconcile(self, day: date) -> Outcome:
        """Read every account and compare what can be."""
        compared = 0
        for account_id in self.plan.accounts:
            done = await self.rounds.run_round(account_id, day)
            compared += done.is_compared
        return Outcome(f"{compared}/{len(self.plan.accounts)}")

    async def end_day(self, day: date) -> Outcome:
        """
        Read the final lists until nothing of the session is open.

        An order in doubt is closed by the lists alone, never by the hour: what they do not
        settle stays open, and a person is told.
        """
        venue, quiet = self.outside.venue, self.outside.broker.traits.quiet_period
        await venue.sleep_until(regular_close(day) + quiet * venue.speed)
        if self.core().state.session_date == day:  # otherwise its numbers mean other orders now
            for account_id in self.plan.accounts:
                await self._read_final_lists(account_id, day)
        self.tell_parked()
        left = [order for order in self._open_orders() if kst_date(order.at) <= day]
        if left:
            numbers = ", ".join(str(order.cl_ord_id) for order in left)
            self.outside.warn("DAY_NOT_ENDED", str(day), _left(numbers), is_critical=True)
            return Outcome(_left(numbers).ko, is_done=False)
        self.outside.over(Ending.DAY_ENDED, str(day))
        self.keep_book()
        return Outcome(self._summary())

    async def back_up(self, _day: date) -> Outcome:
        """Make a backup."""
        back_up = self.office.back_up
        return Outcome("" if back_up is None else await asyncio.to_thread(back_up))

    async def _read_final_lists(self, account_id: AccountId, day: date) -> None:
        """Read until nothing is open, or the lists have had every chance to show it."""
        wall, rhythm = self.outside.wall, self.plan.rhythm
        quiet = self.outside.broker.traits.quiet_period
        until = wall.monotonic() + 3 * quiet + 10 * rhythm.doubt_every
        while True:
            done = await self.rounds.run_round(account_id, day)
            left = [order for order in self._open_orders() if order.account_id == account_id]
            if not left or len(left) == len(done.held) or wall.monotonic() > until:
                return
            await wall.sleep(rhythm.doubt_every)

    async def _facts(self, day: date) -> Facts:
        is_due = self.outside.venue.now() >= certificate_due(day)
        if is_due and not self._rules_told(day):
            await self._ask_rules(day)
        state, monotonic = self.core().state, self.outside.wall.monotonic()
        return Facts(
            day,
            self.core().market.phase,
            is_due,
            self._rules_told(day),
            monotonic - max(self.prices.last_at, self.began),
            self.rounds.are_compared(self.plan.accounts, _COMPARED_WITHIN),
            sorted(state.quarantined),
            sorted({meaning_of(job)[1] for job in self.office.book.open(JobKind.DAY_END, day)}),
            await self._drifts(day),
        )

    async def _ask_rules(self, day: date) -> None:
        """Ask for the day's rules, and wait a moment until the core has them."""
        try:
            async with asyncio.timeout(self.plan.rhythm.skew_every / SECOND):
                await self.prices.tell_rules(day)
                while not self._rules_told(day):
                    await self.outside.wall.sleep(self.plan.rhythm.tick)
        except TimeoutError:
            return  # the finding says it

    def _rules_told(self, day: date) -> int:
        told = self.core().market.instruments.values()
        return sum(rules.session_date == day for rules in told)

    async def _drifts(self, day: date) -> list[Drift]:
        """Return what differs however often one looks: a moving book is ahead of its records."""
        drifts: list[Drift] = []
        for _ in range(_LOOKS):
            state = self.core().state
            if state.session_date != day:
                return []
            records = await asyncio.to_thread(lambda: list(self.office.records(day)))
            drifts = ledger_drift(state, rederive(records, state.orders))
            drifts += await self._drifts_of_fills(day)
            if not drifts:
                break
            await self.outside.wall.sleep(self.plan.rhythm.doubt_every)
        return drifts

    async def _drifts_of_fills(self, day: date) -> list[Drift]:
        drifts: list[Drift] = []
        for account_id in self.plan.accounts:
            try:
                executions = await self.outside.broker.executions(account_id, day)
            except BrokerError as error:
                self.outside.warn("ACCOUNT_UNREADABLE", account_id, error.text)
                continue
            drifts += fills_drift(self.core().state, account_id, executions, day)
        return drifts

    def _has_begun(self, day: date) -> bool:
        began = self.core().state.session_date
        return began is not None and began >= day

    def _open_orders(self) -> list[Order]:
        return [order for order in self.core().state.orders.values() if not order.is_closed]

    def _summary(self) -> str:
        return "\n".join(
            f"{sleeve.account_id} {sleeve.sleeve_id}: 주문 {sleeve.orders_today:,}건, "
            f"누적 실현손익 {sleeve.realized:+,}원, 현금 {sleeve.cash:,}원"
            for sleeve in self.core().state.sleeves.values()
        )


def _left(numbers: str) -> Text:
    return Text(
        f"장이 끝났는데 끝나지 않은 주문이 있습니다: {numbers}. 증권사 앱에서 확인해 정해 주세요.",
        f"The session is over and orders are open: {numbers}. Look at the broker and decide.",
    )


_NOT_BEGUN: Final = Text(
    "장이 열릴 시각인데 거래일을 시작하지 못했습니다. 시세와 증권사 연결을 확인하세요.",
    "The exchange is open and the session was not begun. Check market data and broker.",
)
