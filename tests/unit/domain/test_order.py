"""
The order against the state change matrices of FIX 4.4 Appendix D, and against its own corners.

One difference by design: FIX shows PENDING_CANCEL or PENDING_REPLACE for an order that is full
while a request is open; here it is FILLED at once, since nothing of it can trade any more.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from maemae.domain.errors import InvalidTransitionError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.terms import Side, TimeInForce
from tests.builders import NOON, a_fill, a_report, an_order

E, S = ExecType, OrderStatus
Step = Callable[[Order], Order]
Seen = tuple[OrderStatus, int, int, int]  # status, order_qty, cum_qty, leaves_qty


def cancel(request_id: int = 2) -> Step:
    return lambda order: order.request(Request(ClOrdId(request_id), RequestKind.CANCEL))


def amend(order_qty: int, price: int = 10_000, request_id: int = 2) -> Step:
    request = Request(ClOrdId(request_id), RequestKind.REPLACE, price, order_qty)
    return lambda order: order.request(request)


def told(report: ExecutionReport) -> Step:
    return lambda order: order.apply(report)


def fill(qty: int, exec_id: str, px: int = 10_000) -> Step:
    return told(a_fill(qty, px, exec_id))


def replaced(order_qty: int, request_id: int | None = 2, at: int = NOON) -> Step:
    return told(
        a_report(E.REPLACED, price=10_000, order_qty=order_qty, request_id=request_id, at=at)
    )


def bust(ref: str) -> Step:
    return told(a_report(E.TRADE_CANCEL, ref=ref))


def correct(ref: str, qty: int, px: int = 10_000, at: int = NOON) -> Step:
    return told(a_report(E.TRADE_CORRECT, qty, px, ref=ref, at=at))


ACK, EXPIRED = told(a_report(E.NEW)), told(a_report(E.EXPIRED))
REJECTED = told(a_report(E.REJECTED, order_id=None))
CANCELED, KILLED = told(a_report(E.CANCELED, request_id=2)), told(a_report(E.CANCELED))
TOO_LATE = told(a_report(E.CANCEL_REJECTED, request_id=2))
LOST = told(a_report(E.OUTCOME_UNKNOWN, order_id=None))

MATRICES: dict[str, list[tuple[Step, Seen]]] = {
    "A.1.a filled order": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(20, "F1"), (S.PARTIALLY_FILLED, 100, 20, 80)),
        (fill(10, "F2"), (S.PARTIALLY_FILLED, 100, 30, 70)),
        (fill(70, "F3"), (S.FILLED, 100, 100, 0)),
    ],
    "A.1.b part-filled day order ends with the day": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(20, "F1"), (S.PARTIALLY_FILLED, 100, 20, 80)),
        (EXPIRED, (S.EXPIRED, 100, 20, 0)),
    ],
    "B.1.a cancel of a zero-filled order": [
        (ACK, (S.NEW, 100, 0, 100)),
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (CANCELED, (S.CANCELED, 100, 0, 0)),
    ],
    "B.1.a cancel is rejected": [
        (ACK, (S.NEW, 100, 0, 100)),
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (TOO_LATE, (S.NEW, 100, 0, 100)),
    ],
    "B.1.b fills while the cancel is on its way": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(20, "F1"), (S.PARTIALLY_FILLED, 100, 20, 80)),
        (cancel(), (S.PENDING_CANCEL, 100, 20, 80)),
        (fill(30, "F2"), (S.PENDING_CANCEL, 100, 50, 50)),
        (CANCELED, (S.CANCELED, 100, 50, 0)),
    ],
    "B.1.c filled before the cancel can be accepted": [
        (ACK, (S.NEW, 100, 0, 100)),
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (fill(40, "F1"), (S.PENDING_CANCEL, 100, 40, 60)),
        (fill(60, "F2"), (S.FILLED, 100, 100, 0)),
        (TOO_LATE, (S.FILLED, 100, 100, 0)),
    ],
    "B.1.d cancel of an order that is not acknowledged": [
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (CANCELED, (S.CANCELED, 100, 0, 0)),
    ],
    "B.1.e acknowledgment and cancel cross": [
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (told(a_report(E.NEW, order_id=None)), (S.PENDING_CANCEL, 100, 0, 100)),
        (CANCELED, (S.CANCELED, 100, 0, 0)),
        (ACK, (S.CANCELED, 100, 0, 0)),
    ],
    "house: a cancel that could name no number is void once there is one": [
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (ACK, (S.NEW, 100, 0, 100)),
        (cancel(3), (S.PENDING_CANCEL, 100, 0, 100)),
        (TOO_LATE, (S.PENDING_CANCEL, 100, 0, 100)),
    ],
    "house: a cancel that could name no number is void once a fill names one": [
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (fill(20, "F1"), (S.PARTIALLY_FILLED, 100, 20, 80)),
    ],
    "house: the first number makes no replace void": [
        (amend(120, request_id=2), (S.PENDING_REPLACE, 100, 0, 100)),
        (cancel(3), (S.PENDING_CANCEL, 100, 0, 100)),
        (ACK, (S.PENDING_REPLACE, 100, 0, 100)),
    ],
    "house: a cancel that was sent is open until its own answer": [
        (ACK, (S.NEW, 100, 0, 100)),
        (cancel(2), (S.PENDING_CANCEL, 100, 0, 100)),
        (told(a_report(E.REPLACED, order_id="0000002")), (S.PENDING_CANCEL, 100, 0, 100)),
        (cancel(3), (S.PENDING_CANCEL, 100, 0, 100)),
        (told(a_report(E.CANCEL_REJECTED, request_id=3)), (S.PENDING_CANCEL, 100, 0, 100)),
        (TOO_LATE, (S.NEW, 100, 0, 100)),
    ],
    "B.1.f cancel of an order the broker does not know": [
        (cancel(), (S.PENDING_CANCEL, 100, 0, 100)),
        (TOO_LATE, (S.PENDING_NEW, 100, 0, 100)),
    ],
    "C.1.a zero-filled order is increased": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(110), (S.PENDING_REPLACE, 100, 0, 100)),
        (replaced(110), (S.NEW, 110, 0, 110)),
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 110, 10, 100)),
    ],
    "C.1.b part-filled order is increased, a fill meanwhile": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 100, 10, 90)),
        (amend(120), (S.PENDING_REPLACE, 100, 10, 90)),
        (fill(1, "F2"), (S.PENDING_REPLACE, 100, 11, 89)),
        (replaced(120), (S.PARTIALLY_FILLED, 120, 11, 109)),
        (fill(109, "F3"), (S.FILLED, 120, 120, 0)),
    ],
    "C.1.c filled order is increased": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(120), (S.PENDING_REPLACE, 100, 0, 100)),
        (fill(100, "F1"), (S.PENDING_REPLACE, 100, 100, 0)),  # it may go on: it is not over
        (replaced(120), (S.PARTIALLY_FILLED, 120, 100, 20)),
    ],
    "C.2.a replace is rejected because a fill occurred": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 100, 10, 90)),
        (amend(100, 9_900), (S.PENDING_REPLACE, 100, 10, 90)),
        (fill(90, "F2"), (S.FILLED, 100, 100, 0)),
        (TOO_LATE, (S.FILLED, 100, 100, 0)),
    ],
    "C.3.a decreased to more than is filled": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(80), (S.PENDING_REPLACE, 100, 0, 100)),
        (fill(50, "F1"), (S.PENDING_REPLACE, 100, 50, 50)),
        (replaced(80), (S.PARTIALLY_FILLED, 80, 50, 30)),
        (fill(30, "F2"), (S.FILLED, 80, 80, 0)),
    ],
    "C.3.b decreased to what is filled": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(70), (S.PENDING_REPLACE, 100, 0, 100)),
        (fill(70, "F1"), (S.PENDING_REPLACE, 100, 70, 30)),
        (replaced(70), (S.FILLED, 70, 70, 0)),
    ],
    "C.3.c decreased to less than is filled": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(70), (S.PENDING_REPLACE, 100, 0, 100)),
        (fill(80, "F1"), (S.PENDING_REPLACE, 100, 80, 20)),
        (replaced(80), (S.FILLED, 80, 80, 0)),
    ],
    "D.1.a one replace is accepted, then another": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(80, request_id=2), (S.PENDING_REPLACE, 100, 0, 100)),
        (replaced(80, 2, NOON), (S.NEW, 80, 0, 80)),
        (amend(90, request_id=3), (S.PENDING_REPLACE, 80, 0, 80)),
        (replaced(90, 3, NOON + 1), (S.NEW, 90, 0, 90)),
    ],
    "D.1.b one replace is rejected, then another accepted": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(80, request_id=2), (S.PENDING_REPLACE, 100, 0, 100)),
        (TOO_LATE, (S.NEW, 100, 0, 100)),
        (amend(90, request_id=3), (S.PENDING_REPLACE, 100, 0, 100)),
        (replaced(90, 3), (S.NEW, 90, 0, 90)),
    ],
    "D.2.a two replaces at once, answered one by one": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(80, request_id=2), (S.PENDING_REPLACE, 100, 0, 100)),
        (amend(70, request_id=3), (S.PENDING_REPLACE, 100, 0, 100)),
        (fill(10, "F1"), (S.PENDING_REPLACE, 100, 10, 90)),
        (replaced(80, 2, NOON), (S.PENDING_REPLACE, 80, 10, 70)),
        (replaced(70, 3, NOON + 1), (S.PARTIALLY_FILLED, 70, 10, 60)),
    ],
    "D.2.c two replaces at once, both rejected": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(80, request_id=2), (S.PENDING_REPLACE, 100, 0, 100)),
        (amend(70, request_id=3), (S.PENDING_REPLACE, 100, 0, 100)),
        (TOO_LATE, (S.PENDING_REPLACE, 100, 0, 100)),
        (told(a_report(E.CANCEL_REJECTED, request_id=3)), (S.NEW, 100, 0, 100)),
    ],
    "D.2.d the second is rejected, the first accepted": [
        (ACK, (S.NEW, 100, 0, 100)),
        (amend(80, request_id=2), (S.PENDING_REPLACE, 100, 0, 100)),
        (cancel(3), (S.PENDING_CANCEL, 100, 0, 100)),
        (
            told(a_report(E.CANCEL_REJECTED, request_id=3)),
            (S.PENDING_REPLACE, 100, 0, 100),
        ),
        (replaced(80), (S.NEW, 80, 0, 80)),
    ],
    "E.1.b unsolicited cancel of a part-filled order": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 100, 10, 90)),
        (KILLED, (S.CANCELED, 100, 10, 0)),
    ],
    "E.1.c unsolicited replace of a part-filled order": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 100, 10, 90)),
        (replaced(90, None), (S.PARTIALLY_FILLED, 90, 10, 80)),
    ],
    "F.1.a order is rejected": [(REJECTED, (S.REJECTED, 100, 0, 0))],
    "F.1.a order is taken by the broker and refused by the exchange": [
        (ACK, (S.NEW, 100, 0, 100)),
        (REJECTED, (S.REJECTED, 100, 0, 0)),
    ],
    "I.1.a fill or kill that cannot be filled": [(KILLED, (S.CANCELED, 100, 0, 0))],
    "I.1.b immediate or cancel, filled in part": [
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 100, 10, 90)),
        (KILLED, (S.CANCELED, 100, 10, 0)),
    ],
    "J.1.a filled order, an execution is corrected, then busted": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(30, "F1"), (S.PARTIALLY_FILLED, 100, 30, 70)),
        (fill(70, "F2"), (S.FILLED, 100, 100, 0)),
        (correct("F2", 60), (S.PARTIALLY_FILLED, 100, 90, 10)),
        (bust("F1"), (S.PARTIALLY_FILLED, 100, 60, 40)),
    ],
    "J.1.b canceled order, a bust, then a new execution": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(50, "F1"), (S.PARTIALLY_FILLED, 100, 50, 50)),
        (cancel(), (S.PENDING_CANCEL, 100, 50, 50)),
        (CANCELED, (S.CANCELED, 100, 50, 0)),
        (bust("F1"), (S.CANCELED, 100, 0, 0)),
        (fill(50, "F2"), (S.CANCELED, 100, 50, 0)),
    ],
    "house: the fill overtakes the acknowledgment": [
        (fill(40, "F1"), (S.PARTIALLY_FILLED, 100, 40, 60)),
        (ACK, (S.PARTIALLY_FILLED, 100, 40, 60)),
    ],
    "house: a fill after the rejection is booked": [
        (REJECTED, (S.REJECTED, 100, 0, 0)),
        (fill(40, "F1"), (S.REJECTED, 100, 40, 0)),
        (fill(60, "F2"), (S.FILLED, 100, 100, 0)),
    ],
    "house: doubt ends with the acknowledgment": [
        (LOST, (S.UNKNOWN, 100, 0, 100)),
        (ACK, (S.NEW, 100, 0, 100)),
        (LOST, (S.NEW, 100, 0, 100)),
    ],
    "house: doubt ends with a fill": [
        (LOST, (S.UNKNOWN, 100, 0, 100)),
        (fill(10, "F1"), (S.PARTIALLY_FILLED, 100, 10, 90)),
    ],
    "house: doubt ends with evidence that it never arrived": [
        (LOST, (S.UNKNOWN, 100, 0, 100)),
        (REJECTED, (S.REJECTED, 100, 0, 0)),
        (LOST, (S.REJECTED, 100, 0, 0)),
    ],
    "house: an overfill is recorded": [
        (ACK, (S.NEW, 100, 0, 100)),
        (fill(130, "F1"), (S.FILLED, 100, 130, 0)),
    ],
}


@pytest.mark.parametrize("steps", MATRICES.values(), ids=MATRICES)
def test_order_when_it_lives_through_a_matrix_stands_as_fix_says(
    steps: list[tuple[Step, Seen]],
) -> None:
    order = an_order(time_in_force=TimeInForce.DAY)
    for number, (step, seen) in enumerate(steps, start=1):
        order = step(order)
        found = (order.status, order.order_qty, order.cum_qty, order.leaves_qty)
        assert found == seen, f"step {number}"


def test_order_when_the_same_fill_comes_twice_counts_it_once() -> None:
    order = an_order().apply(a_fill(40)).apply(a_fill(40))
    assert (order.cum_qty, order.notional, len(order.fills)) == (40, 400_000, 1)


def test_order_when_a_busted_fill_is_repeated_counts_nothing() -> None:
    order = bust("F1")(an_order().apply(a_fill(40))).apply(a_fill(40))
    assert (order.cum_qty, order.notional) == (0, 0)


def test_order_when_the_bust_overtakes_its_fill_is_the_same_order() -> None:
    before, after = a_fill(40), a_report(E.TRADE_CANCEL, ref="F1", order_id=None)
    assert an_order().apply(after).apply(before) == an_order().apply(before).apply(after)


def test_order_when_its_number_comes_with_a_bust_keeps_it() -> None:
    order = an_order().apply(a_report(E.TRADE_CANCEL, ref="F1", order_id="0000007"))
    assert order.order_ids == ("0000007",)


def test_order_when_two_corrections_cross_keeps_the_later_one() -> None:
    early, late = correct("F1", 30, at=NOON + 1), correct("F1", 20, at=NOON + 2)
    filled = an_order().apply(a_fill(40))
    assert early(late(filled)) == late(early(filled))
    assert early(late(filled)).cum_qty == 20


def test_order_when_acknowledged_numbers_grow_longer_names_the_newest_last() -> None:
    order = an_order().apply(a_report(order_id="999"))
    order = order.apply(a_report(E.REPLACED, order_id="1000", price=9_900, order_qty=100))
    assert order.order_ids == ("999", "1000")


@pytest.mark.parametrize(
    "report",
    [
        a_report(cl_ord_id=2),
        a_fill(0),
        a_fill(-1),
        a_fill(10, 0),
        a_report(E.TRADE_CANCEL),
        a_report(E.TRADE_CORRECT, 10, ref=None),
        a_report(E.TRADE_CORRECT, -10, ref="F1"),
        a_report(E.TRADE_CORRECT, 10, 0, ref="F1"),
        a_report(E.REPLACED, price=10_000, order_qty=0),
        a_report(E.REPLACED, price=0, order_qty=10),
    ],
    ids=lambda report: f"{report.exec_type} {report.last_qty}x{report.last_px}",
)
def test_order_when_a_report_cannot_be_raises(report: ExecutionReport) -> None:
    with pytest.raises(InvalidTransitionError):
        an_order().apply(report)


def test_order_when_closed_takes_no_request() -> None:
    with pytest.raises(InvalidTransitionError, match="already FILLED"):
        cancel()(an_order().apply(a_fill(100)))


@pytest.mark.parametrize(
    ("request_terms", "reserved"),
    [((100, 10_000), 1_001_000), ((120, 10_000), 1_201_200), ((50, 12_000), 1_001_000)],
    ids=["same", "more", "less but dearer"],
)
def test_buy_when_a_replace_is_open_reserves_the_dearer_terms(
    request_terms: tuple[int, int], reserved: int
) -> None:
    order = an_order(charge_ppm=1_000)
    assert amend(*request_terms)(order).reserved_cash == reserved


def test_buy_when_replaced_reserves_at_its_new_price() -> None:
    order = amend(100, 11_000)(an_order())
    order = order.apply(a_report(E.REPLACED, price=11_000, order_qty=100, request_id=2))
    assert (order.price, order.reserve_px, order.reserved_cash) == (11_000, 11_000, 1_100_000)


def test_sell_when_a_replace_is_open_reserves_the_larger_quantity_and_no_cash() -> None:
    order = amend(120)(an_order(side=Side.SELL))
    assert (order.reserved_qty, order.reserved_cash) == (120, 0)


def test_order_when_closed_reserves_nothing() -> None:
    order = an_order().apply(a_fill(10)).apply(a_report(E.CANCELED))
    assert (order.reserved_qty, order.reserved_cash, order.leaves_qty) == (0, 0, 0)


def test_order_when_overfilled_says_so() -> None:
    assert an_order().apply(a_fill(130)).is_overfilled
    assert not replace(an_order(), cum_qty=100).is_overfilled


@pytest.mark.parametrize("is_newer_first", [False, True])
def test_terms_when_two_replaces_share_a_second_are_those_of_the_newer_number(
    *, is_newer_first: bool
) -> None:
    reports = [
        a_report(E.REPLACED, order_id="0000002", price=10_000, order_qty=100),
        a_report(E.REPLACED, order_id="0000003", price=9_800, order_qty=100),
    ]
    order = an_order(price=9_900).apply(a_report())
    for report in reversed(reports) if is_newer_first else reports:
        order = order.apply(report)

    assert (order.price, order.reserve_px, order.terms_of) == (9_800, 9_800, "0000003")
