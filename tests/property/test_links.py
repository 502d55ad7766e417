"""In whatever order notices and acknowledgments arrive, and again, the core hears the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.order import Request, RequestKind
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.domain.terms import Side
from maemae.trading.links import Links
from tests.builders import ACCOUNT, DAY_1, NOON, SAMSUNG, an_order

E = ExecType


class Answer(NamedTuple):
    """What the broker numbered a request of ours."""

    order_id: OrderId
    request: ClOrdId
    orig: ClOrdId


def a_notice(
    order_id: str,
    exec_type: ExecType,
    exec_id: str,
    qty: int = 0,
    *,
    orig: str | None = None,
    request: str | None = None,
    order_qty: int | None = None,
    ref: str | None = None,
) -> Notice:
    return Notice(
        ACCOUNT,
        OrderId(order_id),
        SAMSUNG,
        Side.BUY,
        exec_type,
        ExecId(exec_id),
        NOON,
        None if orig is None else OrderId(orig),
        None if request is None else OrderId(request),
        last_qty=qty,
        last_px=10_000 if qty else 0,
        price=None if order_qty is None else 9_900,
        order_qty=order_qty,
        exec_ref_id=None if ref is None else ExecId(ref),
    )


# Order 1 is N1, replaced by request 2 to N2 and canceled by request 3, numbered N3. Two of its
# fills are equal in everything but their number. Order 4 is N4.
LIFE: list[Answer | Notice] = [
    Answer(OrderId("N1"), ClOrdId(1), ClOrdId(1)),
    Answer(OrderId("N2"), ClOrdId(2), ClOrdId(1)),
    Answer(OrderId("N3"), ClOrdId(3), ClOrdId(1)),
    Answer(OrderId("N4"), ClOrdId(4), ClOrdId(4)),
    a_notice("N1", E.NEW, "A1"),
    a_notice("N1", E.TRADE, "F1", 10),
    a_notice("N1", E.TRADE, "F2", 10),
    a_notice("N2", E.REPLACED, "R1", orig="N1", request="N2", order_qty=80),
    a_notice("N2", E.TRADE, "F3", 20),
    a_notice("N2", E.TRADE_CANCEL, "B1", ref="F3"),
    a_notice("N2", E.CANCELED, "C1", request="N3"),
    a_notice("N4", E.NEW, "A2"),
    a_notice("N4", E.TRADE, "F4", 100),
]

orders_of_arrival = st.lists(st.sampled_from(LIFE), max_size=12).flatmap(
    lambda again: st.permutations([*LIFE, *again])
)


def hear(links: Links, life: Iterable[Answer | Notice]) -> list[ExecutionReport]:
    """Return the reports that an executor makes of notices and acknowledgments."""
    reports: list[ExecutionReport] = []
    for told in life:
        waiting = [told] if isinstance(told, Notice) else _link(links, told)
        reports += links.translate_all(waiting, 0)
    return reports


def _link(links: Links, answer: Answer) -> list[Notice]:
    if answer.request == answer.orig:
        return links.link(answer.order_id, answer.orig)
    return links.link_request(answer.order_id, answer.request, answer.orig)


EXPECTED = frozenset(hear(Links((), DAY_1), LIFE))


def test_life_has_a_report_for_every_notice() -> None:
    assert len(EXPECTED) == sum(isinstance(told, Notice) for told in LIFE)


@given(orders_of_arrival)
def test_reports_when_everything_arrives_in_any_order_and_again_are_the_same(
    life: list[Answer | Notice],
) -> None:
    links = Links((), DAY_1)

    assert frozenset(hear(links, life)) == EXPECTED
    assert links.parked(-1, 0) == []


def ledger(reports: Iterable[ExecutionReport]) -> list[tuple[int, int, str]]:
    """Return shares, whole quantity and status of both orders."""
    first = an_order(100, cl_ord_id=1)
    first = first.request(Request(ClOrdId(2), RequestKind.REPLACE, 9_900, 80))
    first = first.request(Request(ClOrdId(3), RequestKind.CANCEL))
    orders = {1: first, 4: an_order(100, cl_ord_id=4)}
    for report in reports:
        orders[report.cl_ord_id] = orders[report.cl_ord_id].apply(report)
    assert not any(order.requests for order in orders.values())
    return [(order.cum_qty, order.order_qty, order.status) for order in orders.values()]


@given(orders_of_arrival)
def test_orders_when_everything_arrives_in_any_order_and_again_end_as_at_the_broker(
    life: list[Answer | Notice],
) -> None:
    assert ledger(hear(Links((), DAY_1), life)) == [(20, 80, "CANCELED"), (100, 100, "FILLED")]


def forget_what_is_early(life: list[Answer | Notice]) -> list[ExecutionReport]:
    """Drop what cannot be linked yet."""
    links = Links((), DAY_1)
    reports = []
    for told in life:
        if isinstance(told, Answer):
            _link(links, told)
        elif (report := links.translate(told, 0)) is not None:
            reports.append(report)
    return reports


def merge_what_looks_alike(life: list[Answer | Notice]) -> list[ExecutionReport]:
    """Take fills of one order, quantity, price and time for one fill."""
    return list(
        {
            (report.cl_ord_id, report.exec_type, report.last_qty, report.last_px, report.at): report
            for report in hear(Links((), DAY_1), life)
        }.values()
    )


def count_every_time(life: list[Answer | Notice]) -> list[ExecutionReport]:
    """Give every arrival a number of its own."""
    return [
        report
        if report.exec_type is not E.TRADE
        else _renumbered(report, ExecId(f"{report.exec_id}-{place}"))
        for place, report in enumerate(hear(Links((), DAY_1), life))
    ]


def _renumbered(report: ExecutionReport, exec_id: ExecId) -> ExecutionReport:
    return ExecutionReport(
        report.cl_ord_id,
        exec_id,
        report.exec_type,
        report.at,
        report.order_id,
        report.last_qty,
        report.last_px,
    )


@pytest.mark.parametrize("mutant", [forget_what_is_early, merge_what_looks_alike, count_every_time])
def test_checker_when_notices_are_taken_naively_finds_a_fault(
    mutant: Callable[[list[Answer | Notice]], list[ExecutionReport]],
) -> None:
    right = ledger(hear(Links((), DAY_1), LIFE))

    assert find(
        orders_of_arrival,
        lambda life: _ends(mutant(life)) != right,
        settings=settings(max_examples=4_000, database=None, phases=[Phase.generate]),
    )


def _ends(reports: list[ExecutionReport]) -> list[tuple[int, int, str]] | None:
    try:
        return ledger(reports)
    except AssertionError:
        return None
