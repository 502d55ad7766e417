"""What a turn makes durable: requests that may leave, requests that are answered, alerts."""

from __future__ import annotations

import pytest

from maemae.core.actions import CancelOrder, ReplaceOrder, SubmitOrder
from maemae.core.events import Event, KillLevel, KillSet
from maemae.core.machine import TradingCore
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId
from maemae.domain.intent import CancelIntent, ReplaceIntent
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from maemae.ports import Entry, Lane, OutboxRow, Turn
from maemae.trading.outbox import Parcel
from maemae.trading.turn import Expiry, compose, fingerprint, stated_fingerprint, withdrawn
from tests.builders import NOON, a_core, a_fill, a_report, an_intent, an_order, hold
from tests.stated_rows import stated

EPOCH, WALL = 7, 123
EXPIRY = Expiry(new=30, reduce=300, cancel=3_000)
E = ExecType


def turn_of(core: TradingCore, *events: Event) -> tuple[Turn, list[Parcel]]:
    entries = [Entry(seq, event, core.handle(event)) for seq, event in enumerate(events)]
    return compose(entries, core.state, EPOCH, EXPIRY, WALL)


def settled_by(*reports: ExecutionReport, core: TradingCore | None = None) -> list[int]:
    turn, _ = turn_of(a_core(an_intent(price=10_000)) if core is None else core, *reports)
    return list(turn.settled)


def test_new_order_leaves_in_its_lane_until_its_expiry() -> None:
    core = a_core()

    turn, parcels = turn_of(core, an_intent(price=10_000))

    order = core.state.orders[ClOrdId(1)]
    row = OutboxRow(ClOrdId(1), ClOrdId(1), Lane.NEW, fingerprint(order), EPOCH, NOON + 30, NOON)
    assert turn.outbox == (row,)
    assert parcels == [Parcel(row, order, SubmitOrder(order))]
    assert len(turn.entries) == 1


def test_exit_leaves_before_new_orders_and_may_wait_longer() -> None:
    core = a_core()
    hold(core)

    turn, _ = turn_of(core, an_intent(Side.SELL, intent_id="out"))

    assert [(row.lane, row.expires_at) for row in turn.outbox] == [(Lane.REDUCE, NOON + 300)]


def test_cancel_and_replace_name_their_own_number_and_the_order_s() -> None:
    core = a_core(an_intent(price=10_000), a_report())

    turn, parcels = turn_of(
        core, ReplaceIntent(ClOrdId(1), 9_900, 10, NOON), CancelIntent(ClOrdId(1), NOON)
    )

    named = [(row.cl_ord_id, row.orig_cl_ord_id, row.lane) for row in turn.outbox]
    assert named == [(2, 1, Lane.NEW), (3, 1, Lane.CANCEL)]
    assert [type(parcel.request) for parcel in parcels] == [ReplaceOrder, CancelOrder]
    assert {parcel.order for parcel in parcels} == {core.state.orders[ClOrdId(1)]}
    assert [row.expires_at for row in turn.outbox] == [NOON + 30, NOON + 3_000]


def test_order_when_the_same_turn_closes_it_does_not_leave() -> None:
    turn, parcels = turn_of(a_core(), an_intent(price=10_000), a_report(E.EXPIRED, order_id=None))

    assert turn.outbox == ()
    assert parcels == []


def test_cancel_when_the_same_turn_brings_the_last_fill_does_not_leave() -> None:
    core = a_core(an_intent(price=10_000), a_report())

    turn, _ = turn_of(core, CancelIntent(ClOrdId(1), NOON), a_fill(10))

    assert turn.outbox == ()


def test_replace_when_the_same_turn_answers_it_does_not_leave() -> None:
    core = a_core(an_intent(price=10_000), a_report())
    answer = a_report(E.CANCEL_REJECTED, request_id=2)

    turn, _ = turn_of(core, ReplaceIntent(ClOrdId(1), 9_900, 10, NOON), answer)

    assert turn.outbox == ()
    assert list(turn.settled) == [2]


