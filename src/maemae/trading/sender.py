"""The last hop we own: takes requests from the outbox, looks once more, and sends each once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final

from maemae.core.actions import CancelOrder, ReplaceOrder, SubmitOrder
from maemae.domain.errors import MaemaeError, NotAcceptedError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.text import Text
from maemae.failpoints import hit
from maemae.ports import Broker, Lane, OutboxRow, VenueClock, WallClock
from maemae.trading.links import Links
from maemae.trading.outbox import UNSENT, Outbox, Parcel, is_expired
from maemae.trading.pace import Pace
from maemae.trading.stopwatch import Stopwatch

_WITHDRAWN: Final = Text("보내기 전에 취소했습니다.", "Not sent: it was canceled before.")
_LATEST: Final = Text("유효 시간이 지나 보내지 않았습니다.", "Not sent: it had waited too long.")
_ENDING: Final = Text("실행기가 끝나 보내지 않았습니다.", "Not sent: the executor was told to end.")
_GIVE_UP_SECS: Final = 0.5

Objection = Callable[[Parcel], Text | None]
"""Says, at the last moment, why a request must not leave; None if it may."""


class _WithheldError(NotAcceptedError):
    """A request that we kept from leaving ourselves."""


class Sender:
    """
    Sends what the outbox holds, by priority and within the broker's rate.

    What came of each request is told as execution reports; a request whose outcome is not
    known is never sent again, only asked about.

    Args:
        broker: Connected.
        outbox: Filled by the executor with what is durable.
        links: Learns the broker's numbers as they are given.
        objection: Asked when a request is taken out of the outbox, and once more right before
            its first byte leaves: lease, and for new risk kill switch, arming and readiness.
        tell: Takes reports.
        clocks: The exchange's and the wall's.
        stopwatch: Told when each request leaves and is answered.

    Attributes:
        sent_at: When each request without an outcome left [ns, monotonic]; of a cancel or
            replace that the broker has taken, when it said so. Taken is not done: what came of
            it is told by the stream, and if that is lost the lists are asked.
    """

    def __init__(
        self,
        broker: Broker,
        outbox: Outbox,
        links: Links,
        objection: Objection,
        tell: Callable[[Sequence[ExecutionReport]], None],
        clocks: tuple[VenueClock, WallClock],
        stopwatch: Stopwatch | None = None,
    ) -> None:
        self.sent_at: dict[ClOrdId, int] = {}
        self._broker = broker
        self._outbox = outbox
        self._links = links
        self._objection = objection
        self._tell = tell
        self._venue, self._wall = clocks
        self._stopwatch = Stopwatch() if stopwatch is None else stopwatch
        self._pace = Pace(broker.traits.orders_per_sec)
        self._work = asyncio.Event()
        self._flights: set[asyncio.Task[None]] = set()
        self._resent: set[ClOrdId] = set()
        self._unsettled: set[ClOrdId] = set()
        self._is_landing = False

    def by_lane(self) -> dict[Lane, int]:
        """Return how many requests of each lane have not left."""
        return self._outbox.by_lane()

    @property
    def sent_lately(self) -> int:
        """Requests that left in the second before now."""
        return self._pace.used(self._wall.monotonic())

    @property
    def waiting(self) -> int:
        """Requests that have not left, and those on their way."""
        return len(self._outbox) + len(self._flights)

    def put(self, parcels: Sequence[Parcel]) -> None:
        """Take requests whose cause is durable."""
        for parcel in parcels:
            self._outbox.put(parcel)
        if parcels:
            self._work.set()

    def doubt(self, row: OutboxRow) -> None:
        """Take a request that may have left before a restart: asked about, never sent."""
        self.sent_at[row.cl_ord_id] = self._wall.monotonic()
        if row.cl_ord_id == row.orig_cl_ord_id:
            self._outbox.hold(row.cl_ord_id, row.fingerprint)

    def withdraw(self, numbers: Collection[ClOrdId]) -> None:
        """Take back new orders that are to be canceled and have not left."""
        gone = self._outbox.drop(
            lambda parcel: (
                isinstance(parcel.request, SubmitOrder) and parcel.row.cl_ord_id in numbers
            )
        )
        for parcel in gone:
            self._leave_out(parcel, _WITHDRAWN)

    def let_pass(self, number: ClOrdId) -> None:
        """Let orders that look like this one go, though its own outcome is not known."""
        self._outbox.free(number)
        self._work.set()

    def look_again(self) -> None:
        """Look at the outbox anew: a fingerprint is free, or what was objected to may go."""
        self._work.set()

    async def run(self) -> None:
        """Send for ever; what is on its way when this ends counts as in doubt."""
        try:
            while not self._is_landing:
                await self._send_next()
        finally:
            for flight in self._flights:
                if not self._is_landing:
                    flight.cancel()  # it must not leave under another epoch

    async def land(self, within: int) -> None:
        """
        Send nothing more, and wait for what is on its way.

        Args:
            within: So long at most; what has no answer by then is in doubt [ns, wall].
        """
        self._is_landing = True
        self._work.set()
        if not self._flights:
            return
        _, late = await asyncio.wait(self._flights, timeout=within / SECOND)
        for flight in late:
            flight.cancel()
        if late:
            await asyncio.wait(late, timeout=_GIVE_UP_SECS)

    def leave_out_everything(self) -> None:
        """Tell of all that waits here that it does not leave any more."""
        for parcel in self._outbox.drop(lambda _: True):
            self._leave_out(parcel, _ENDING)

    def waits_longer_than(self, span: int) -> bool:
        """Return whether the outcome of a request has been waited for so long [ns]."""
        now = self._wall.monotonic()
        return any(now - since >= span for since in self.sent_at.values())

    def keep_only(self, doubts: Collection[ClOrdId]) -> None:
        """Forget every number that the book does not doubt any more."""
        for number in self.sent_at.keys() - doubts:
            self.sent_at.pop(number, None)

    async def _send_next(self) -> None:
        self._drop_expired()
        wait = self._pace.wait(self._wall.monotonic())
        if wait:
            await self._wall.sleep(wait)
            return
        parcel = self._outbox.take(self._venue.now())
        if parcel is None:
            self._work.clear()
            await self._work.wait()
        else:
            self._launch(parcel)

    def _drop_expired(self) -> None:
        for parcel in self._outbox.expired(self._venue.now()):
            self._leave_out(parcel, _LATEST)

    def _leave_out(self, parcel: Parcel, why: Text) -> None:
        """Tell that a request does not leave; its twins wait until that is durable."""
        self._hold(parcel)
        self._tell((self._unsent(parcel, why),))

    def _hold(self, parcel: Parcel) -> None:
        if isinstance(parcel.request, SubmitOrder):
            self._outbox.hold(parcel.row.cl_ord_id, parcel.row.fingerprint)

    def _launch(self, parcel: Parcel) -> None:
        why_not = self._objection(parcel)
        if why_not is not None:
            self._leave_out(parcel, why_not)
            return
        now = self._wall.monotonic()
        number = parcel.row.cl_ord_id
        self._pace.count(now)
        self.sent_at[number] = now
        self._unsettled.add(number)
        self._stopwatch.sent(number, now)
        self._hold(parcel)
        flight = asyncio.create_task(self._send(parcel))
        self._flights.add(flight)
        flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        """Take note that a request has an outcome, or never will; its failure is told already."""
        self._flights.discard(flight)
        if not flight.cancelled():
            flight.exception()

    async def _send(self, parcel: Parcel) -> None:
        number, is_told = parcel.row.cl_ord_id, False
        try:
            hit("send.before")
            order_id = await self._request(parcel)
            hit("send.answered")
            self._stopwatch.acknowledged(number, self._wall.monotonic())
            is_told = True
            self._accepted(parcel, order_id)
        except _WithheldError as withheld:
            is_told = True
            self.sent_at.pop(number, None)
            self._tell((self._unsent(parcel, withheld.text),))
        except NotAcceptedError as refusal:
            is_told = True
            self._refused(parcel, refusal)
        finally:
            if not is_told and number in self._unsettled:
                self.sent_at[number] = self._wall.monotonic()  # until now a byte may have left
                self._tell((self._in_doubt(parcel, sys.exc_info()[1]),))

    async def _request(self, parcel: Parcel) -> OrderId:
        request, order = parcel.request, parcel.order
        permit = partial(self._permit, parcel)
        if isinstance(request, SubmitOrder):
            return await self._broker.submit(request.order, permit=permit)
        if isinstance(request, CancelOrder):
            return await self._broker.cancel(order, request, permit=permit)
        return await self._broker.replace(order, request, permit=permit)

    def _permit(self, parcel: Parcel) -> None:
        """Look once more after all that a broker waits for: a token, its quota, a connection."""
        why_not = self._objection(parcel)
        if is_expired(parcel, self._venue.now()):
            why_not = _LATEST
        if why_not is not None:
            raise _WithheldError(why_not.ko, why_not.en)

    def _accepted(self, parcel: Parcel, order_id: OrderId) -> None:
        number, request = parcel.row.cl_ord_id, parcel.request
        reports: list[ExecutionReport] = []
        self.sent_at.pop(number, None)
        if isinstance(request, SubmitOrder):
            parked = self._links.link(order_id, number)
            reports.append(_acknowledged(number, order_id, self._venue.now()))
        else:
            if number in self._unsettled:
                self.sent_at[number] = self._wall.monotonic()
            parked = self._links.link_request(order_id, number, parcel.row.orig_cl_ord_id)
        self._tell([*reports, *self._links.translate_all(parked, self._wall.monotonic())])

    def _refused(self, parcel: Parcel, refusal: NotAcceptedError) -> None:
        number = parcel.row.cl_ord_id
        self.sent_at.pop(number, None)
        if refusal.resend and number not in self._resent:
            self._resent.add(number)
            self._outbox.free(number)
            self.put((parcel,))
            return
        self._tell((self._rejected(parcel, refusal.text.ko),))

    def settle(self, number: ClOrdId) -> None:
        """
        Forget a request whose outcome is durably known, and let its twins go.

        Not sooner: after a crash, of requests that look the same and have no outcome, only the
        first can have left.
        """
        self.sent_at.pop(number, None)
        self._unsettled.discard(number)
        self._outbox.free(number)
        self._work.set()

    def _unsent(self, parcel: Parcel, why: Text) -> ExecutionReport:
        if isinstance(parcel.request, SubmitOrder):
            number = parcel.row.cl_ord_id
            return self._report(parcel, ExecType.EXPIRED, f"{number}:{UNSENT}", why.ko)
        return self._rejected(parcel, why.ko)

    def _rejected(self, parcel: Parcel, text: str) -> ExecutionReport:
        is_new = isinstance(parcel.request, SubmitOrder)
        exec_type = ExecType.REJECTED if is_new else ExecType.CANCEL_REJECTED
        return self._report(parcel, exec_type, f"{parcel.row.cl_ord_id}:{exec_type}", text)

    def _in_doubt(self, parcel: Parcel, error: BaseException | None) -> ExecutionReport:
        text = error.text.ko if isinstance(error, MaemaeError) else f"{type(error).__name__}"
        number = parcel.row.cl_ord_id
        return self._report(parcel, ExecType.OUTCOME_UNKNOWN, f"{number}:UNKNOWN", text)

    def _report(
        self, parcel: Parcel, exec_type: ExecType, exec_id: str, text: str
    ) -> ExecutionReport:
        row = parcel.row
        request_id = (
            row.cl_ord_id if isinstance(parcel.request, CancelOrder | ReplaceOrder) else None
        )
        return ExecutionReport(
            row.orig_cl_ord_id,
            ExecId(exec_id),
            exec_type,
            self._venue.now(),
            request_id=request_id,
            text=text,
        )


def _acknowledged(number: ClOrdId, order_id: OrderId, at: int) -> ExecutionReport:
    return ExecutionReport(number, ExecId(f"{order_id}:NEW"), ExecType.NEW, at, order_id=order_id)
