"""The journal tells of a command, an order and a day of refusals; runs are kept with their end."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.core.actions import FillBooked, OrderReported, SubmitOrder
from maemae.domain.errors import StorageError
from maemae.domain.ids import AccountId, ClOrdId
from maemae.domain.instant import MINUTE
from maemae.domain.order_status import OrderStatus
from maemae.domain.refusal import Reason
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.storage.inbox import PostedCommand, TakenCommand
from maemae.storage.queries import OrderFilter
from maemae.storage.reading import open_executor_reading
from maemae.storage.store import SqlStore
from maemae.storage.tables.metadata import Progress
from maemae.strategy.run import Run
from tests.builders import (
    ACCOUNT,
    DAY_1,
    NOON,
    OTHER_SLEEVE,
    SLEEVE,
    a_fill,
    a_report,
    an_intent,
    open_sleeve,
    opening,
)
from tests.storage.databases import OWNER, Desk, open_here, sqlite_url, trade

RUN = Run("run-1", "golden_cross", {"fast": 5, "slow": 20.5}, "abc", ACCOUNT, SLEEVE, 1_000, NOON)


def traded(store: SqlStore) -> Desk:
    """Return a desk after one order that was filled and one wish that was refused."""
    desk = Desk(store)
    desk.tell(*opening(sleeves=(SLEEVE, OTHER_SLEEVE)))
    desk.tell(an_intent(), command_id="place-1")
    desk.tell(a_report(), a_fill(10))
    desk.tell(an_intent(size=100_000, intent_id="too much"))
    desk.tell(an_intent(size=200_000, intent_id="far too much"))
    desk.tell(an_intent(size=100_000, intent_id="elsewhere", sleeve_id=OTHER_SLEEVE))
    return desk


def test_command_that_was_taken_in_is_found_with_what_followed(store: SqlStore) -> None:
    traded(store)

    entry = store.history.command("place-1")

    assert entry is not None
    assert entry.event == an_intent()
    assert any(isinstance(action, SubmitOrder) for action in entry.actions)
    assert store.history.command("place-2") is None


def test_order_is_told_from_its_begin_to_its_end(store: SqlStore) -> None:
    traded(store)
    shown = store.queries.find_order(ACCOUNT, ClOrdId(1))
    assert shown is not None
    assert shown.status is OrderStatus.FILLED

    steps = store.history.order(ClOrdId(1), shown.session_date, shown.seq)

    kinds = [type(step.action) for step in steps]
    assert kinds == [SubmitOrder, OrderReported, OrderReported, FillBooked]
    assert steps[0].command_id == "place-1"


def test_orders_asked_about_while_others_follow_are_told_whole(store: SqlStore) -> None:
    desk = Desk(store)
    for first in range(1, 10, 3):
        trade(desk, 3, first)
        for number in map(ClOrdId, range(1, first + 3)):
            shown = store.queries.find_order(ACCOUNT, number)
            assert shown is not None

            steps = store.history.order(number, shown.session_date, shown.seq)

            kinds = [type(step.action) for step in steps]
            filled = [OrderReported, FillBooked]
            assert kinds == [SubmitOrder, OrderReported, *filled, *filled]


def test_refusals_of_a_day_are_counted_by_reason_for_one_sleeve(store: SqlStore) -> None:
    traded(store)

    told = {each.reason: each for each in store.history.refusals(ACCOUNT, SLEEVE, DAY_1)}

    cash = told[Reason.NOT_ENOUGH_CASH]
    assert cash.times == 2
    assert cash.last.actual == 200_000 * 13_000
    assert store.history.refusals(ACCOUNT, OTHER_SLEEVE, DAY_1)[0].times == 1


def test_orders_come_by_page_newest_first(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    for number in range(5):
        desk.tell(an_intent(size=number + 1, intent_id=f"w{number}"))

    first = store.queries.orders_of(ACCOUNT, OrderFilter(limit=2))
    second = store.queries.orders_of(ACCOUNT, OrderFilter(limit=9, before=first[-1].cl_ord_id))

    assert [order.cl_ord_id for order in (*first, *second)] == [5, 4, 3, 2, 1]
    assert store.queries.orders_of(ACCOUNT, OrderFilter(is_open_only=True, limit=9))
    assert not store.queries.orders_of(AccountId("B-2"), OrderFilter())


def test_another_process_reads_while_the_writer_lives(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with open_here(url) as store:
        traded(store)

        with open_executor_reading(url, OWNER, Mode.SIM) as reading:
            assert reading.queries.find_order(ACCOUNT, ClOrdId(1)) is not None
            assert reading.history.command("place-1") is not None
            assert [each.realized for each in reading.queries.performance(ACCOUNT, DAY_1, DAY_1)]

        with pytest.raises(StorageError, match="no PAPER"):
            open_executor_reading(url, OWNER, Mode.PAPER)


def test_reading_of_what_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="started"):
        open_executor_reading(sqlite_url(tmp_path), OWNER, Mode.SIM)

    assert list(tmp_path.iterdir()) == []


def test_run_is_kept_with_its_pause_and_its_end(url: str) -> None:
    with open_here(url) as store:
        Desk(store).tell(open_sleeve())
        store.runs.begin(RUN)
        store.runs.begin(RUN)
        store.runs.pause("run-1", NOON + 1, "lunch")

    with open_here(url) as store:
        (run,) = store.runs.newest()
        assert (run.spec, run.values, run.paused_at) == (RUN.spec, RUN.values, NOON + 1)
        store.runs.pause("run-1", None, None)
        store.runs.end("run-1", NOON + MINUTE, "enough")
        store.runs.end("run-1", NOON + 2 * MINUTE, "again")
        (run,) = store.runs.newest()

    assert (run.paused_at, run.ended_at, run.end_reason) == (None, NOON + MINUTE, "enough")


def test_newest_run_of_a_sleeve_is_the_last_that_began(store: SqlStore) -> None:
    Desk(store).tell(open_sleeve())
    store.runs.begin(RUN)
    store.runs.end("run-1", NOON, "changed")
    store.runs.begin(Run("run-2", "golden_cross", {}, "def", ACCOUNT, SLEEVE, 0, NOON + 1))

    (run,) = store.runs.newest()

    assert (run.run_id, run.code_hash, run.ended_at) == ("run-2", "def", None)
    assert store.runs.find("run-1") is not None
    assert store.runs.find("run-3") is None


def test_alert_that_a_person_saw_says_who_and_is_closed(store: SqlStore) -> None:
    store.alerts.open(Alert("BLIND", "005930", is_critical=True, text=Text("가", "a"), at=NOON))

    assert store.alerts.acknowledge_all("BLIND", "005930", "kim", NOON + 1)

    assert not store.alerts.acknowledge_all("BLIND", "005930", "lee", NOON + 2)
    (alert,) = store.queries.alerts(10)
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("kim", NOON + 1)
    assert alert.resolved_at == NOON + 1
    assert store.queries.open_alerts() == []


def test_posted_command_is_answered_for_who_posted_it(store: SqlStore) -> None:
    store.inbox.post(PostedCommand("key-1", "kim", "ASK", b"ask", NOON))
    assert store.inbox.find("key-1") == TakenCommand(Progress.PENDING, None, None)

    store.inbox.answer("key-1", "done")

    assert store.inbox.find("key-1") == TakenCommand(Progress.DONE, None, "done")
    assert store.inbox.pending() == ()
    assert store.inbox.find("key-2") is None
