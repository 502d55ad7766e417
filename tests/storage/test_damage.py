"""Damage is found before anything is decided by it."""

from __future__ import annotations

import pytest

from maemae.domain.errors import JournalCorruptError
from maemae.storage.store import SqlStore
from tests.builders import DAY_1
from tests.storage.databases import WAIT, Desk, trade

ANOTHER = {"sqlite": "x'90'", "postgresql": "'\\x90'"}


def harm(store: SqlStore, statement: str) -> None:
    kind = store.database.writing.dialect.name
    with store.database.writing.begin() as connection:
        connection.exec_driver_sql(statement.replace("DAMAGE", ANOTHER[kind]))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET event = DAMAGE WHERE seq = 3",
        "UPDATE journal SET actions = DAMAGE WHERE seq = 9",
        "UPDATE journal SET hash = DAMAGE WHERE seq = 9",
        "UPDATE journal SET seq = 900 WHERE seq = 9",
        "DELETE FROM journal WHERE seq = 1",
        "DELETE FROM journal WHERE seq = 9",
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
        "DELETE FROM journal WHERE seq > 8",
        "DELETE FROM journal",
    ],
)
def test_journal_when_damaged_is_not_recovered(store: SqlStore, statement: str) -> None:
    trade(Desk(store), 2)

    harm(store, statement)

    with pytest.raises(JournalCorruptError):
        store.recover()


@pytest.mark.parametrize(
    "statement", ["UPDATE snapshots SET state = DAMAGE", "UPDATE snapshots SET hash = DAMAGE"]
)
def test_snapshot_when_damaged_is_not_used(store: SqlStore, statement: str) -> None:
    desk = Desk(store)
    trade(desk, 1)
    store.snapshot(desk.state, desk.seq).result(WAIT)
    trade(desk, 1, first=2)

    harm(store, statement)

    with pytest.raises(JournalCorruptError):
        store.recover()


def test_records_when_damaged_are_not_read(store: SqlStore) -> None:
    trade(Desk(store), 2)

    harm(store, "UPDATE journal SET actions = DAMAGE WHERE seq = 12")

    with pytest.raises(JournalCorruptError):
        list(store.records(DAY_1))
