"""
The emergency lane: cancels and sells with nothing but a broker.

It needs no database, no core and no market data, and asks no limit for leave; the broker's own
lists are all it believes. Cancels go before sales, both within the broker's rate.

* A cancel whose outcome is not known may be sent again, after the quiet period and if the
  order still works by the lists: a second cancel finds less to cancel, or nothing. It can
  never make a position.
* A sale is never repeated on such grounds. After any sale of an instrument the lane waits the
  quiet period, reads anew what is sellable, and sends at most that.
* Nothing is sold within a quiet period of the start either: what the dead executor sent last
  may not show in the lists yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from maemae.core.actions import CancelOrder
from maemae.domain.errors import MaemaeError, NotAcceptedError
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ClOrdId, IntentId, OrderId
from maemae.domain.instant import MINUTE, SECOND, kst_date
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.statement import StatedHolding, StatedOrder
from maemae.domain.terms import Cause, OrdType, Purpose, Side, TimeInForce
from maemae.domain.text import Text
from maemae.ports import Broker, WallClock
from maemae.trading.emergency.books import Books, Subject
from maemae.trading.emergency.lane_report import LaneReport
from maemae.trading.emergency.log import Answered, CancelSent, SaleSent
from maemae.trading.emergency.reach import Reach
from maemae.trading.emergency.scribe import Scribe
from maemae.trading.pace import Pace

PATIENCE: Final = 3 * MINUTE
"""How long what is refused, halted or unreadable is tried again [ns]."""

_TAKEN_OVER: Final = Text(
    "다른 쪽이 이어받아 보내지 않았습니다.", "Not sent: somebody else has taken over."
)
_ANSWER_WITHIN_SECS: Final = 10.0  # a request that takes longer is in doubt
_LISTS_WITHIN_SECS: Final = 60.0  # a slow broker gives a page of a list in a second, of many
_POLL: Final = SECOND // 4  # between two readings of the lists, beside the queries' own pace

T = TypeVar("T")


class EmergencyLane:
    """
    One run over all accounts of a credential.

    Args:
        broker: Connected, under an epoch that is ours.
        accounts: Whose orders and positions.
        scribe: Notes each request before it leaves, and its outcome.
        wall: Quiet periods and paces run by it.
        may_send: Asked before each sending, and right before its first byte leaves; false once
            somebody else has taken over.
        patience: After so long, what is left is reported instead [ns].
    """

    def __init__(
        self,
        broker: Broker,
        accounts: Sequence[AccountId],
        scribe: Scribe,
        wall: WallClock,
        may_send: Callable[[], bool],
        patience: int = PATIENCE,
    ) -> None:
        self._broker = broker
        self._scribe = scribe
        self._wall = wall
        self._may_send = may_send
        self._patience = patience
        self._books = Books(accounts, broker.traits.quiet_period)
        self._orders_pace = Pace(broker.traits.orders_per_sec)
        self._queries_pace = Pace(broker.traits.queries_per_sec)
        self._flights: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._number = wall.now()  # a clock in ns lies far above any number of the core
        self._is_fenced = False
        self._server_offset = 0

    async def run(self, reach: Reach) -> LaneReport:
        """Return once it is done, somebody else took over, or the patience is over."""
        began = self._wall.monotonic()
        self._books.begin(reach, began)
        if reach is Reach.NOTHING:
            return self._books.report(took=0, is_fenced=False)
        server_time = await self._ask(self._broker.server_time)
        self._server_offset = 0 if server_time is None else server_time - self._wall.now()
        sending = asyncio.create_task(self._send())
        try:
            while not sending.done():
                await self._read()
                self._news.set()
                now = self._wall.monotonic()
                if self._books.is_over or now - began > self._patience:
                    break
                await self._wall.sleep(_POLL)
        finally:
            sending.cancel()
            await asyncio.wait({sending, *self._flights})
        if not sending.cancelled():
            sending.result()  # a mistake of ours is not hidden
        if not (self._is_fenced or self._books.is_over):
            await self._read()
        return self._books.report(took=self._wall.monotonic() - began, is_fenced=self._is_fenced)

    async def _read(self) -> None:
        """Read the lists of every account; what cannot be read now is read the next time."""
        day = kst_date(self._wall.now() + self._server_offset)
        for account_id in self._books.accounts:
            read_at = self._wall.monotonic()
            orders = await self._ask(partial(self._broker.orders, account_id, day))
            holdings: tuple[StatedHolding, ...] | None = ()
            if self._books.reach is Reach.LIQUIDATE:
                holdings = await self._ask(partial(self._broker.holdings, account_id))
            self._books.read(account_id, orders, holdings, read_at)

    async def _ask(self, query: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
        """Return an answer; None if there was none, whatever the reason."""
        wait = self._queries_pace.wait(self._wall.monotonic())
        if wait:
            await self._wall.sleep(wait)
        self._queries_pace.count(self._wall.monotonic())
        answer = await _outcome(query(), _LISTS_WITHIN_SECS)
        return None if isinstance(answer, BaseException) else answer

    async def _send(self) -> None:
        """Send what is most urgent, again and again, until somebody else takes over."""
        while True:
            wait = self._orders_pace.wait(self._wall.monotonic())
            if wait:
                await self._wall.sleep(wait)
                continue
            subject = self._books.next()
            if subject is None:
                self._news.clear()
                await self._news.wait()
                continue
            number = self._next_number()
            await self._scribe.note(_sent(number, subject))
            if not self._may_send():
                self._is_fenced = True
                return
            self._launch(number, subject)

    def _launch(self, number: ClOrdId, subject: Subject) -> None:
        now = self._wall.monotonic()
        self._orders_pace.count(now)
        self._books.sent(subject, now)
        flight = asyncio.create_task(self._fly(number, subject))
        self._flights.add(flight)
        flight.add_done_callback(self._flights.discard)

    async def _fly(self, number: ClOrdId, subject: Subject) -> None:
        """Send one request and take its outcome in."""
        at = self._wall.now() + self._server_offset
        if isinstance(subject.target, StatedOrder):
            order = _order_from_stated(subject.target)
            request = CancelOrder(number, order.cl_ord_id, subject.target.order_id, at)
            answer = await _outcome(self._broker.cancel(order, request, permit=self._permit))
        else:
            sale = _sale(number, subject.target, at)
            answer = await _outcome(self._broker.submit(sale, permit=self._permit))
        now = self._wall.monotonic()
        order_id: OrderId | None = None
        text = ""
        if isinstance(answer, NotAcceptedError):
            text = answer.text.ko
            self._books.refused(subject, answer, now)
        elif isinstance(answer, BaseException):
            text = answer.text.ko if isinstance(answer, MaemaeError) else repr(answer)
            self._books.answered(subject)
        else:
            order_id = answer
            self._books.answered(subject)
        await self._scribe.note(Answered(number, order_id, text))

    def _permit(self) -> None:
        """Look once more after all that a broker waits for."""
        if not self._may_send():
            raise NotAcceptedError(_TAKEN_OVER.ko, _TAKEN_OVER.en)

    def _next_number(self) -> ClOrdId:
        self._number += 1
        return ClOrdId(self._number)


async def _outcome(
    request: Coroutine[Any, Any, T], within_secs: float = _ANSWER_WITHIN_SECS
) -> T | BaseException:
    """Return what a request returns or raises; nothing that a broker does ends the lane."""
    task = asyncio.ensure_future(request)
    try:
        await asyncio.wait({task}, timeout=within_secs)
    finally:
        task.cancel()
    if not task.done():
        return TimeoutError(f"{within_secs:g} s")
    if task.cancelled():
        return asyncio.CancelledError()
    error = task.exception()
    return task.result() if error is None else error


def _sent(number: ClOrdId, subject: Subject) -> CancelSent | SaleSent:
    target = subject.target
    if isinstance(target, StatedOrder):
        return CancelSent(number, target.account_id, target.order_id, target.symbol)
    return SaleSent(number, target.account_id, target.symbol, target.sellable)


def _sale(number: ClOrdId, holding: StatedHolding, at: int) -> Order:
    return Order(
        number,
        holding.account_id,
        EXTERNAL_SLEEVE,
        holding.symbol,
        Side.SELL,
        OrdType.MARKET,
        TimeInForce.DAY,
        None,
        holding.sellable,
        Purpose.LIQUIDATE,
        IntentId(f"EMERGENCY:{number}"),
        at,
        cause=Cause.KILL,
    )


def _order_from_stated(stated: StatedOrder) -> Order:
    """Return an order as far as a cancel needs it."""
    return Order(
        ClOrdId(0) if stated.cl_ord_id is None else stated.cl_ord_id,
        stated.account_id,
        EXTERNAL_SLEEVE,
        stated.symbol,
        stated.side,
        stated.ord_type,
        stated.time_in_force,
        stated.price,
        stated.order_qty,
        Purpose.NEW if stated.side is Side.BUY else Purpose.REDUCE,
        IntentId(f"STATED:{stated.order_id}"),
        stated.at,
        standing=OrderStatus.NEW,
        status=OrderStatus.PARTIALLY_FILLED if stated.cum_qty else OrderStatus.NEW,
        cum_qty=stated.cum_qty,
        order_ids=(stated.order_id,),
    )
