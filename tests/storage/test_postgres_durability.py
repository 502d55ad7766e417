"""On PostgreSQL, acknowledged is durable, and a COMMIT without an answer is never guessed at."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from maemae.core.state import book_hash
from maemae.domain.errors import CommitUnknownError, ConfigError, FencedError, StorageError
from maemae.domain.terms import Mode
from maemae.storage.engine import open_database
from maemae.storage.store import SqlStore
from tests.builders import opening
from tests.storage.chaos_proxy import ChaosProxy, Fault
from tests.storage.databases import OWNER, WAIT, Desk, MakeUrl, a_round, open_here, scalar, trade

KILLS = 2
TURNS_BETWEEN_KILLS = 40
COMES_BACK = 120  # seconds for a server to come back; it takes one, and many on a busy machine


@pytest.fixture
def url(make_postgres_url: MakeUrl) -> str:
    return make_postgres_url()


@pytest.fixture
def proxy(url: str) -> Iterator[ChaosProxy]:
    (folder,) = parse_qs(urlsplit(url).query)["host"]
    opened = ChaosProxy(Path(folder) / ".s.PGSQL.5432")
    yield opened
    opened.close()


@pytest.fixture
def far_url(url: str, proxy: ChaosProxy) -> str:
    """Return the URL of the same database through the proxy."""
    name = urlsplit(url).path
    return f"postgresql://postgres@127.0.0.1:{proxy.port}{name}"


def test_commit_when_its_reply_is_lost_is_found_by_its_key(far_url: str, proxy: ChaosProxy) -> None:
    with open_here(far_url) as store:
        desk = Desk(store)
        trade(desk, 1)
        proxy.fault = Fault.LOSE_REPLY
        desk.tell(a_round(2)[0])
        assert proxy.fault is Fault.NONE  # it did happen

        trade(desk, 1, first=3)  # and the store goes on as if nothing had

        assert book_hash(store.recover().state) == book_hash(desk.state)
        with store.database.reading.connect() as connection:
            assert scalar(connection, "SELECT count(*) FROM journal") == desk.seq


def test_commit_when_it_did_not_arrive_is_in_doubt_and_nothing_is_half(
    far_url: str, proxy: ChaosProxy
) -> None:
    with open_here(far_url) as store:
        desk = Desk(store)
        trade(desk, 1)
        durable = book_hash(desk.state)
        proxy.fault = Fault.LOSE_REQUEST
        lost = store.write(desk.turn(*a_round(2)), desk.state, desk.lease.epoch)

        assert isinstance(lost.exception(WAIT), CommitUnknownError)
        assert book_hash(store.recover().state) == durable
        again = Desk(store, "second")
        trade(again, 2, first=2)
        assert book_hash(store.recover().state) == book_hash(again.state)


def test_commit_when_the_server_is_gone_is_in_doubt_until_it_is_back(
    far_url: str, proxy: ChaosProxy
) -> None:
    with open_here(far_url) as store:
        desk = Desk(store)
        trade(desk, 1)
        proxy.fault, proxy.is_down = Fault.LOSE_REPLY, True
        lost = store.write(desk.turn(*a_round(2)), desk.state, desk.lease.epoch)
        assert isinstance(lost.exception(WAIT), CommitUnknownError)
        with pytest.raises(StorageError):
            store.recover()

        proxy.is_down = False

        assert book_hash(store.recover().state) == book_hash(desk.state)  # it was durable


def test_commit_when_nobody_answers_is_given_up(far_url: str, proxy: ChaosProxy) -> None:
    open_here(far_url).close()
    with SqlStore(open_database(far_url), OWNER, Mode.SIM, answer_secs=1) as store:
        desk = Desk(store)
        trade(desk, 1)
        durable = book_hash(desk.state)
        proxy.fault = Fault.STALL
        futures = [
            store.write(desk.turn(event), desk.state, desk.lease.epoch) for event in a_round(2)
        ]

        errors = [future.exception(WAIT) for future in futures]

        assert all(isinstance(error, CommitUnknownError) for error in errors)
        assert book_hash(store.recover().state) == durable


def backends(url: str) -> list[int]:
    """Return the processes that serve a database."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        ).fetchall()
    return [pid for (pid,) in rows]


def test_backends_when_killed_under_load_lose_nothing_that_was_acknowledged(url: str) -> None:
    with open_here(url) as store:
        desk = Desk(store)
        trade(desk, 1)
        number = 2
        for kill in range(KILLS):
            told: list[tuple[int, str, Future[None]]] = []
            for turns in range(2 * TURNS_BETWEEN_KILLS):
                turn = desk.turn(*a_round(number))
                future = store.write(turn, desk.state, desk.lease.epoch)
                told.append((desk.seq, book_hash(desk.state), future))
                if turns < TURNS_BETWEEN_KILLS:
                    future.result(WAIT)
                number += 1
                if turns == TURNS_BETWEEN_KILLS:
                    for pid in backends(url):
                        with suppress(ProcessLookupError):  # the server ends the others itself
                            os.kill(pid, signal.SIGKILL)
            acknowledged = [seq for seq, _, future in told if future.exception(WAIT) is None]
            desk = come_back(store, f"after-{kill}")

            assert len(acknowledged) < len(told)  # some were lost on the way
            assert desk.seq >= max(acknowledged)
            assert book_hash(desk.state) in {book for _, book, _ in told}
            number = desk.state.last_cl_ord_id + 1


def come_back(store: SqlStore, holder: str) -> Desk:
    """Return a core on what is stored, once the server is there again."""
    gives_up = time.monotonic() + COMES_BACK
    while True:
        try:
            return Desk(store, holder)
        except StorageError:
            if time.monotonic() > gives_up:
                raise
            time.sleep(0.1)


def test_stores_when_two_write_under_one_lease_only_the_newer_does(url: str) -> None:
    with open_here(url) as first, open_here(url) as second:
        old = Desk(first, "first")
        trade(old, 1)
        new = Desk(second, "second")
        trade(new, 1, first=2)

        late = first.write(old.turn(*a_round(2)), old.state, old.lease.epoch)

        assert isinstance(late.exception(WAIT), FencedError)
        assert book_hash(first.recover().state) == book_hash(new.state)


def test_store_when_another_has_the_same_epoch_by_mistake_writes_nothing_twice(url: str) -> None:
    with open_here(url) as first, open_here(url) as second:
        one = Desk(first, "first")
        one.tell(*opening())
        second.recover()
        trade(one, 1)

        late = second.write(one.turn(*a_round(2)), one.state, one.lease.epoch)

        assert isinstance(late.exception(WAIT), CommitUnknownError)


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_server_when_it_forgets_what_it_acknowledges_is_refused(url: str, setting: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER ROLE postgres SET synchronous_commit TO off")
    try:
        with pytest.raises(ConfigError, match=setting):
            open_database(url)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres RESET synchronous_commit")
