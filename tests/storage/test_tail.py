"""What the journal tells of orders is the same for everybody, from wherever one reads on."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maemae.core.actions import KillChanged, SessionOpened, SleeveLimited, TradingStateChanged
from maemae.core.events import KillLevel, KillSet, LimitsSet, SessionStarted, TradingStateSet
from maemae.core.limits import Limits
from maemae.domain.errors import JournalCorruptError
from maemae.domain.ids import ClOrdId
from maemae.domain.intent import CancelIntent
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.terms import Side, TradingState
from maemae.storage.store import SqlStore
from maemae.storage.tail import Executed, OrderChanged, TailRecord, find_tail, read_head
from tests.builders import (
    ACCOUNT,
    DAY_2,
    NOON,
    SLEEVE,
    a_fill,
    a_report,
    an_intent,
    opening,
)
from tests.storage.databases import WAIT, Desk, a_round, trade


def told(store: SqlStore, after: int = 0, most: int = 1_000) -> list[TailRecord]:
    """Return everything that is told after a record, read in pieces."""
    with store.database.reading.connect() as connection:
        with connection.begin():
            tail = find_tail(connection, store.executor_id, after)
        assert tail is not None
        records = []
        while True:
            with connection.begin():
                piece = tail.read(connection, most)
            records += piece
            if len(piece) < most:
                return records


def orders_told(records: list[TailRecord]) -> list[OrderChanged]:
    events = [event for record in records for event in record.events]
    return [event for event in events if isinstance(event, OrderChanged)]


def test_order_is_told_at_every_change_of_its_state(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    for event in a_round(1):
        desk.tell(event)

    changes = [event.order for event in orders_told(told(store))]

    assert [(order.status, order.cum_qty, order.leaves_qty) for order in changes] == [
        (OrderStatus.PENDING_NEW, 0, 10),
        (OrderStatus.NEW, 0, 10),
        (OrderStatus.PARTIALLY_FILLED, 4, 6),
        (OrderStatus.FILLED, 10, 0),
    ]
    assert [order.order_id for order in changes] == [None, *["0000001"] * 3]


def test_last_word_on_every_order_and_fill_is_what_the_tables_show(store: SqlStore) -> None:
    desk = Desk(store)
    trade(desk, 3)
    bust = a_report(ExecType.TRADE_CANCEL, cl_ord_id=3, ref="F3-2", at=NOON + 9)
    desk.tell(bust, command_id=None)
    desk.tell(an_intent(price=9_000, intent_id="rests"))
    desk.tell(CancelIntent(ClOrdId(desk.state.last_cl_ord_id), NOON))

    last = {event.order.cl_ord_id: event.order for event in orders_told(told(store))}
    fills: dict[tuple[int, str], Executed] = {}
    for record in told(store):
        for event in record.events:
            if isinstance(event, Executed):
                fill = event.execution
                before = fills.get((fill.cl_ord_id, fill.exec_id))
                fills[fill.cl_ord_id, fill.exec_id] = (
                    event if before is None else added(before, event)
                )

    (day,) = {order.session_date for order in last.values()}
    assert list(last.values()) == store.queries.orders(day)
    shown = {(fill.cl_ord_id, fill.exec_id): fill for fill in store.queries.executions(day)}
    assert {key: fill.execution for key, fill in fills.items()} == shown
    assert OrderStatus.PENDING_CANCEL in {order.status for order in last.values()}


def added(before: Executed, after: Executed) -> Executed:
    """Return a fill with the charges of both bookings, as a listener keeps it."""
    sums = {
        name: getattr(before.execution, name) + getattr(after.execution, name)
        for name in ("commission", "tax", "realized")
    }
    kept = {"at": before.execution.at, "order_id": before.execution.order_id}
    return msgspec.structs.replace(
        after, execution=msgspec.structs.replace(after.execution, **sums, **kept)
    )


def test_words_of_the_broker_are_told_with_the_order(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    desk.tell(an_intent())
    desk.tell(msgspec.structs.replace(a_report(ExecType.REJECTED), text="증거금 부족"))

    (_, rejected) = orders_told(told(store))

    assert (rejected.order.status, rejected.text) == (OrderStatus.REJECTED, "증거금 부족")


def test_trading_kill_switch_limits_and_sessions_are_told(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    since = desk.seq
    desk.tell(TradingStateSet(TradingState.REDUCING, "kim: lunch", NOON))
    desk.tell(KillSet(KillLevel.STOP_NEW, "kim: fire", NOON))
    desk.tell(LimitsSet(ACCOUNT, SLEEVE, Limits(max_orders_per_sec=1), NOON))
    desk.tell(SessionStarted(DAY_2, NOON + 86_400 * 10**9))

    events = [event for record in told(store, since) for event in record.events]

    assert [type(event) for event in events] == [
        TradingStateChanged,
        KillChanged,
        SleeveLimited,
        SessionOpened,
    ]


def test_record_without_anything_to_tell_is_a_place_all_the_same(store: SqlStore) -> None:
    desk = Desk(store)
    trade(desk, 1)

    records = told(store)

    with store.database.reading.connect() as connection:
        head = read_head(connection, store.executor_id)
    assert records[-1].seq == head == desk.seq


@given(data=st.data())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_tail_from_any_place_tells_the_rest_and_nothing_twice(
    data: st.DataObject, filled: SqlStore
) -> None:
    whole = told(filled)
    after = data.draw(st.integers(0, whole[-1].seq), label="after")
    most = data.draw(st.integers(1, 20), label="most")

    assert told(filled, after, most) == [record for record in whole if record.seq > after]


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    """Return a store with orders of two sessions and two snapshots."""
    desk = Desk(store)
    trade(desk, 3)
    store.snapshot(desk.state, desk.seq).result(WAIT)
    desk.seq += 17  # ticks: they are on the tape
    desk.tell(an_intent(price=9_000, intent_id="rests"))
    desk.tell(SessionStarted(DAY_2, NOON + 86_400 * 10**9))
    desk.tell(a_fill(3, 9_000, "late", desk.state.last_cl_ord_id, NOON + 86_401 * 10**9))
    store.snapshot(desk.state, desk.seq).result(WAIT)
    desk.tell(an_intent(Side.SELL, 3, intent_id="more", at=NOON + 86_402 * 10**9))
    return store


def test_tail_of_a_place_ahead_is_none(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())

    with store.database.reading.connect() as connection:
        assert find_tail(connection, store.executor_id, desk.seq) is not None
        assert find_tail(connection, store.executor_id, desk.seq + 1) is None
        assert find_tail(connection, store.executor_id, -1) is None


def test_tail_when_the_journal_becomes_another_one_says_so(store: SqlStore) -> None:
    desk = Desk(store)
    trade(desk, 1)
    with store.database.reading.connect() as connection:
        with connection.begin():
            tail = find_tail(connection, store.executor_id, 0)
            assert tail is not None
            assert tail.read(connection)
        with store.database.writing.begin() as writing:
            writing.exec_driver_sql("UPDATE journal SET hash = event")
        with connection.begin(), pytest.raises(JournalCorruptError, match="another one"):
            tail.read(connection)
