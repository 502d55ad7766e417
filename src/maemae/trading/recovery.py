"""
The start-up path, which is the crash path: from the store's book to the broker's truth.

Nothing but cancels leaves before it has come to its end: the sleeves' orders, executions,
positions and cash agree with the broker's lists, or what differs is booked, quarantined and
alarmed; and every request that may have left is settled by evidence or held for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import msgspec

from maemae.core.events import Event
from maemae.core.state import CoreState
from maemae.domain.errors import BrokerError, DomainError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.text import Text
from maemae.ports import OutboxRow
from maemae.trading.outbox import UNSENT
from maemae.trading.outside import Outside
from maemae.trading.phases import trading_day, upcoming
from maemae.trading.plan import ExecutorPlan, SleevePlan
from maemae.trading.prices import PricePump
from maemae.trading.reconciler import Asker, Round
from maemae.trading.rounds import Rounds
from maemae.trading.sender import Sender
from maemae.trading.sleeves import opening

_PATIENCE: Final = 20  # rounds without doubt in which holdings and cash are not compared
_QUIET_PERIODS: Final = 4  # the same: a difference is believed after one without a fill
_RESTLESS: Final = Text(
    "체결이 이어지거나 잔고가 계속 바뀌어 대조하지 못했습니다. 다음 대조에서 다시 봅니다.",
    "Fills or differences kept coming: holdings and cash were not compared. The next round looks "
    "again.",
)


class Recovery(msgspec.Struct, frozen=True, eq=False):
    """
    The parts of an engine that the start-up path needs.

    Attributes:
        state: Returns the book.
        ask: Gives events to the core and returns once what followed is durable.
        spawn: Lets something go on beside, and beyond, the start.
    """

    plan: ExecutorPlan
    outside: Outside
    sender: Sender
    rounds: Rounds
    prices: PricePump
    state: Callable[[], CoreState]
    ask: Asker
    spawn: Callable[[Coroutine[Any, Any, object]], asyncio.Task[object]]

    async def run(self, open_requests: Sequence[OutboxRow]) -> None:
        """
        Return once the book agrees with the broker.

        Args:
            open_requests: What may have left before the restart.
        """
        await self._doubt(open_requests)
        await self._tell_rules()
        if self._has_days_before():
            await self._until_known(compares=False)
        for event in upcoming(self.outside.venue.now(), self.state().session_date):
            await self._tell(event, "session")
        await self.prices.tell_prices(self.state())
        await self._until_known(compares=True)
        for seat in self.plan.seats:
            await self._open(seat)

    async def _doubt(self, rows: Sequence[OutboxRow]) -> None:
        """Ask the broker about each request that may have left; sent again is none of them."""
        left = _may_have_left(rows, self.state())
        for row in rows:
            order = self.state().orders.get(row.orig_cl_ord_id)
            if order is None or order.is_closed:
                continue
            if row not in left:
                report = _unsent(row, self.outside.venue.now())
                await self._tell(report, report.exec_id)
                continue
            self.sender.doubt(row)
            is_new = row.cl_ord_id == row.orig_cl_ord_id
            if is_new and order.standing is OrderStatus.PENDING_NEW:
                report = _in_doubt(row, self.outside.venue.now())
                await self._tell(report, report.exec_id)

    async def _tell(self, event: Event, subject: str) -> None:
        """Tell the core something; what it refuses is for a person, and ends nothing else."""
        try:
            await self.ask(event)
        except DomainError as refusal:
            self.outside.warn("REPORT_REFUSED", subject, refusal.text, is_critical=True)

    async def _tell_rules(self) -> None:
        """
        Have the day's rules told, and wait for them a while.

        Without them the core lets no order of their instruments go; the lists of the broker
        are read all the same, and what they need of a rule is told by a later round.
        """
        day = trading_day(self.outside.venue.now())
        telling = self.spawn(self.prices.tell_rules(day))
        await asyncio.wait((telling,), timeout=self.plan.rhythm.skew_every / SECOND)

    def _has_days_before(self) -> bool:
        """Whether orders of earlier days are open: their numbers mean others once today began."""
        today = trading_day(self.outside.venue.now())
        return any(
            kst_date(order.at) < today
            for order in self.state().orders.values()
            if not order.is_closed
        )

    async def _until_known(self, *, compares: bool) -> None:
        for account_id in self.plan.accounts:
            await self._until_account_known(account_id, compares=compares)

    async def _until_account_known(self, account_id: AccountId, *, compares: bool) -> None:
        """Read until nothing is in doubt but what a person must settle, and all was compared."""
        wall, rhythm = self.outside.wall, self.plan.rhythm
        quiet = self.outside.broker.traits.quiet_period
        patience = max(_PATIENCE * rhythm.doubt_every, _QUIET_PERIODS * quiet)
        known_at: int | None = None
        while known_at is None or wall.monotonic() - known_at < patience:
            done = await self._read(account_id)
            if len(done.held) == len(done.in_doubt):
                if done.is_compared or done.held or not compares:
                    self._tell_held(done)
                    return
                known_at = wall.monotonic() if known_at is None else known_at
            await wall.sleep(rhythm.doubt_every)
        self.outside.warn("NOT_COMPARED", account_id, _RESTLESS)

    def _tell_held(self, done: Round) -> None:
        for number, why in done.held:
            self.outside.warn("ORDER_HELD", str(number), why, is_critical=True)

    async def _read(self, account_id: AccountId) -> Round:
        """Return what one round came to; the broker is asked until it answers whole."""
        while True:
            try:
                day = trading_day(self.outside.venue.now())
                return await self.rounds.run_round(account_id, day)
            except BrokerError as error:
                self.outside.warn("ACCOUNT_UNREADABLE", account_id, error.text)
                await self.outside.wall.sleep(self.plan.rhythm.retry_every)

    async def _open(self, seat: SleevePlan) -> None:
        """Open a sleeve that does not exist yet with cash of EXTERNAL."""
        if self.state().find_sleeve(seat.account_id, seat.sleeve_id) is not None:
            return
        now = self.outside.venue.now()
        try:
            for event in opening(seat, now):
                await self.ask(event)
        except DomainError as refusal:
            self.outside.warn("SLEEVE_NOT_FUNDED", seat.sleeve_id, refusal.text)


def _may_have_left(rows: Sequence[OutboxRow], state: CoreState) -> Sequence[OutboxRow]:
    """
    Return the requests that may have left.

    Orders that look the same leave one after the other, the next only once the outcome of the
    one before is durable, that it never left among them. So of those without an outcome only
    the first left, if any did; unless it is an exit in doubt whose slot was given up because
    the broker said that its shares are free.
    """
    holders: dict[str, Order] = {}
    left: list[OutboxRow] = []
    for row in sorted(rows, key=_number):
        order = state.orders.get(row.orig_cl_ord_id)
        first = holders.get(row.fingerprint)
        if order is None or order.is_closed or row.cl_ord_id != row.orig_cl_ord_id:
            left.append(row)
        elif first is None or order.standing is not OrderStatus.PENDING_NEW:
            holders.setdefault(row.fingerprint, order)
            left.append(row)
        elif _may_be_let_pass(first):
            left.append(row)
    return left


def _may_be_let_pass(order: Order) -> bool:
    """Whether orders that look the same may have left while this one had no outcome."""
    return order.was_freed


def _number(row: OutboxRow) -> ClOrdId:
    return row.cl_ord_id


def _unsent(row: OutboxRow, now: int) -> ExecutionReport:
    text = Text(
        "보내기 전에 다시 시작해 보내지 않았습니다.", "Not sent: the executor restarted before."
    )
    exec_id = ExecId(f"{row.cl_ord_id}:{UNSENT}")
    return ExecutionReport(row.cl_ord_id, exec_id, ExecType.EXPIRED, now, text=text.ko)


def _in_doubt(row: OutboxRow, now: int) -> ExecutionReport:
    text = Text(
        "보낸 뒤 다시 시작했습니다. 증권사 목록으로 확인합니다.",
        "Restarted after it was sent; the broker's lists will tell.",
    )
    exec_id = ExecId(f"{row.cl_ord_id}:UNKNOWN")
    return ExecutionReport(row.cl_ord_id, exec_id, ExecType.OUTCOME_UNKNOWN, now, text=text.ko)
