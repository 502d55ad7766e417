"""From actions to rows: the book after a turn says what they show."""

from __future__ import annotations

from maemae.core.events import Event, SessionStarted
from maemae.core.machine import TradingCore
from maemae.domain.ids import ClOrdId, ExecId
from maemae.domain.instant import DAY
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.terms import Side
from maemae.ports import Entry
from maemae.storage.projection import Changes, Projection
from tests.builders import DAY_2, NOON, a_core, a_fill, a_report, an_intent


def entries(core: TradingCore, *events: Event) -> list[Entry]:
    return [Entry(seq, event, core.handle(event)) for seq, event in enumerate(events, 100)]


def test_order_when_it_ends_just_before_a_new_session_is_shown_as_it_ended() -> None:
    core = a_core(an_intent(), a_report())
    projection = Projection(1, core.state)

    turn = entries(
        core,
        a_fill(4, 10_000, "F1"),
        a_report(ExecType.EXPIRED, exec_id="E1"),
        SessionStarted(DAY_2, NOON + DAY),
    )
    rows = projection.changes(turn, core.state)

    assert not core.state.orders
    (order,) = rows.orders.values()
    assert order["status"] == OrderStatus.EXPIRED
    (execution,) = rows.executions.values()
    assert (execution["qty"], execution["px"]) == (4, 10_000)


def test_order_when_sent_and_ended_in_the_turn_of_a_new_session_is_shown() -> None:
    core = a_core()
    projection = Projection(1, core.state)

    turn = entries(
        core, an_intent(), a_report(ExecType.REJECTED), SessionStarted(DAY_2, NOON + DAY)
    )

    (row,) = projection.changes(turn, core.state).orders.values()
    assert row["status"] == OrderStatus.REJECTED


def test_charges_of_a_fill_when_changed_twice_in_a_transaction_add_up() -> None:
    first, later = Changes(), Changes()
    row = {"qty": 10, "commission": 15, "tax": 0, "realized": -15}
    busted = {"qty": 0, "commission": -15, "tax": 0, "realized": 15}
    first.executions = {(ClOrdId(1), ExecId("F1")): dict(row)}
    later.executions = {(ClOrdId(1), ExecId("F1")): dict(busted)}

    first.add(later)

    assert first.executions == {
        (ClOrdId(1), ExecId("F1")): {"qty": 0, "commission": 0, "tax": 0, "realized": 0}
    }


def test_position_when_sold_out_is_no_row() -> None:
    core = a_core(an_intent(), a_report(), a_fill(10))
    projection = Projection(1, core.state)

    turn = entries(
        core,
        an_intent(side=Side.SELL, intent_id="wish-2"),
        a_report(cl_ord_id=2, order_id="0000002"),
        a_fill(10, 10_000, "F2", 2),
    )

    (row,) = projection.changes(turn, core.state).positions.values()
    assert row is None
