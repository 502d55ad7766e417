"""
The start-up path, which is the crash path: from the store's book to the broker's truth.

Nothing but cancels leaves before it has come to its end: the sleeves' orders, executions,
positions and cash agree with the broker's lists, or what differs is booked, quarantined and
alarmed; and every request that may have left is settled by evidence or held for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.core.events import SleeveOpened
from maemae.core.state import CoreState
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import BrokerError, DomainError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ExecId
from maemae.domain.instant import kst_date
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.text import Text
from maemae.ports import OutboxRow
from maemae.trading.outside import Outside
from maemae.trading.phases import trading_day, upcoming
from maemae.trading.plan import ExecutorPlan, Seat
from maemae.trading.prices import PricePump
from maemae.trading.reconciler import Asker, Round
from maemae.trading.rounds import Rounds
from maemae.trading.sender import Sender

_PATIENCE: Final = 20  # rounds without doubt that fills keep from being compared
_RESTLESS: Final = Text(
    "체결이 이어져 잔고를 대조하지 못했습니다. 다음 대조에서 다시 봅니다.",
    "Fills kept coming: holdings and cash were not compared. The next round looks again.",
)


class Recovery(msgspec.Struct, frozen=True, eq=False):
    """
    The parts of an engine that the start-up path needs.

    Attributes:
        state: Returns the book.
        ask: Gives events to the core and returns once what followed is durable.
    """

    plan: ExecutorPlan
    outside: Outside
    sender: Sender
    rounds: Rounds
    prices: PricePump
    state: Callable[[], CoreState]
    ask: Asker

    async def run(self, open_requests: Sequence[OutboxRow]) -> None:
        """
        Return once the book agrees with the broker.

        Args:
            open_requests: What may have left before the restart.
        """
        await self._doubt(open_requests)
        await self.prices.tell_rules(trading_day(self.outside.venue.now()))
        for day in self._days_before():
            await self._until_known(day, compares=False)
        for event in upcoming(self.outside.venue.now(), self.state().session_date):
            await self.ask(event)
        await self.prices.tell_prices(self.state())
        await self._until_known(trading_day(self.outside.venue.now()), compares=True)
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
                await self.ask(_unsent(row, self.outside.venue.now()))
                continue
            self.sender.doubt(row)
            is_new = row.cl_ord_id == row.orig_cl_ord_id
            if is_new and order.standing is OrderStatus.PENDING_NEW:
                await self.ask(_in_doubt(row, self.outside.venue.now()))

    def _days_before(self) -> list[date]:
        """Return earlier days whose orders are still open in our book, oldest first."""
        today = trading_day(self.outside.venue.now())
        days = {kst_date(order.at) for order in self.state().orders.values() if not order.is_closed}
        return sorted(day for day in days if day < today)

    async def _until_known(self, day: date, *, compares: bool) -> None:
        for account_id in self.plan.accounts:
            await self._until_account_known(account_id, day, compares=compares)

    async def _until_account_known(
        self, account_id: AccountId, day: date, *, compares: bool
    ) -> None:
        """Read until nothing is in doubt but what a person must settle, and all was compared."""
        restless = 0
        while restless < _PATIENCE:
            done = await self._read(account_id, day)
            if len(done.held) == len(done.in_doubt):
                if done.is_compared or done.held or not compares:
                    return
                restless += 1
            await self.outside.wall.sleep(self.plan.rhythm.doubt_every)
        self.outside.warn("NOT_COMPARED", account_id, _RESTLESS)

    async def _read(self, account_id: AccountId, day: date) -> Round:
        """Return what one round came to; the broker is asked until it answers whole."""
        while True:
            try:
                return await self.rounds.run_round(account_id, day)
            except BrokerError as error:
                self.outside.warn("ACCOUNT_UNREADABLE", account_id, error.text)
                await self.outside.wall.sleep(self.plan.rhythm.retry_every)

    async def _open(self, seat: Seat) -> None:
        """Open a sleeve that does not exist yet with cash of EXTERNAL."""
        if self.state().find_sleeve(seat.account_id, seat.sleeve_id) is not None:
            return
        now = self.outside.venue.now()
        try:
            await self.ask(SleeveOpened(seat.account_id, seat.sleeve_id, 0, seat.limits, now))
            if seat.cash:
                await self.ask(_allotment(seat, now))
        except DomainError as refusal:
            self.outside.warn("SLEEVE_NOT_FUNDED", seat.sleeve_id, refusal.text)


def _may_have_left(rows: Sequence[OutboxRow], state: CoreState) -> Sequence[OutboxRow]:
    """
    Return the requests that may have left.

    Orders that look the same leave one after the other, the next only once the outcome of the
    one before is durable. So of those without an outcome only the first left, if any did; unless
    an exit was let pass because the broker said that its shares were free.
    """
    holders: dict[str, OutboxRow] = {}
    left: list[OutboxRow] = []
    for row in rows:
        order = state.orders.get(row.orig_cl_ord_id)
        first = holders.get(row.fingerprint)
        if order is None or row.cl_ord_id != row.orig_cl_ord_id:
            left.append(row)
        elif first is None:
            holders[row.fingerprint] = row
            left.append(row)
        elif order.standing is OrderStatus.UNKNOWN or _was_let_pass(first, state):
            left.append(row)
    return left


def _was_let_pass(row: OutboxRow, state: CoreState) -> bool:
    return state.orders[row.cl_ord_id].freed_qty > 0


def _unsent(row: OutboxRow, now: int) -> ExecutionReport:
    text = Text(
        "보내기 전에 다시 시작해 보내지 않았습니다.", "Not sent: the executor restarted before."
    )
    exec_id = ExecId(f"{row.cl_ord_id}:UNSENT")
    return ExecutionReport(row.cl_ord_id, exec_id, ExecType.EXPIRED, now, text=text.ko)


def _in_doubt(row: OutboxRow, now: int) -> ExecutionReport:
    text = Text(
        "보낸 뒤 다시 시작했습니다. 증권사 목록으로 확인합니다.",
        "Restarted after it was sent; the broker's lists will tell.",
    )
    exec_id = ExecId(f"{row.cl_ord_id}:UNKNOWN")
    return ExecutionReport(row.cl_ord_id, exec_id, ExecType.OUTCOME_UNKNOWN, now, text=text.ko)


def _allotment(seat: Seat, now: int) -> CashFlow:
    return CashFlow(
        seat.account_id,
        EXTERNAL_SLEEVE,
        CashFlowKind.TRANSFER,
        seat.cash,
        now,
        to_sleeve_id=seat.sleeve_id,
    )
