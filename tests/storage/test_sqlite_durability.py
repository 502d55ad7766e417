"""On SQLite, acknowledged is durable: every turn is synced, and a sick disk is never trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from maemae.core.state import book_hash
from maemae.domain.errors import StorageError
from maemae.storage.store import SqlStore
from tests.builders import opening
from tests.storage.databases import WAIT, Desk, a_round, open_here, scalar, sqlite_url, trade

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return what a process saw whose syncs were tapped."""
    url = sqlite_url(tmp_path_factory.mktemp("tapped"))
    command = [sys.executable, "-m", "tests.storage.tapped_store", url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_turn_when_acknowledged_was_synced(seen: dict[str, object]) -> None:
    syncs = seen["syncs"]
    assert isinstance(syncs, list)
    assert len(syncs) == 40
    assert min(syncs) >= 1


def test_turn_when_the_sync_fails_is_in_doubt(seen: dict[str, object]) -> None:
    assert seen["error"] == "CommitUnknownError"


def test_recovery_when_the_disk_is_still_broken_fails(seen: dict[str, object]) -> None:
    assert seen["while_broken"] == "CommitUnknownError"


def test_store_when_the_disk_works_again_goes_on(seen: dict[str, object]) -> None:
    assert seen["healed"]


@contextmanager
def full_disk(store: SqlStore) -> Iterator[None]:
    """Let the file grow no further, on whatever connection."""

    def limit(driver: DBAPIConnection, _record: object = None) -> None:
        cursor = driver.cursor()
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count={cursor.fetchall()[0][0]}")

    event.listen(store.database.writing, "connect", limit)
    store._writer.run(lambda one: one.exec_driver_sql("PRAGMA max_page_count=1"))
    try:
        yield
    finally:
        event.remove(store.database.writing, "connect", limit)


def test_disk_when_full_loses_nothing_and_heals(tmp_path: Path) -> None:
    with open_here(sqlite_url(tmp_path)) as store:
        desk = Desk(store)
        trade(desk, 2)
        durable, acknowledged = book_hash(desk.state), desk.seq
        with full_disk(store):
            errors = []
            for number in range(3, 60):  # until the pages that are there are full
                future = store.write(desk.turn(*a_round(number)), desk.state, desk.lease.epoch)
                errors.append(future.exception(WAIT))
                if errors[-1] is not None:
                    break
                durable, acknowledged = book_hash(desk.state), desk.seq
            failed = errors[-1]
            assert isinstance(failed, StorageError)
            assert "full" in failed.text.en
            recovered = store.recover()
            assert (book_hash(recovered.state), recovered.seq) == (durable, acknowledged)

        store._writer.run(lambda one: one.exec_driver_sql("PRAGMA max_page_count=1000000"))
        again = Desk(store, "second")
        trade(again, 3, first=again.state.last_cl_ord_id + 1)

        with store.database.reading.connect() as connection:
            assert scalar(connection, "PRAGMA integrity_check") == "ok"
        assert book_hash(store.recover().state) == book_hash(again.state)


def test_file_when_another_store_has_it_open_is_refused(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with open_here(url), pytest.raises(StorageError, match="another maemae"):
        open_here(url)


def test_reader_when_it_tries_to_write_is_refused(tmp_path: Path) -> None:
    with open_here(sqlite_url(tmp_path)) as store:
        Desk(store).tell(*opening())
        with (
            store.database.reading.connect() as connection,
            pytest.raises(Exception, match="readonly"),
        ):
            connection.exec_driver_sql("DELETE FROM journal")


def test_log_when_much_was_written_is_copied_into_the_file(tmp_path: Path) -> None:
    with open_here(sqlite_url(tmp_path)) as store:
        desk = Desk(store)
        trade(desk, 140)
        log = tmp_path / "store.db-wal"
        written = log.stat().st_size
        trade(desk, 20, first=141)

        assert log.stat().st_size == written  # it is used again from its beginning
