"""
Which of our orders a broker's number means, and what waits until that is known.

Korean brokers take no number of ours: only the answer to a request says which number it was
given, and the stream may speak of that number first. What it says then is parked, not lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.statement import Notice


class Links:
    """
    The broker's numbers of our orders, each day's apart: they are used again on another day.

    Args:
        orders: The book's, with the numbers that the broker gave them.
        day: The session that the book is in, None before the first: what the broker answers
            is a number of that day.
    """

    def __init__(self, orders: Iterable[Order], day: date | None) -> None:
        self._orders: Final[defaultdict[date | None, dict[OrderId, ClOrdId]]] = defaultdict(dict)
        self._requests: Final[dict[tuple[date | None, OrderId], ClOrdId]] = {}
        self._parked: Final[dict[Notice, int]] = {}
        self._whole: Final[set[date | None]] = set()
        self.start_session(orders, day)

    def start_session(self, orders: Iterable[Order], day: date | None) -> None:
        """
        Go on to another day; earlier ones are kept as long as one of their orders is open.

        What waits of the day itself goes on waiting: notices may come before its session.
        """
        listed = sorted(orders, key=_number)  # of two with one number the newer means it
        kept = {day} | {kst_date(order.at) for order in listed if not order.is_closed}
        for gone in self._orders.keys() - kept:
            del self._orders[gone]
        for key in [key for key in self._requests if key[0] not in kept]:
            del self._requests[key]
        for notice in [notice for notice in self._parked if kst_date(notice.at) not in kept]:
            del self._parked[notice]
        for order in listed:
            for order_id in order.order_ids:
                self._orders[kst_date(order.at)][order_id] = order.cl_ord_id
        self._whole.intersection_update(kept)
        self._whole.add(day)
        self._day = day

    def link(self, order_id: OrderId, cl_ord_id: ClOrdId, day: date | None = None) -> list[Notice]:
        """
        Remember the broker's number of an order; return the notices that waited, oldest first.

        Linked again to another order, the last link holds: the broker's own answer comes after
        whatever was concluded without it.

        Args:
            order_id: The broker's number.
            cl_ord_id: Ours.
            day: Of the list that showed it; None for the session's.
        """
        self._orders[day or self._day][order_id] = cl_ord_id
        return self.release()

    def link_request(self, order_id: OrderId, request: ClOrdId, orig: ClOrdId) -> list[Notice]:
        """
        Remember the broker's number of a cancel or replace; return the notices that waited.

        The number means the order too: a replaced one goes on under it.

        Args:
            order_id: What the broker numbered the request.
            request: Our number of it.
            orig: The order it is about.
        """
        self._requests[self._day, order_id] = request
        return self.link(order_id, orig)

    def of(self, day: date) -> Mapping[OrderId, ClOrdId]:
        """Return which order or request of the book each number of a day means."""
        return self._orders.get(day, {})

    def is_whole(self, day: date) -> bool:
        """
        Whether every number of a day that ever meant an order of ours is known.

        The book forgets closed orders with their session; a list of that day read later shows
        them, and nothing tells them from those of other people.
        """
        return day in self._whole

    def translate(self, notice: Notice, wall_now: int) -> ExecutionReport | None:
        """
        Return what a notice says of our order; None if a number is not known yet and it waits.

        A replacement links its new number: ask `release` for what waited for it.

        Args:
            notice: As the broker's stream told it; the same one may come again.
            wall_now: Steady time of the wall [ns], for `parked`.
        """
        number = self._resolve(notice)
        if number is None:
            self._parked.setdefault(notice, wall_now)
            return None
        self._parked.pop(notice, None)
        self._chain(notice, number)
        request_id = self._request_of(notice)
        ref = notice.exec_ref_id
        return ExecutionReport(
            number,
            exec_id_of(notice.account_id, number, notice.exec_id, notice.at),
            notice.exec_type,
            notice.at,
            order_id=notice.order_id,
            last_qty=notice.last_qty,
            last_px=notice.last_px,
            price=notice.price,
            order_qty=notice.order_qty,
            request_id=request_id,
            exec_ref_id=(
                None if ref is None else exec_id_of(notice.account_id, number, ref, notice.at)
            ),
            text=notice.text,
        )

    def translate_all(self, notices: Iterable[Notice], wall_now: int) -> list[ExecutionReport]:
        """Return what notices say of our orders, and what waited for the numbers in them."""
        reports: list[ExecutionReport] = []
        waiting = list(notices)
        while waiting:
            translated = [self.translate(notice, wall_now) for notice in waiting]
            reports += [report for report in translated if report is not None]
            waiting = self.release()
        return reports

    def release(self) -> list[Notice]:
        """Remove and return the notices that wait for no number any more, oldest first."""
        freed: set[Notice] = set()
        before = -1
        while len(freed) > before:  # a replacement's new number may be what others wait for
            before = len(freed)
            for notice in self._parked:
                number = None if notice in freed else self._resolve(notice)
                if number is not None:
                    self._chain(notice, number)
                    freed.add(notice)
        released = [notice for notice in self._parked if notice in freed]
        for notice in released:
            del self._parked[notice]
        return released

    def parked(self, older_than: int, wall_now: int) -> list[Notice]:
        """
        Return the notices that have waited longer than that, oldest first.

        Args:
            older_than: Longest time that is nothing to speak of [ns].
            wall_now: As for `translate`.
        """
        return [notice for notice, since in self._parked.items() if wall_now - since > older_than]

    def take(self, order_id: OrderId, day: date) -> list[Notice]:
        """Remove and return a day's notices that wait for or speak of a number, oldest first."""
        taken = [
            notice
            for notice in self._parked
            if kst_date(notice.at) == day
            and order_id in {notice.order_id, notice.orig_order_id, notice.request_id}
        ]
        for notice in taken:
            del self._parked[notice]
        return taken

    def _resolve(self, notice: Notice) -> ClOrdId | None:
        """Return the order that a notice is about, None while a number in it is not known."""
        if notice.request_id is not None and self._request_of(notice) is None:
            return None
        if notice.cl_ord_id is not None:
            return notice.cl_ord_id
        orders = self.of(kst_date(notice.at))
        number = orders.get(notice.order_id)
        if number is None and notice.orig_order_id is not None:
            number = orders.get(notice.orig_order_id)
        return number

    def _request_of(self, notice: Notice) -> ClOrdId | None:
        if notice.request_id is None:
            return None
        return self._requests.get((kst_date(notice.at), notice.request_id))

    def _chain(self, notice: Notice, number: ClOrdId) -> None:
        """Link the numbers of a notice that are not linked yet to its order."""
        orders = self._orders[kst_date(notice.at)]
        orders.setdefault(notice.order_id, number)
        if notice.orig_order_id is not None:
            orders.setdefault(notice.orig_order_id, number)


def exec_id_of(account_id: AccountId, cl_ord_id: ClOrdId, exec_id: ExecId, at: int) -> ExecId:
    """
    Return our number of a fill: the same from stream and list, another one on any other day.

    The order is named by our number, not the broker's: that changes with a replacement, and
    stream and list need not agree under which of them a fill is told.

    Args:
        account_id: Whose fill it is.
        cl_ord_id: The order that was filled.
        exec_id: The broker's number, unique in its day.
        at: When it traded [ns, UTC].
    """
    return ExecId(f"{kst_date(at):%Y%m%d}-{account_id}-{cl_ord_id}-{exec_id}")


def broker_exec_id(account_id: AccountId, cl_ord_id: ClOrdId, exec_id: ExecId, at: int) -> ExecId:
    """Return the broker's number of a fill, of which `exec_id_of` made ours."""
    return ExecId(exec_id.removeprefix(exec_id_of(account_id, cl_ord_id, ExecId(""), at)))


def _number(order: Order) -> ClOrdId:
    return order.cl_ord_id
