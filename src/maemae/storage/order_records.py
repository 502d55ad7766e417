"""
Which records of the journal tell of an order, so that its life is read without its whole day.

Whoever reads keeps it in memory, a session at a time, and goes on from where it was when the next
order is asked about: a record is looked at once, however many orders of however busy a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from threading import Lock
from typing import Final

from maemae.core.actions import (
    Action,
    AlarmRaised,
    CancelOrder,
    FillBooked,
    OrderAdopted,
    OrderReported,
    ReplaceOrder,
    SharesFreed,
    SubmitOrder,
)
from maemae.domain.ids import ClOrdId
from maemae.ports import Entry

SESSIONS: Final = 3
"""Sessions that are kept; the one that was asked about longest ago goes."""

ReadRecords = Callable[[date, int, int], Iterable[Entry]]
"""
Yields the records of a session and of later ones, in order.

It is told the session, and between which numbers: after the first, up to the second.
"""


class OrderRecords:
    """
    Finds the records of orders; safe to ask from any thread.

    Args:
        read: Reads the journal.
    """

    def __init__(self, read: ReadRecords) -> None:
        self._read = read
        self._lock = Lock()
        self._sessions: dict[date, _Session] = {}

    def of(self, cl_ord_id: ClOrdId, sent_on: date, last_seq: int) -> Sequence[int]:
        """
        Return the numbers of the records that tell of an order, oldest first.

        Args:
            cl_ord_id: Our number of it.
            sent_on: Session in which it was sent.
            last_seq: Record that last changed it.
        """
        with self._lock:
            session = self._sessions.pop(sent_on, None) or _Session()
            self._sessions[sent_on] = session  # the newest is the last
            if len(self._sessions) > SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            if last_seq > session.upto:
                for entry in self._read(sent_on, session.upto, last_seq):
                    session.take(entry)
                session.upto = last_seq
            return tuple(seq for seq in session.records.get(cl_ord_id, ()) if seq <= last_seq)


class _Session:
    """
    What was read of a session.

    Attributes:
        upto: Number of the last record that was looked at.
        records: Numbers of records by the order that they tell of.
    """

    def __init__(self) -> None:
        self.upto = 0
        self.records: dict[ClOrdId, list[int]] = {}

    def take(self, entry: Entry) -> None:
        """Look at the next record."""
        for number in {order_of(action) for action in entry.actions}:
            if number is not None:
                self.records.setdefault(number, []).append(entry.seq)
        self.upto = entry.seq


def order_of(action: Action) -> ClOrdId | None:
    """Return the order that an action is about; None if it is about none."""
    match action:
        case SubmitOrder() | OrderAdopted():
            return action.order.cl_ord_id
        case CancelOrder() | ReplaceOrder():
            return action.orig_cl_ord_id
        case OrderReported():
            return action.report.cl_ord_id
        case FillBooked() | SharesFreed() | AlarmRaised():
            return action.cl_ord_id
        case _:
            return None
