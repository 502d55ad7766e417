"""However often and in whatever order the reports of an order arrive, one order comes out."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maemae.core.events import Event
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import CLOSED, ExecType
from tests.builders import NOON, a_fill, a_report, an_order

E = ExecType
ENDINGS = (E.CANCELED, E.EXPIRED, E.REJECTED)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Order, list[ExecutionReport]]:
    """Draw an order with its open requests, and a set of reports that could be of one life."""
    order = an_order(100, charge_ppm=150)
    reports: list[ExecutionReport] = draw(
        st.lists(
            st.sampled_from(
                [a_report(), a_report(order_id=None), a_report(E.OUTCOME_UNKNOWN, order_id=None)]
            )
        )
    )
    for number in range(2, 2 + draw(st.integers(0, 4))):
        order, answer = draw(_requests(order, number))
        reports += answer
    for number, qty in enumerate(draw(st.lists(st.integers(1, 60), max_size=5))):
        reports.append(a_fill(qty, 9_990 + number, f"F{number}", at=NOON + number))
        reports += draw(_revisions(f"F{number}"))
    reports += [a_report(ending) for ending in draw(st.lists(st.sampled_from(ENDINGS)))]
    return order, reports


@st.composite
def _requests(draw: st.DrawFn, order: Order, number: int) -> tuple[Order, list[ExecutionReport]]:
    named = draw(st.sampled_from(["0000001", None]))
    rejected = a_report(E.CANCEL_REJECTED, request_id=number, order_id=named)
    if draw(st.booleans()):
        order = order.request(Request(ClOrdId(number), RequestKind.CANCEL))
        done = a_report(E.CANCELED, request_id=number)
    else:
        qty, price = draw(st.integers(1, 200)), draw(st.sampled_from([9_900, 10_000, 10_100]))
        order = order.request(Request(ClOrdId(number), RequestKind.REPLACE, price, qty))
        at, order_id = NOON + draw(st.integers(0, 3)), f"{number:07d}"
        done = a_report(
            E.REPLACED, price=price, order_qty=qty, request_id=number, at=at, order_id=order_id
        )
    return order, draw(st.sampled_from([[], [done], [rejected]]))


@st.composite
def _revisions(draw: st.DrawFn, ref: str) -> list[ExecutionReport]:
    corrected = st.builds(
        lambda qty, px, after: a_report(E.TRADE_CORRECT, qty, px, ref=ref, at=NOON + after),
        st.integers(1, 60),
        st.integers(9_000, 11_000),
        st.integers(1, 4),
    )
    busted = st.builds(
        lambda after: a_report(E.TRADE_CANCEL, ref=ref, at=NOON + after), st.integers(1, 4)
    )
    return draw(st.lists(corrected | busted, max_size=3))


@given(lives(), st.data())
def test_order_when_reports_come_in_any_order_and_again_is_one_order(
    life: tuple[Order, list[ExecutionReport]], data: st.DataObject
) -> None:
    order, reports = life
    again = data.draw(st.lists(st.sampled_from(reports))) if reports else []
    shuffled = data.draw(st.permutations([*reports, *again]))
    one, other = order, order
    for report in reports:
        one = one.apply(report)
    for report in shuffled:
        other = other.apply(report)
        _check(other)
    assert one == other


def _check(order: Order) -> None:
    assert order.cum_qty == sum(fill.qty for fill in order.fills) >= 0
    assert order.notional == sum(fill.qty * fill.px for fill in order.fills)
    asked = max([order.order_qty, *(request.order_qty for request in order.requests)])
    assert (order.cum_qty >= asked) == (order.status == "FILLED")
    assert order.is_closed == (order.status in CLOSED)
    if order.is_closed:
        assert (order.leaves_qty, order.reserved_qty, order.reserved_cash) == (0, 0, 0)
    else:
        # Filled on its old terms, an order may still go on by a replace that is open.
        assert order.leaves_qty == max(0, order.order_qty - order.cum_qty)
        assert order.leaves_qty > 0 or asked > order.order_qty
        assert order.reserved_qty >= order.leaves_qty
        assert order.reserved_cash >= order.leaves_qty * order.reserve_px


@given(lives())
def test_reports_when_written_as_events_are_read_back(
    life: tuple[Order, list[ExecutionReport]],
) -> None:
    decoder = msgspec.json.Decoder(Event)
    for report in life[1]:
        assert decoder.decode(msgspec.json.encode(report)) == report
