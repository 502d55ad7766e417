"""
One life of an executor's core: from what the store knows to the first failure of the store.

Nothing of it outlives a failure: core, links and outbox are thrown away and built anew from
the store and the broker, by the same path as after a start. There is no other way up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from maemae.core.actions import SharesFreed
from maemae.core.events import Event, SessionStarted, TimePassed
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.errors import (
    BrokerError,
    CommitUnknownError,
    DomainError,
    StorageError,
)
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.domain.order_status import OrderStatus
from maemae.domain.statement import Notice
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.failpoints import hit
from maemae.ports import BrokerEvent, Entry, Lane, Recovered
from maemae.trading.ceiling import Ceiling
from maemae.trading.certificate import Certificate
from maemae.trading.durable_core import DurableCore, Taken
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.endings import Ending, ended_by
from maemae.trading.figures import Figures
from maemae.trading.job_runner import JobRunner
from maemae.trading.job_works import CERTIFICATE, JobParts, JobWorks
from maemae.trading.jobs import JobKind
from maemae.trading.links import Links
from maemae.trading.loop_lag import LoopLag
from maemae.trading.mailbox import Answer, Letter, Mailbox, fail
from maemae.trading.objection import objection
from maemae.trading.outbox import Outbox, Parcel
from maemae.trading.outside import Outside
from maemae.trading.phases import follow, trading_day
from maemae.trading.plan import ExecutorPlan
from maemae.trading.prices import PricePump
from maemae.trading.reconciler import Reconciler
from maemae.trading.recovery import Recovery
from maemae.trading.rounds import Rounds
from maemae.trading.sender import Sender
from maemae.trading.skew import SkewWatch
from maemae.trading.turn import requested, withdrawn
from maemae.trading.unprotected import UnprotectedMeter

_LAST_TURN_SECS: Final = 2.0
_BATCH: Final = 512  # letters in a turn: bounds what one transaction holds


class Listener(Protocol):
    """Who is told what happens; nobody here may block or fail."""

    def hear_print(self, trade: Trade) -> None:
        """Take a print of the stream."""

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Take what the core took in, once it is durable."""

    def hear_time(self, core: TradingCore) -> None:
        """Look at the clock."""

    def hear_ready(self, core: TradingCore) -> None:
        """Trading may begin."""


