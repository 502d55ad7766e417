"""
Which of our orders a broker's number means, and what waits until that is known.

Korean brokers take no number of ours: only the answer to a request says which number it was
given, and the stream may speak of that number first. What it says then is parked, not lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.statement import Notice


class Links:
    """
    The broker's numbers of one session's orders.

    Numbers are used again on another day, so nothing is carried over from the session before
    but what is still open.

    Args:
        orders: Orders of the session, with the numbers that the broker gave them.
    """

    def __init__(self, orders: Iterable[Order]) -> None:
        self._orders: Final[dict[OrderId, ClOrdId]] = {}
        self._requests: Final[dict[OrderId, ClOrdId]] = {}
        self._parked: Final[dict[Notice, int]] = {}
        self.start_session(orders)

    def start_session(self, orders: Iterable[Order]) -> None:
        """Forget everything but these orders' numbers."""
        self._orders.clear()
        self._requests.clear()
        self._parked.clear()
        for order in sorted(orders, key=_number):  # of two with one number the newer means it
            for order_id in order.order_ids:
                self._orders[order_id] = order.cl_ord_id

    def link(self, order_id: OrderId, cl_ord_id: ClOrdId) -> list[Notice]:
        """
        Remember the broker's number of an order; return the notices that waited, oldest first.

        Linked again to another order, the last link holds: the broker's own answer comes after
        whatever was concluded without it.
        """
        self._orders[order_id] = cl_ord_id
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
        self._requests[order_id] = request
        return self.link(order_id, orig)

    def find(self, order_id: OrderId) -> ClOrdId | None:
        """Return the order that the broker's number means, None if it is nobody's so far."""
        return self._orders.get(order_id)

    def linked(self) -> frozenset[OrderId]:
        """Return every number that means an order or request of the book."""
        return frozenset(self._orders)

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
        request_id = None if notice.request_id is None else self._requests[notice.request_id]
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

    def take(self, order_id: OrderId) -> list[Notice]:
        """Remove and return the notices that wait for or speak of a number, oldest first."""
        taken = [
            notice
            for notice in self._parked
            if order_id in {notice.order_id, notice.orig_order_id, notice.request_id}
        ]
        for notice in taken:
            del self._parked[notice]
        return taken

    def _resolve(self, notice: Notice) -> ClOrdId | None:
        """Return the order that a notice is about, None while a number in it is not known."""
        if notice.request_id is not None and notice.request_id not in self._requests:
            return None
        if notice.cl_ord_id is not None:
            return notice.cl_ord_id
        number = self._orders.get(notice.order_id)
        if number is None and notice.orig_order_id is not None:
            number = self._orders.get(notice.orig_order_id)
        return number

    def _chain(self, notice: Notice, number: ClOrdId) -> None:
        """Link the numbers of a notice that are not linked yet to its order."""
        self._orders.setdefault(notice.order_id, number)
        if notice.orig_order_id is not None:
            self._orders.setdefault(notice.orig_order_id, number)


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


def _number(order: Order) -> ClOrdId:
    return order.cl_ord_id
