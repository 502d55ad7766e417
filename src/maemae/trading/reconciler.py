"""
The broker's truth against ours: at start, after every reconnect, and on a timer.

One round reads everything, every page, or says nothing; the lists of earlier days too while an
order of theirs is open. Executions are read last, so that a fill that holdings and cash show
already is in them. What the lists tell becomes events of the core; holdings and cash are
compared only when nothing was on its way all through the round, and a difference is believed
only once it has outlived every lag of the broker's lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Final, Protocol

import msgspec

from maemae.core.actions import OrderAdopted
from maemae.core.events import AccountStated, Event, ExternalOrderSeen, SellableStated
from maemae.core.state import CoreState
from maemae.domain.errors import BrokerUnavailableError, DomainError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ClOrdId, ExecId, OrderId
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedCash, StatedHolding
from maemae.domain.terms import Purpose
from maemae.domain.text import Text
from maemae.failpoints import hit
from maemae.ports import Broker, VenueClock, WallClock
from maemae.trading.doubt import (
    Absent,
    Found,
    Hold,
    Poll,
    Wait,
    judge_order,
    judge_request,
    thinned,
)
from maemae.trading.links import Links
from maemae.trading.mailbox import Answer
from maemae.trading.sender import Sender
from maemae.trading.statements import (
    Difference,
    difference,
    external_orders,
    is_settled,
    knows_what_traded,
    missing_reports,
    sales_too_early,
)
from maemae.trading.turn import fingerprint


class Warn(Protocol):
    """Alerts a person now; never blocks, never fails."""

    def __call__(self, code: str, subject: str, text: Text, *, is_critical: bool = False) -> None:
        """Raise an alert."""


class Asker(Protocol):
    """Gives an event to the core and returns what followed, durable."""

    async def __call__(self, event: Event, *, still: Callable[[], bool] | None = None) -> Answer:
        """Return what followed."""


class Statement(msgspec.Struct, frozen=True):
    """
    Everything the broker says of an account, read in one round.

    Attributes:
        asked_at: Before the first page of them was asked for [ns, monotonic].
        answered_at: After the last had come.
        polls: The lists of each day, oldest first.
    """

    asked_at: int
    answered_at: int
    polls: Sequence[Poll]
    holdings: Sequence[StatedHolding]
    cash: StatedCash


class Noted(msgspec.Struct, frozen=True):
    """A difference, the orders it was seen beside, and by when it had been [ns, monotonic]."""

    by: int
    what: Difference
    beside: tuple[object, ...]


class Round(msgspec.Struct, frozen=True):
    """
    What a round came to.

    Attributes:
        in_doubt: Orders and requests whose outcome is still not known.
        held: Those among them that only a person can settle, with why.
        is_compared: Whether holdings and cash were compared.
    """

    in_doubt: Sequence[ClOrdId]
    held: Sequence[tuple[ClOrdId, Text]]
    is_compared: bool


class Reconciler:
    """
    Reads an account and tells the core what it lacks.

    Args:
        broker: Connected.
        links: The broker's numbers of our orders.
        sender: Knows when each request without an outcome left.
        state: Returns the book.
        ask: Gives events to the core.
        clocks: The exchange's and the wall's.
        warn: Alerts a person of what the core will not take.
    """

    def __init__(
        self,
        broker: Broker,
        links: Links,
        sender: Sender,
        state: Callable[[], CoreState],
        ask: Asker,
        clocks: tuple[VenueClock, WallClock],
        warn: Warn,
    ) -> None:
        self._broker = broker
        self._links = links
        self._sender = sender
        self._state = state
        self._ask = ask
        self._venue, self._wall = clocks
        self._warn = warn
        self._polls: dict[AccountId, list[Poll]] = {}
        self._untold: dict[AccountId, dict[ClOrdId, int]] = {}
        self._differences: dict[AccountId, Noted] = {}
        self._refused: dict[ClOrdId, Text] = {}
        self._one_at_a_time = asyncio.Lock()

    async def run_round(self, account_id: AccountId, day: date) -> Round:
        """
        Read the account once and act upon it.

        Args:
            account_id: Whose lists are read.
            day: The session; earlier ones whose orders are open are read before it.

        Raises:
            BrokerUnavailableError: A list could not be read whole; nothing was concluded.
        """
        async with self._one_at_a_time:
            self._refused.clear()
            before = self._footprint(account_id)
            stated = await self._read(account_id, day)
            polls = self._remember(account_id, stated.polls)
            missed = await self._tell_missing(stated)
            self._count_untold(account_id, stated.polls)
            in_doubt, held = await self._judge(account_id, polls)
            missed += await self._tell_missing(stated)
            missed += await self._adopt(stated)
            self._drop_answers(account_id)
            await self._tell_sellable(account_id, stated, in_doubt)
            is_compared = False
            unmoved = not missed and before == self._footprint(account_id)
            if unmoved and self._is_at_rest(account_id, stated):
                is_compared = await self._compare(account_id, stated)
            refused = [number for number in self._refused if number not in in_doubt]
            held += [(number, self._refused[number]) for number in refused]
            return Round(in_doubt + refused, held, is_compared)

    async def _read(self, account_id: AccountId, day: date) -> Statement:
        """Read earlier days as far as they can be read, and the day itself whole."""
        polls: list[Poll] = []
        for earlier in self._days_before(account_id, day):
            with suppress(BrokerUnavailableError):
                polls.append(await self._read_lists(account_id, earlier))
        broker, asked_at = self._broker, self._wall.monotonic()
        orders = await broker.orders(account_id, day)
        hit("reconcile.orders_read")
        holdings = await broker.holdings(account_id)
        cash = await broker.cash(account_id)
        hit("reconcile.holdings_read")
        executions = await broker.executions(account_id, day)
        today = Poll(asked_at, day, tuple(orders), tuple(executions))
        return Statement(asked_at, self._wall.monotonic(), [*polls, today], holdings, cash)

    async def _read_lists(self, account_id: AccountId, day: date) -> Poll:
        asked_at = self._wall.monotonic()
        orders = await self._broker.orders(account_id, day)
        executions = await self._broker.executions(account_id, day)
        return Poll(asked_at, day, tuple(orders), tuple(executions), is_past=True)

    def _days_before(self, account_id: AccountId, day: date) -> list[date]:
        """Return earlier days whose orders are still open in our book, oldest first."""
        orders = self._orders(account_id)
        days = {kst_date(order.at) for order in orders if not order.is_closed}
        return sorted(other for other in days if other < day)

    def _count_untold(self, account_id: AccountId, polls: Sequence[Poll]) -> None:
        """
        Count the rounds in which nobody said how an order of an earlier day ended.

        Its lists are not given, or leave out an order that the broker had taken.
        """
        given, today = {poll.day for poll in polls}, polls[-1].day
        untold = [
            order.cl_ord_id
            for order in self._orders(account_id)
            if not order.is_closed
            and (day := kst_date(order.at)) < today
            and (order.order_ids or day not in given)
        ]
        before = self._untold.get(account_id, {})
        self._untold[account_id] = {number: before.get(number, 0) + 1 for number in untold}

    def _remember(self, account_id: AccountId, read: Sequence[Poll]) -> list[Poll]:
        """Keep the readings, and those before them since the oldest doubt."""
        doubts = self._sender.sent_at.values()
        oldest = min(doubts, default=read[0].asked_at)
        before = self._polls.get(account_id, ())
        kept = [*(poll for poll in before if poll.asked_at >= oldest), *read]
        self._polls[account_id] = thinned(kept, _WINDOW * self._broker.traits.quiet_period)
        return self._polls[account_id]

    def _is_at_rest(self, account_id: AccountId, stated: Statement) -> bool:
        """Whether nothing is on its way, and the book has all that the lists of orders show."""
        today = stated.polls[-1]
        if self._refused or self._untold[account_id]:
            return False
        knows_all = knows_what_traded(self._links.of(today.day), today.orders)
        return knows_all and is_settled(self._state(), account_id)

    def _footprint(self, account_id: AccountId) -> tuple[object, ...]:
        """Return what changes with every order and fill of an account."""
        orders = self._orders(account_id)
        return tuple(
            (order.cl_ord_id, order.standing, order.cum_qty, order.notional) for order in orders
        )

    def _orders(self, account_id: AccountId) -> list[Order]:
        orders = self._state().orders.values()
        return [order for order in orders if order.account_id == account_id]

    async def _judge(
        self, account_id: AccountId, polls: Sequence[Poll]
    ) -> tuple[list[ClOrdId], list[tuple[ClOrdId, Text]]]:
        """Settle by evidence what can be; return what stays in doubt and what a person must see."""
        in_doubt: list[ClOrdId] = []
        held: list[tuple[ClOrdId, Text]] = []
        for order in self._orders(account_id):
            tries = self._untold[account_id].get(order.cl_ord_id)
            if tries is not None:
                in_doubt.append(order.cl_ord_id)
                if tries >= _TRIES:
                    held.append((order.cl_ord_id, _DAY_GONE))
                continue
            for number in self._doubts_of(order):
                if number not in self._sender.sent_at:
                    continue  # its answer came while another was judged
                why = await self._settle(order, number, polls)
                if why is None:
                    continue
                in_doubt.append(number)
                if isinstance(why, Hold):
                    held.append((number, why.reason))
        return in_doubt, held

    def _doubts_of(self, order: Order) -> list[ClOrdId]:
        """Return the order and its requests as far as their outcome is asked about."""
        if order.is_closed:
            return []
        doubts = [request.cl_ord_id for request in order.requests]
        if order.standing is OrderStatus.UNKNOWN:
            doubts.insert(0, order.cl_ord_id)
        return [number for number in doubts if number in self._sender.sent_at]

    async def _settle(
        self, order: Order, number: ClOrdId, polls: Sequence[Poll]
    ) -> Wait | Hold | None:
        """Tell the core what the evidence says of one request; return why it says nothing."""
        told = self._evidence(order, number, polls)
        if isinstance(told, Wait | Hold):
            return told
        for report in told:
            if not await self._tell(report):
                return Hold(self._refused[order.cl_ord_id])
        self._sender.settle(number)
        return None

    def _evidence(
        self, order: Order, number: ClOrdId, polls: Sequence[Poll]
    ) -> tuple[ExecutionReport, ...] | Wait | Hold:
        quiet, sent_at = self._broker.traits.quiet_period, self._sender.sent_at[number]
        day = kst_date(order.at)
        linked = self._links.of(day).keys()
        if number != order.cl_ord_id:
            request = next(asked for asked in order.requests if asked.cl_ord_id == number)
            return judge_request(order, request, sent_at, quiet, polls, linked)
        verdict = judge_order(
            order,
            sent_at,
            quiet,
            polls,
            linked,
            self._twins(order),
            client_id=self._broker.traits.client_id,
            knows_all=self._links.is_whole(day),
        )
        return verdict if isinstance(verdict, Wait | Hold) else (self._outcome(order, verdict),)

    def _twins(self, order: Order) -> list[Order]:
        """Return orders that look the same and may be what the broker's list shows."""
        look = fingerprint(order)
        return [
            other
            for other in self._orders(order.account_id)
            if other.cl_ord_id != order.cl_ord_id
            and kst_date(other.at) == kst_date(order.at)
            and (other.sleeve_id == EXTERNAL_SLEEVE or other.cl_ord_id in self._sender.sent_at)
            and fingerprint(other) == look
        ]

    def _outcome(self, order: Order, verdict: Found | Absent) -> ExecutionReport:
        number, now = order.cl_ord_id, self._venue.now()
        if isinstance(verdict, Absent):
            text = "증권사 목록에 없어 접수되지 않은 것으로 확인했습니다."
            exec_id = ExecId(f"{number}:ABSENT")
            return ExecutionReport(number, exec_id, ExecType.REJECTED, now, text=text)
        exec_id = ExecId(f"{verdict.order_id}:NEW")
        return ExecutionReport(number, exec_id, ExecType.NEW, now, order_id=verdict.order_id)

    async def _tell_missing(self, stated: Statement) -> int:
        """Tell the core what the lists show and it lacks; return how much that was."""
        return sum([await self._tell_missing_of(poll) for poll in stated.polls])

    async def _tell_missing_of(self, poll: Poll) -> int:
        numbers = self._links.of(poll.day)
        reports = missing_reports(numbers, self._state(), poll.orders, poll.executions)
        return sum([await self._tell(report) for report in reports])

    async def _tell(self, report: ExecutionReport) -> bool:
        """
        Tell the core of an order and link its number; return whether it took it.

        What follows a report that it refused waits for the next round: an order must not be
        closed without the fill that the core would not book.
        """
        number = report.cl_ord_id
        if number in self._refused:
            return False
        order = self._state().orders.get(number)
        try:
            await self._ask(report)
        except DomainError as refusal:
            why = _unbooked(report, refusal)
            self._refused[number] = why
            self._warn("REPORT_REFUSED", report.exec_id, why, is_critical=True)
            return False
        if report.order_id is not None and order is not None:
            await self._link(report.order_id, order)
        return True

    async def _adopt(self, stated: Statement) -> int:
        """Take in orders that came to the account by another way; return how many."""
        return sum(
            [await self._adopt_of(poll) for poll in stated.polls if self._links.is_whole(poll.day)]
        )

    async def _adopt_of(self, poll: Poll) -> int:
        unsure = [
            order
            for order in self._state().orders.values()
            if not order.is_closed and not order.order_ids and kst_date(order.at) == poll.day
        ]
        seen = external_orders(self._links.of(poll.day), poll.orders, unsure)
        early = sales_too_early(self._state(), seen, unsure)
        seen = [row for row in seen if row not in early]
        for order in seen:
            actions = await self._try(ExternalOrderSeen(order, self._venue.now()), order.order_id)
            for action in actions:
                if isinstance(action, OrderAdopted):
                    await self._link(order.order_id, action.order)
        if seen:
            await self._tell_missing_of(poll)
        return len(seen)

    async def _try(self, event: ExternalOrderSeen | SellableStated, subject: str) -> Answer:
        """Tell the core something; what it refuses is for a person, and ends nothing else."""
        try:
            return await self._ask(event)
        except DomainError as refusal:
            self._warn("STATEMENT_REFUSED", subject, refusal.text, is_critical=True)
            return ()

    def _drop_answers(self, account_id: AccountId) -> None:
        """Wait no more for whose request it was that closed an order: the lists told the rest."""
        for order in self._orders(account_id):
            if order.is_closed:
                for order_id in order.order_ids:
                    self._links.take(order_id, kst_date(order.at))

    async def _link(self, order_id: OrderId, order: Order) -> None:
        """Remember whose a number is, and tell the core what was parked for it."""
        parked = self._links.link(order_id, order.cl_ord_id, kst_date(order.at))
        for report in self._links.translate_all(parked, self._wall.monotonic()):
            await self._tell(report)

    async def _tell_sellable(
        self, account_id: AccountId, stated: Statement, in_doubt: Sequence[ClOrdId]
    ) -> None:
        """Let an exit in doubt be sent anew, as soon as it may, for what is still there."""
        orders = self._state().orders
        for number in in_doubt:
            order = orders.get(number)
            if order is None or not self._may_be_freed(order, stated):
                continue
            sellable = sum(held.sellable for held in stated.holdings if held.symbol == order.symbol)
            now = self._venue.now()
            await self._try(SellableStated(account_id, order.symbol, sellable, now), order.symbol)

    def _may_be_freed(self, order: Order, stated: Statement) -> bool:
        """
        Whether what the broker would sell now tells what a sale in doubt does not hold.

        After the quiet period, or at once if its session is over: what the broker had taken
        works no more.
        """
        if order.purpose is Purpose.NEW:
            return False
        if order.order_ids:
            return kst_date(order.at) < stated.polls[-1].day
        sent_at = self._sender.sent_at.get(order.cl_ord_id)
        return sent_at is not None and stated.asked_at - sent_at >= self._broker.traits.quiet_period

    async def _compare(self, account_id: AccountId, stated: Statement) -> bool:
        """
        Let the core compare, unless an order or fill overtakes the statement on its way.

        A list may lag behind a fill that a notice told, and that of the orders behind that of
        the holdings: what differs is told only once a reading shows the same that began a quiet
        period after the first had ended, without an order or fill between.
        """
        state, footprint = self._state(), self._footprint(account_id)
        found = difference(state, account_id, stated.cash.cash, stated.holdings)
        is_first = not state.is_stated(account_id)
        if found.is_none or is_first:
            self._differences.pop(account_id, None)
        elif not self._has_lasted(
            account_id, Noted(stated.answered_at, found, footprint), stated.asked_at
        ):
            return False
        now = self._venue.now()
        event = AccountStated(account_id, stated.cash.cash, tuple(stated.holdings), now)
        try:
            await self._ask(event, still=lambda: footprint == self._footprint(account_id))
        except DomainError as refusal:
            if footprint == self._footprint(account_id):
                self._warn("STATEMENT_REFUSED", account_id, refusal.text, is_critical=True)
            return False
        return True

    def _has_lasted(self, account_id: AccountId, seen: Noted, asked_at: int) -> bool:
        """Whether a difference had stood beside the same orders a quiet period before."""
        noted = self._differences.get(account_id)
        if noted is None or (noted.what, noted.beside) != (seen.what, seen.beside):
            self._differences[account_id] = seen
            return False
        return asked_at - noted.by >= self._broker.traits.quiet_period


def _unbooked(report: ExecutionReport, refusal: DomainError) -> Text:
    named = f"{report.exec_type} {report.exec_id}"
    return Text(
        f"주문 {report.cl_ord_id} 의 통보 {named} 을 장부에 넣지 못했습니다. {refusal.text.ko} "
        "다음 대조에서 다시 넣어 봅니다. 증권사 앱에서 이 주문을 확인해 주세요.",
        f"Report {named} of order {report.cl_ord_id} is not in the book. {refusal.text.en} The "
        "next round tries again. Look at the order at the broker.",
    )


_TRIES: Final = 10  # rounds in which nobody says how an order of an earlier day ended
_WINDOW: Final = 4  # quiet periods in which every reading is kept
_DAY_GONE: Final = Text(
    "지난 거래일의 주문인데 증권사가 그날 내역에서 어떻게 끝났는지 말하지 않습니다. 증권사 앱에서 "
    "확인해 정해 주세요.",
    "An order of an earlier day, and the broker's lists of that day do not say how it ended. Look "
    "at the broker and decide.",
)