class Engine:
    """
    Core, outbox and pumps around them.

    Args:
        plan: What to run.
        outside: Broker, feed, clocks and what forbids sending.
        durable: The recovered core behind its store.
        switch: The kill switch of the data folder.
        ears: Who is told what happens.
        office: What jobs need; it outlives engines.

    Attributes:
        is_ready: Whether the broker's truth was reached, so that orders may leave.
        is_connected: Whether the broker's stream stands.
        kill_level: Of the kill switch as far as it is durable.
        mailbox: Where everything that the core shall take in is handed in.
        unprotected: How long guarded positions were not guarded, since this life began.
    """

    def __init__(
        self,
        plan: ExecutorPlan,
        outside: Outside,
        durable: DurableCore,
        switch: KillSwitch,
        ears: Listener,
        office: JobParts,
    ) -> None:
        self.is_ready = False
        self.is_connected = True
        self.kill_level = durable.state.kill
        self.mailbox = Mailbox(outside.wall.monotonic)
        self.unprotected = UnprotectedMeter()
        self.prices = PricePump(outside, self.mailbox, ears.hear_print)
        self._plan = plan
        self._outside = outside
        self._durable = durable
        self._switch = switch
        self._ears = ears
        self._office = office
        self._ceiling = Ceiling(self.ask, outside.venue)
        self._certificates: list[Certificate] = []
        self._jobs: JobRunner | None = None
        self._wants_snapshot = False
        self._links = Links(durable.state.orders.values(), durable.state.session_date)
        self._sender: Sender | None = None
        self._rounds: Rounds | None = None
        self._waiting: list[Parcel] = []
        self._reconcile_now = asyncio.Event()
        self._lag = LoopLag()

    @property
    def state(self) -> CoreState:
        """The book; read it only."""
        return self._durable.state

    @property
    def core(self) -> TradingCore:
        """The core; read it only."""
        return self._durable.core

    @property
    def trading_state(self) -> TradingState:
        """What holds; HALTED before the broker's truth was reached, and while this life ends."""
        return self.state.trading_state if self.is_ready else TradingState.HALTED

    @property
    def waiting_requests(self) -> int:
        """Requests that have not left, and those on their way."""
        sent = 0 if self._sender is None else self._sender.waiting
        return len(self._waiting) + sent

    def figures(self) -> Figures:
        """Return what an operator watches; read off what is there, nothing is asked for."""
        lanes = dict.fromkeys(Lane, 0) if self._sender is None else self._sender.by_lane()
        for parcel in self._waiting:
            lanes[parcel.row.lane] += 1
        now = self._outside.venue.now()
        doubts = [
            now - order.at
            for order in self.state.orders.values()
            if not order.is_closed and order.standing is OrderStatus.UNKNOWN
        ]
        return Figures(
            head_seq=self._durable.seq,
            turns=self._durable.turns,
            tape_syncs=self._durable.tape_syncs,
            outbox={lane.name: waiting for lane, waiting in lanes.items()},
            oldest_unknown=max(doubts, default=0),
            compared_ago=None if self._rounds is None else self._rounds.compared_ago(),
            quota=self._outside.broker.traits.orders_per_sec,
            quota_used=0 if self._sender is None else self._sender.sent_lately,
            quarantined=sum(map(bool, self.state.quarantined.values())),
            loop_lag=self._lag.newest,
            worst_loop_lag=self._lag.worst,
            stages=self._office.stopwatch.times(),
        )

    async def certify(self) -> None:
        """Look now at everything that a safe day needs, as every morning."""
        if self._jobs is not None:
            await self._jobs.do_now(JobKind.CERTIFICATE, trading_day(self._outside.venue.now()))

    async def ask(self, event: Event, *, still: Callable[[], bool] | None = None) -> Answer:
        """Give an event to the core; return what followed, durable."""
        return await self.mailbox.ask(event, still=still)

    async def link(self, order_id: OrderId, number: ClOrdId) -> None:
        """Believe a person whose the broker's number is, and read the account at once."""
        parked = self._links.link(order_id, number)
        self.mailbox.put_all(self._links.translate_all(parked, self._outside.wall.monotonic()))
        self._reconcile_now.set()

    async def run(self, recovered: Recovered) -> None:
        """
        Live until something fails.

        Raises:
            ExceptionGroup: With the StorageError that ended it.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._lag.watch())
                group.create_task(self._take_turns(group))
                group.create_task(self._come_up(group, recovered))
        finally:
            self.mailbox.close(_ENDED)

    async def land(self) -> None:
        """
        Let nothing new be decided or leave, and make durable what became of everything else.

        What has not left never will, and what has no answer in time is in doubt.
        """
        self.is_ready = False
        halting = asyncio.create_task(self._ceiling.halt("ending"))
        if self._sender is not None:
            await self._sender.land(self._plan.rhythm.land_within)
            self._sender.put(self._waiting)
            self._waiting = []
            self._sender.leave_out_everything()
        with suppress(StorageError, TimeoutError):  # what is not durable is asked about later
            async with asyncio.timeout(_LAST_TURN_SECS):
                await halting
                await self.ask(TimePassed(self._outside.venue.now()))

    async def _take_turns(self, group: asyncio.TaskGroup) -> None:
        while True:
            letters = await self.mailbox.take(_BATCH)
            try:
                taken = await self._durable.take(letters)
            except StorageError as error:
                fail(letters, error)
                raise
            except BaseException:
                fail(letters, _ENDED)
                raise
            self.kill_level = self.state.kill
            self._time(letters, taken)
            self._release(taken.parcels)
            self._answer(letters, taken.answers)
            self._hear(taken, group)
            at_once, self._wants_snapshot = self._wants_snapshot, False
            await self._durable.keep_now_and_then(at_once=at_once)

    def _time(self, letters: Sequence[Letter], taken: Taken) -> None:
        """Count how long the causes of requests took to be durable."""
        if not taken.parcels:
            return
        now = self._outside.wall.monotonic()
        leaving = {parcel.row.cl_ord_id for parcel in taken.parcels}
        for letter, answer in zip(letters, taken.answers, strict=True):
            if isinstance(answer, Entry):
                for number in leaving & requested(answer.actions):
                    self._office.stopwatch.committed(number, letter.arrived, now)

    def _hear(self, taken: Taken, group: asyncio.TaskGroup) -> None:
        """Draw what follows outside of the core from what is durable now."""
        for alert in taken.alerts:
            self._outside.show(alert)
        for number in taken.settled:
            self._outside.over(Ending.SETTLED, str(number))
            if self._sender is not None:
                self._sender.settle(number)
        entries = taken.entries
        for action in [action for entry in entries for action in entry.actions]:
            over = ended_by(action)
            if over is not None:
                self._outside.over(*over)
        if entries:
            self._follow_up(entries)
            self._ears.hear_entries(entries, self.core)
            for symbol in self.prices.wants_look(entries):
                group.create_task(self.prices.look(symbol))

    def _answer(self, letters: Sequence[Letter], answers: Sequence[Entry | DomainError]) -> None:
        for letter, answer in zip(letters, answers, strict=True):
            waits = letter.answer is not None and not letter.answer.done()
            if letter.answer is not None and waits:
                if isinstance(answer, Entry):
                    letter.answer.set_result(answer.actions)
                else:
                    letter.answer.set_exception(answer)
            elif isinstance(answer, DomainError) and isinstance(letter.event, ExecutionReport):
                subject = str(letter.event.cl_ord_id)
                self._outside.warn("REPORT_REFUSED", subject, answer.text, is_critical=True)

    def _follow_up(self, entries: Sequence[Entry]) -> None:
        """Do at the outbox what the core's facts mean there."""
        if self._sender is None:
            return
        actions = [action for entry in entries for action in entry.actions]
        self._sender.withdraw(withdrawn(actions))
        for action in actions:
            if isinstance(action, SharesFreed):
                self._sender.let_pass(action.cl_ord_id)

    def _release(self, parcels: Sequence[Parcel]) -> None:
        """Let requests go whose cause is durable; before the broker's truth only cancels."""
        sender = self._sender
        if sender is not None and self.is_ready:
            sender.put(parcels)
            return
        for parcel in parcels:
            if parcel.row.lane is Lane.CANCEL and sender is not None:
                sender.put((parcel,))
            else:
                self._waiting.append(parcel)

    async def _come_up(self, group: asyncio.TaskGroup, recovered: Recovered) -> None:
        """Reach the broker's truth, then trade."""
        outside = self._outside
        sender = self._sender = self._new_sender()
        group.create_task(sender.run())  # the cancels of a kill switch wait for no recovery
        await self._ceiling.halt("recovery")
        await self._absorb()
        rounds = self._rounds = Rounds(self._new_reconciler(sender), outside)
        group.create_task(self._follow_notices())
        group.create_task(self.prices.run())
        group.create_task(self._pass_time(sender))
        group.create_task(SkewWatch(outside, self._ceiling, self._plan.rhythm).run())
        await self._begin_jobs(group, rounds)
        recovery = Recovery(
            self._plan,
            outside,
            sender,
            rounds,
            self.prices,
            lambda: self.state,
            self._enter,
            group.create_task,
        )
        await recovery.run(recovered.open_requests)
        self.is_ready = True
        sender.put(self._waiting)
        self._waiting = []
        group.create_task(self._follow_phases())
        group.create_task(self.prices.keep_rules())
        group.create_task(self.prices.keep_looking(lambda: self.core))
        group.create_task(self._reconcile(sender, rounds))
        await self._open_trading()
        self._ears.hear_ready(self.core)
        await outside.wall.sleep(self._plan.rhythm.settle_for)
        outside.over(Ending.LIVED)

    async def _begin_jobs(self, group: asyncio.TaskGroup, rounds: Rounds) -> None:
        """Watch the clock for what is due; nothing of it begins before the broker's truth."""
        office, outside, rhythm = self._office, self._outside, self._plan.rhythm
        duties = JobWorks(
            self._plan,
            outside,
            office,
            lambda: self.core,
            rounds,
            self.prices,
            self._ceiling,
            self._tell_parked,
            self._ask_snapshot,
            outside.wall.monotonic(),
            self._certificates,
        )
        self._jobs = JobRunner(
            office.book, duties.works(), outside, rhythm, lambda: self.is_ready, group.create_task
        )
        group.create_task(office.book.write(outside.wall, rhythm.retry_every))
        await self._jobs.recall()
        group.create_task(self._jobs.run())

    async def _open_trading(self) -> None:
        """Let exits go at once, and new risk as soon as the certificate is clean."""
        await self._ceiling.hold(CERTIFICATE, "certificate")
        await self._ceiling.open()
        if self._jobs is not None:
            await self._jobs.catch_up()
            await self.certify()

    def _ask_snapshot(self) -> None:
        self._wants_snapshot = True

    async def _absorb(self) -> None:
        """Take in what the kill switch was told while no core listened."""
        told = await asyncio.to_thread(self._switch.absorb, self._outside.venue.now())
        for press in told.events:
            await self.mailbox.ask(press, urgent=True)
        await asyncio.to_thread(self._switch.absorbed, told)

    async def _enter(self, event: Event, *, still: Callable[[], bool] | None = None) -> Answer:
        """Give an event to the core; a session's first one makes yesterday's numbers void."""
        answer = await self.ask(event, still=still)
        if isinstance(event, SessionStarted):
            self._links.start_session(self.state.orders.values(), event.session_date)
        return answer

    def _new_sender(self) -> Sender:
        clocks = self._outside.venue, self._outside.wall
        broker, tell = self._outside.broker, self.mailbox.put_all
        watch = self._office.stopwatch
        return Sender(broker, Outbox(), self._links, self._objection, tell, clocks, watch)

    def _new_reconciler(self, sender: Sender) -> Reconciler:
        clocks = self._outside.venue, self._outside.wall
        broker = self._outside.broker
        warn = self._outside.warn
        return Reconciler(broker, self._links, sender, lambda: self.state, self.ask, clocks, warn)

    def _objection(self, parcel: Parcel) -> Text | None:
        """Say why a request must not leave after all."""
        return objection(parcel, self.state, self._plan.core.mode, self._outside)

    async def _follow_notices(self) -> None:
        async for told in self._outside.broker.notices():
            if isinstance(told, BrokerEvent):
                self.is_connected = told.is_connected
                if told.is_connected:
                    self._outside.over(Ending.STREAMED)
                    self._reconcile_now.set()
                continue
            hit("notice.received")
            self.mailbox.put_all(self._links.translate_all((told,), self._outside.wall.monotonic()))

    async def _follow_phases(self) -> None:
        async for event in follow(self._outside.venue, self.state.session_date):
            await self._enter(event)
            if isinstance(event, SessionStarted):
                await self.prices.tell_rules(event.session_date)
            self._reconcile_now.set()

    async def _pass_time(self, sender: Sender) -> None:
        """Wake the core for what waits, and the sender for what expires."""
        while True:
            await self._outside.wall.sleep(self._plan.rhythm.tick)
            self.mailbox.put(TimePassed(self._outside.venue.now()))
            self._ears.hear_time(self.core)
            self.unprotected.look(self.state, self._outside.venue.now())
            sender.look_again()

    async def _reconcile(self, sender: Sender, rounds: Rounds) -> None:
        rhythm, wall, now = self._plan.rhythm, self._outside.wall, self._reconcile_now
        read_at = wall.monotonic()
        while True:
            await _either(now, rhythm.doubt_every)
            is_due = now.is_set() or wall.monotonic() - read_at >= rhythm.reconcile_every
            if not (is_due or sender.waits_longer_than(rhythm.doubt_every) or self._parked()):
                continue
            now.clear()
            sender.keep_only(self._doubts())
            self._tell_parked()
            for account_id in self._plan.accounts:
                await self._run_round(rounds, account_id)
            read_at = wall.monotonic()

    def _doubts(self) -> set[ClOrdId]:
        """Return the numbers of everything open: of anything else nothing is in doubt."""
        open_orders = [order for order in self.state.orders.values() if not order.is_closed]
        requests = {asked.cl_ord_id for order in open_orders for asked in order.requests}
        return requests | {order.cl_ord_id for order in open_orders}

    def _parked(self) -> list[Notice]:
        return self._links.parked(_PARKED_LONG, self._outside.wall.monotonic())

    def _tell_parked(self) -> None:
        """Alert that the broker speaks of a number that nobody knows; the lists are read now."""
        for notice in self._parked():
            self._outside.warn("NOTICE_PARKED", notice.order_id, _PARKED)

    async def _run_round(self, rounds: Rounds, account_id: AccountId) -> None:
        day = trading_day(self._outside.venue.now())
        try:
            done = await rounds.run_round(account_id, day)
        except BrokerError as error:
            self._outside.warn("ACCOUNT_UNREADABLE", account_id, error.text)
            return
        for number, why in done.held:
            self._outside.warn("ORDER_HELD", str(number), why, is_critical=True)


async def _either(event: asyncio.Event, wait: int) -> None:
    """Return once an event is set, or after so long [ns of wall time]."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait / SECOND):
            await event.wait()


_ENDED: Final = CommitUnknownError(
    "실행기가 장부를 다시 세우는 중이라 답할 수 없습니다. 잠시 뒤 같은 명령을 다시 보내세요.",
    "The executor rebuilds its book and cannot answer. Send the same command again shortly.",
)
_PARKED_LONG: Final = 5 * SECOND
_PARKED: Final = Text(
    "증권사가 우리가 모르는 주문 번호의 통보를 보냈습니다. 주문 목록을 읽어 누구의 주문인지 "
    "확인합니다.",
    "The broker tells of an order number that is not known. The lists are read to find out whose.",
)