def test_cancel_when_the_order_has_no_number_does_not_leave_and_withdraws_it() -> None:
    core = a_core()

    turn, _ = turn_of(core, an_intent(price=10_000), CancelIntent(ClOrdId(1), NOON))

    actions = [action for entry in turn.entries for action in entry.actions]
    assert [row.cl_ord_id for row in turn.outbox] == [1]
    assert withdrawn(actions) == {1}


def test_cancel_when_the_number_comes_leaves() -> None:
    core = a_core(an_intent(price=10_000), CancelIntent(ClOrdId(1), NOON))

    turn, _ = turn_of(core, a_report())

    actions = [action for entry in turn.entries for action in entry.actions]
    assert [(row.cl_ord_id, row.lane) for row in turn.outbox] == [(3, Lane.CANCEL)]
    assert withdrawn(actions) == frozenset()


@pytest.mark.parametrize(
    "report",
    [
        a_report(),
        a_report(E.REJECTED),
        a_report(E.EXPIRED),
        a_report(E.CANCELED),
        a_fill(10),
        a_fill(4),
    ],
    ids=lambda report: report.exec_type,
)
def test_order_is_settled_by_whatever_proves_its_outcome(report: ExecutionReport) -> None:
    assert settled_by(report) == [1]


@pytest.mark.parametrize(
    "report",
    [
        a_report(E.OUTCOME_UNKNOWN, order_id=None),
        a_report(E.CANCEL_REJECTED, order_id=None),
    ],
    ids=lambda report: report.exec_type,
)
def test_order_is_not_settled_by_what_proves_nothing(report: ExecutionReport) -> None:
    assert settled_by(report) == []


@pytest.mark.parametrize(
    ("report", "settled"),
    [
        (a_report(E.CANCELED, request_id=2), [2, 1]),
        (a_report(E.CANCEL_REJECTED, request_id=2), [2]),
        (a_report(E.OUTCOME_UNKNOWN, request_id=2), []),
        (a_report(E.CANCELED), [1, 2]),
        (a_fill(10), [1, 2]),
        (a_fill(4), [1]),
    ],
)
def test_cancel_is_settled_by_its_answer_or_the_end_of_the_order(
    report: ExecutionReport, settled: list[int]
) -> None:
    core = a_core(an_intent(price=10_000), a_report(), CancelIntent(ClOrdId(1), NOON))

    assert settled_by(report, core=core) == settled


def test_replace_is_settled_by_its_answer_alone() -> None:
    core = a_core(an_intent(price=10_000), a_report(), ReplaceIntent(ClOrdId(1), 9_900, 10, NOON))
    replaced = a_report(E.REPLACED, price=9_900, order_qty=10, request_id=2, order_id="0000002")

    assert settled_by(a_report(E.CANCELED), core=core) == [1]
    assert settled_by(replaced, core=core) == [2, 1]


def test_turn_tells_people_what_they_must_look_at() -> None:
    core = a_core(an_intent(price=10_000))

    turn, _ = turn_of(core, a_report(E.OUTCOME_UNKNOWN, order_id=None))

    assert [(alert.code, alert.subject, alert.at) for alert in turn.alerts] == [
        ("OUTCOME_UNKNOWN", "1", WALL)
    ]


def test_turn_when_the_kill_switch_is_pressed_cancels_and_tells() -> None:
    core = a_core(an_intent(price=10_000), a_report())

    turn, _ = turn_of(core, KillSet(KillLevel.CANCEL_ALL, "시험", NOON))

    assert [row.lane for row in turn.outbox] == [Lane.CANCEL]
    assert [alert.code for alert in turn.alerts] == ["KILL_SWITCH"]


OTHER_TERMS = [
    an_order(101),
    an_order(price=10_010),
    an_order(price=None),
    an_order(side=Side.SELL),
]


@pytest.mark.parametrize("other", OTHER_TERMS)
def test_fingerprint_tells_other_terms_apart(other: Order) -> None:
    assert fingerprint(other) != fingerprint(an_order())


@pytest.mark.parametrize("order", [*OTHER_TERMS, an_order()])
def test_fingerprint_of_a_row_is_that_of_its_order_whatever_has_filled(order: Order) -> None:
    assert stated_fingerprint(stated(order=order, cum_qty=7)) == fingerprint(order)
    assert fingerprint(order.apply(a_fill(7))) == fingerprint(order)
