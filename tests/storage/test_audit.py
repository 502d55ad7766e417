"""The audit log: no gap under concurrent writers, and tampering of every kind is named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection

from maemae.domain.errors import StorageError
from maemae.storage.audit import (
    AuditEntry,
    AuditHead,
    AuditRow,
    append,
    read_head,
    read_rows,
    verify,
)
from maemae.storage.server_store import ServerStore, open_server_store
from tests.storage.databases import MakeUrl

ROWS = 6


def an_entry(number: int, user_id: str | None = "kim") -> AuditEntry:
    return AuditEntry(number, user_id, "PLACE_ORDER", f"SIM/{number}", {"수량": number, "b": None})


def open_server(url: str) -> ServerStore:
    return open_server_store(url, backup=lambda: None, is_market_open=lambda: False)


def put(store: ServerStore, entry: AuditEntry) -> None:
    store.writer.run(lambda connection: append(connection, entry))


@pytest.fixture
def filled(url: str) -> Iterator[ServerStore]:
    """Yield a store whose audit log has some rows."""
    with open_server(url) as store:
        for number in range(1, ROWS + 1):
            put(store, an_entry(number))
        yield store


def tamper(store: ServerStore, *statements: str) -> None:
    """Do what whoever owns the database can do: switch the triggers off, and write."""

    def do(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
            connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        for statement in statements:
            connection.exec_driver_sql(statement)

    store.writer.run(do)


def found(store: ServerStore, *anchors: AuditHead) -> int | None:
    """Return the number of the first bad row that the verifier names."""
    with store.reading.begin() as connection:
        bad = verify(connection, anchors).bad
    return None if bad is None else bad.seq


def head_of(store: ServerStore) -> AuditHead:
    with store.reading.begin() as connection:
        return read_head(connection)


def test_log_when_nobody_touched_it_is_good(filled: ServerStore) -> None:
    with filled.reading.begin() as connection:
        verdict = verify(connection, [read_head(connection)])
    assert (verdict.bad, verdict.head.seq, verdict.anchors) == (None, ROWS, 1)


@pytest.mark.parametrize(
    ("statements", "seq"),
    [
        pytest.param(["UPDATE audit SET detail = '{}' WHERE seq = 3"], 3, id="edited detail"),
        pytest.param(["UPDATE audit SET user_id = 'lee' WHERE seq = 1"], 1, id="edited user"),
        pytest.param(["UPDATE audit SET at = 9 WHERE seq = 6"], 6, id="edited time"),
        pytest.param(["DELETE FROM audit WHERE seq = 4"], 4, id="deleted"),
        pytest.param(
            [
                "UPDATE audit SET seq = -seq WHERE seq >= 3",
                "UPDATE audit SET seq = 1 - seq WHERE seq < 0",
                "INSERT INTO audit SELECT 3, at, user_id, action, subject, detail, hash"
                " FROM audit WHERE seq = 2",
            ],
            3,
            id="inserted in the middle",
        ),
        pytest.param(
            [
                "INSERT INTO audit SELECT 0, at, user_id, action, subject, detail, hash"
                " FROM audit WHERE seq = 2"
            ],
            0,
            id="inserted before the first",
        ),
        pytest.param(
            [
                "UPDATE audit SET seq = 99 WHERE seq = 2",
                "UPDATE audit SET seq = 2 WHERE seq = 5",
                "UPDATE audit SET seq = 5 WHERE seq = 99",
            ],
            2,
            id="reordered",
        ),
    ],
)
def test_verifier_when_the_log_is_tampered_with_names_the_first_bad_row(
    filled: ServerStore, statements: list[str], seq: int
) -> None:
    tamper(filled, *statements)
    assert found(filled) == seq


@pytest.mark.parametrize(
    ("statement", "first_lost"),
    [("DELETE FROM audit", 1), ("DELETE FROM audit WHERE seq > 4", 5)],
)
def test_verifier_when_the_tail_is_cut_off_knows_it_by_the_anchor(
    filled: ServerStore, statement: str, first_lost: int
) -> None:
    anchor = head_of(filled)

    tamper(filled, statement)

    assert found(filled) is None
    assert found(filled, anchor) == first_lost


def test_verifier_when_the_chain_is_made_anew_knows_it_by_the_anchor(filled: ServerStore) -> None:
    early = AuditHead(2, read(filled, lambda connection: read_rows(connection, limit=9))[-2].hash)
    late = head_of(filled)
    tamper(filled, "DELETE FROM audit WHERE seq > 3")
    for number in (40, 50, 60):
        put(filled, an_entry(number))

    assert found(filled) is None
    assert found(filled, early) is None
    assert found(filled, late, early) == 3


def read(store: ServerStore, query: Callable[[Connection], list[AuditRow]]) -> list[AuditRow]:
    with store.reading.begin() as connection:
        return query(connection)


@pytest.mark.parametrize("statement", ["UPDATE audit SET at = 0", "DELETE FROM audit"])
def test_database_when_asked_to_change_the_log_refuses(filled: ServerStore, statement: str) -> None:
    with pytest.raises(StorageError, match="only appended"):
        filled.writer.run(lambda connection: connection.exec_driver_sql(statement))
    assert found(filled, head_of(filled)) is None


def test_postgresql_when_asked_to_empty_the_log_refuses_and_who_forces_it_is_known_by_the_anchor(
    make_postgres_url: MakeUrl,
) -> None:
    with open_server(make_postgres_url()) as store:
        put(store, an_entry(1))
        anchor = head_of(store)
        with pytest.raises(StorageError, match="appended"):
            store.writer.run(lambda connection: connection.exec_driver_sql("TRUNCATE audit"))

        tamper(store, "TRUNCATE audit")

        assert found(store, anchor) == 1


def test_log_when_words_could_break_a_line_keeps_them_in_one(filled: ServerStore) -> None:
    entry = AuditEntry(
        7, "kim\r\n", "LOGIN\x00", "x\u2028y\x1b[2J\ud800" + "z" * 999, {"a": "\n\x00"}
    )

    put(filled, entry)

    (row, *_) = read(filled, lambda connection: read_rows(connection, limit=1))
    assert all(c.isprintable() for c in f"{row.user_id}{row.action}{row.subject}{row.detail}")
    assert len(row.subject) == 200
    assert found(filled) is None


def test_rows_are_paged_newest_first_and_by_user(filled: ServerStore) -> None:
    put(filled, an_entry(7, None))

    page = read(filled, lambda connection: read_rows(connection, limit=2, before=6))
    own = read(filled, lambda connection: read_rows(connection, limit=9, user_id="kim"))

    assert [row.seq for row in page] == [5, 4]
    assert [row.seq for row in own] == [6, 5, 4, 3, 2, 1]


def test_log_when_replicas_append_at_once_has_no_gap(make_postgres_url: MakeUrl) -> None:
    url = make_postgres_url()
    stores = [open_server(url) for _ in range(3)]

    def write(store: ServerStore, number: int) -> None:
        for step in range(20):
            put(store, an_entry(number * 100 + step, f"user-{number}"))

    threads = [
        threading.Thread(target=write, args=(store, number)) for number, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].reading.begin() as connection:
        verdict = verify(connection)
        users = {row.user_id for row in read_rows(connection, limit=60)}
    for store in stores:
        store.close()
    assert (verdict.bad, verdict.head.seq) == (None, 60)
    assert users == {"user-0", "user-1", "user-2"}
