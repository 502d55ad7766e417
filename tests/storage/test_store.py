"""The store's duties, on both databases: durable, in order, fenced, recovered to the byte."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from maemae.core.state import CoreState, book_hash
from maemae.domain.errors import CommitUnknownError, FencedError, StorageError
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import Alert, Lease, Store, Turn
from maemae.storage.lease import Head, read_head
from maemae.storage.statements import Statements
from maemae.storage.store import SqlStore
from tests.builders import DAY_1, DAY_4, NOON, opening
from tests.storage.databases import WAIT, Desk, MakeUrl, a_round, open_here, scalar, trade


def test_book_when_recovered_by_another_process_is_the_same(url: str) -> None:
    with open_here(url) as store:
        desk = Desk(store)
        trade(desk, 4)

    with open_here(url) as store:
        recovered = store.recover()

    assert book_hash(recovered.state) == book_hash(desk.state)
    assert recovered.seq == desk.seq


def test_book_when_recovered_from_a_snapshot_is_the_same(url: str) -> None:
    with open_here(url) as store:
        desk = Desk(store)
        trade(desk, 2)
        store.snapshot(desk.state, desk.seq).result(WAIT)
        trade(desk, 2, first=3)
        store.snapshot(desk.state, desk.seq).result(WAIT)
        trade(desk, 1, first=5)

    with open_here(url) as store:
        with store.database.writing.begin() as connection:
            # What comes before the snapshot is not read again.
            connection.exec_driver_sql("UPDATE journal SET actions = event WHERE seq < 5")
        recovered = store.recover()

    assert book_hash(recovered.state) == book_hash(desk.state)


def test_snapshot_when_of_another_shape_of_the_book_is_not_read(url: str) -> None:
    with open_here(url) as store:
        desk = Desk(store)
        trade(desk, 2)
        store.snapshot(desk.state, desk.seq).result(WAIT)
        with store.database.writing.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE snapshots SET state_version = 'another', state = hash"
            )

        recovered = store.recover()

    assert book_hash(recovered.state) == book_hash(desk.state)


def test_snapshots_when_many_were_taken_are_two(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    for number in range(1, 6):
        desk.tell(*a_round(number))
        store.snapshot(desk.state, desk.seq).result(WAIT)

    with store.database.reading.connect() as connection:
        assert scalar(connection, "SELECT count(*) FROM snapshots") == 2


def test_snapshot_when_its_record_is_not_durable_is_refused(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    failed = store.write(desk.turn(*a_round(1)), desk.state, desk.lease.epoch - 1)

    kept = store.snapshot(desk.state, desk.seq)

    assert isinstance(failed.exception(WAIT), FencedError)
    assert isinstance(kept.exception(WAIT), StorageError)


def test_journal_when_inputs_without_consequence_were_left_out_has_no_gap(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    desk.seq += 40  # ticks: they are on the tape
    desk.tell(*a_round(1))

    assert store.recover().seq == desk.seq


def test_records_when_read_back_are_what_was_written(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    desk.turns.clear()
    trade(desk, 2, first=1)

    entries = list(store.records(DAY_1))[-len(desk.turns) :]

    assert [(entry.event, entry.actions) for entry in entries] == desk.turns
    assert list(store.records(DAY_4)) == []


def test_turns_when_queued_together_are_all_durable(store: SqlStore) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    written: list[Future[None]] = []
    for number in range(1, 31):
        for event in a_round(number):
            turn = desk.turn(event)
            written.append(store.write(turn, desk.state, desk.lease.epoch))

    for future in written:
        future.result(WAIT)

    assert book_hash(store.recover().state) == book_hash(desk.state)


def test_chore_when_turns_never_cease_waits_but_not_for_ever(store: SqlStore) -> None:
    desk = Desk(store)
    is_let_go, order = threading.Event(), []
    store._writer.start(lambda _: is_let_go.wait(WAIT))  # meanwhile all the others queue up
    chore = store._writer.start(lambda _: order.append("chore"))
    turns = [store.write(Turn(()), desk.state, desk.lease.epoch) for _ in range(1_500)]
    for turn in turns:
        turn.add_done_callback(lambda _: order.append("turn"))

    is_let_go.set()

    chore.result(WAIT)
    for turn in turns:
        turn.result(WAIT)
    assert 0 < order.index("chore") < len(turns)


def test_turn_when_its_epoch_is_old_is_refused_whole(store: SqlStore) -> None:
    desk = Desk(store)
    trade(desk, 1)
    durable = book_hash(desk.state)
    assert store.take_lease("second", store.read_lease()) is not None

    turn = desk.turn(*a_round(2))
    late = store.write(turn, desk.state, desk.lease.epoch)

    assert isinstance(late.exception(WAIT), FencedError)
    recovered = store.recover()
    assert book_hash(recovered.state) == durable
    assert recovered.open_requests == ()


def test_turns_after_one_that_failed_are_refused_until_recovered(store: SqlStore) -> None:
    desk = Desk(store)
    trade(desk, 1)
    stale = desk.lease.epoch - 1
    turns = [desk.turn(event) for event in a_round(2)]
    futures = [store.write(turns[0], desk.state, stale)]
    futures += [store.write(turn, desk.state, desk.lease.epoch) for turn in turns[1:]]

    errors = [type(future.exception(WAIT)) for future in futures]
    again = Desk(store, "second")
    again.tell(*a_round(2))

    assert errors == [FencedError] + [CommitUnknownError] * 3
    assert book_hash(store.recover().state) == book_hash(again.state)


def test_turn_when_a_bug_meets_its_row_is_told_so_and_the_store_goes_on(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store)
    trade(desk, 1)
    turn = desk.turn(a_round(2)[0])

    with monkeypatch.context() as bug:
        bug.delattr(Statements, "put_requests")
        error = store.write(turn, desk.state, desk.lease.epoch).exception(WAIT)
    again = Desk(store, "second")
    again.tell(*a_round(2))

    assert type(error) is StorageError
    assert book_hash(store.recover().state) == book_hash(again.state)


def test_turn_when_the_database_refuses_a_row_is_not_written_and_the_store_goes_on(
    store: SqlStore,
) -> None:
    desk = Desk(store)
    trade(desk, 1)
    turn = desk.turn(a_round(2)[0])
    twice = Turn(turn.entries, (*turn.outbox, *turn.outbox), turn.settled)

    error = store.write(twice, desk.state, desk.lease.epoch).exception(WAIT)
    again = Desk(store, "second")
    again.tell(*a_round(2))

    assert type(error) is StorageError
    assert book_hash(store.recover().state) == book_hash(again.state)


def test_turn_is_written_after_what_comes_first_and_not_at_all_if_that_fails(
    store: SqlStore,
) -> None:
    desk = Desk(store)
    trade(desk, 1)
    durable = desk.seq
    before: list[Head] = []

    def look() -> None:
        with store.database.reading.connect() as connection:
            before.append(read_head(connection, store.executor_id))

    def fail() -> None:
        raise StorageError("테이프가 찼습니다.", "The tape is full.")

    store.write(desk.turn(a_round(2)[0]), desk.state, desk.lease.epoch, look).result(WAIT)
    written = desk.seq
    failed = store.write(desk.turn(a_round(2)[1]), desk.state, desk.lease.epoch, fail)

    assert [head.seq for head in before] == [durable]
    assert str(failed.exception(WAIT)) == "The tape is full."
    assert store.recover().seq == written


def test_write_when_nothing_was_recovered_is_refused(store: SqlStore) -> None:
    lease = store.take_lease("first", store.read_lease())
    assert lease is not None

    future = store.write(Turn(()), CoreState(), lease.epoch)

    assert isinstance(future.exception(WAIT), CommitUnknownError)


def test_requests_when_not_settled_are_open_after_a_restart(url: str) -> None:
    with open_here(url) as store:
        desk = Desk(store)
        trade(desk, 1)
        desk.tell(a_round(2)[0])

    with open_here(url) as store:
        (request,) = store.recover().open_requests

    assert (request.cl_ord_id, request.epoch) == (2, desk.lease.epoch)
    assert request.fingerprint == "print-2"


def test_store_is_what_an_executor_asks_for(store: SqlStore) -> None:
    port: Store = store  # the type checker proves it

    assert port.recover().seq == 0


def test_lease_when_two_ask_for_it_goes_to_one(store: SqlStore) -> None:
    seen = store.read_lease()

    first = store.take_lease("first", seen)
    second = store.take_lease("second", seen)

    assert first == Lease("first", 1, 1)
    assert second is None
    assert store.read_lease() == first


def test_lease_when_beaten_is_seen_to_live(store: SqlStore) -> None:
    first = store.take_lease("first", store.read_lease())
    assert first is not None

    beaten = store.beat(first)

    assert beaten == store.read_lease() == Lease("first", 1, 2)
    assert store.take_lease("second", first) is None  # it was seen before the beat
    second = store.take_lease("second", store.read_lease())
    assert second is not None
    assert second.epoch == 2
    assert store.beat(first) is None


def test_alert_when_told_again_is_one_until_resolved(store: SqlStore) -> None:
    desk = Desk(store)
    alert = Alert("BLIND", "005930", is_critical=True, text=Text("시세 없음", "No prices"), at=NOON)
    turn = desk.turn(*opening())
    told = Turn(turn.entries, alerts=(alert,))
    store.write(told, desk.state, desk.lease.epoch).result(WAIT)
    store.alerts.open(alert)
    count = "SELECT count(*) FROM alerts"
    with store.database.reading.connect() as connection:
        assert scalar(connection, count) == 1
        assert scalar(connection, "SELECT times FROM alerts") == 2

    assert store.alerts.resolve_all("BLIND", "005930", NOON)
    store.alerts.open(alert)

    with store.database.reading.connect() as connection:
        assert scalar(connection, count) == 2


def test_executors_of_two_modes_share_a_server_and_nothing_else(make_postgres_url: MakeUrl) -> None:
    url = make_postgres_url()
    with open_here(url) as sim, open_here(url, Mode.PAPER) as paper:
        trade(Desk(sim), 1)
        desk = Desk(paper)
        trade(desk, 2)

        assert paper.recover().seq == desk.seq
        assert len(sim.recover().state.orders) == 1
