"""The records of an order are found without looking at any record twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from maemae.core.actions import Action, OrderReported
from maemae.domain.ids import ClOrdId
from maemae.ports import Entry
from maemae.storage.order_records import SESSIONS, OrderRecords
from tests.builders import DAY_1, NOON, a_report

A, B = ClOrdId(1), ClOrdId(2)


class Journal:
    """
    A journal of one session.

    Attributes:
        looked_at: Numbers of the records that were read, as often as they were.
    """

    def __init__(self, *orders: tuple[ClOrdId, ...]) -> None:
        self.entries = [
            Entry(seq, a_report(), tuple(map(_about, about))) for seq, about in enumerate(orders, 1)
        ]
        self.looked_at: list[int] = []

    def read(self, _since: date, after: int, upto: int) -> Iterator[Entry]:
        for entry in self.entries:
            if after < entry.seq <= upto:
                self.looked_at.append(entry.seq)
                yield entry


def _about(number: ClOrdId) -> Action:
    return OrderReported(a_report(cl_ord_id=number), NOON)


def test_records_of_an_order_are_those_that_tell_of_it_once_each() -> None:
    records = OrderRecords(Journal((A,), (B,), (A, B, A), (), (A,)).read)

    assert records.of(A, DAY_1, 5) == (1, 3, 5)
    assert records.of(B, DAY_1, 5) == (2, 3)
    assert records.of(ClOrdId(3), DAY_1, 5) == ()


def test_record_is_looked_at_once_however_many_orders_are_asked_about() -> None:
    journal = Journal(*[(ClOrdId(number),) for number in range(1, 101)])
    records = OrderRecords(journal.read)

    for number in range(1, 101):
        assert records.of(ClOrdId(number), DAY_1, number) == (number,)

    assert journal.looked_at == list(range(1, 101))


def test_records_when_the_newest_was_seen_are_cut_at_the_one_that_is_asked_for() -> None:
    records = OrderRecords(Journal((A,), (A,), (A,)).read)
    records.of(A, DAY_1, 3)

    assert records.of(A, DAY_1, 2) == (1, 2)


def test_records_when_too_many_sessions_were_asked_about_forget_the_oldest() -> None:
    journal = Journal((A,))
    records = OrderRecords(journal.read)

    for days in range(SESSIONS + 1):
        records.of(A, DAY_1 + timedelta(days), 1)
    records.of(A, DAY_1 + timedelta(SESSIONS), 1)
    assert len(journal.looked_at) == SESSIONS + 1

    assert records.of(A, DAY_1, 1) == (1,)
    assert len(journal.looked_at) == SESSIONS + 2
