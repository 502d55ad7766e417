"""Connections for reading are kept, and never those of a database that is another one by now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from maemae.storage.engine import open_reading
from tests.storage.databases import MakeUrl, open_here

ASK = "SELECT content FROM notes"


def write(path: Path, content: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (content TEXT)")
        connection.execute("INSERT INTO notes VALUES (?)", (content,))
    connection.close()


def read(engine: Engine, statement: str = ASK) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(statement).scalar()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "notes.db"
    write(written, "first")
    return written


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = open_reading(f"sqlite:///{path}")[1]
    yield engine
    engine.dispose()


def opened_by(engine: Engine) -> list[object]:
    """Return a list that grows with each connection that is opened from now on."""
    opened: list[object] = []
    event.listen(engine, "connect", lambda driver, _entry: opened.append(driver))
    return opened


def test_connection_when_given_back_is_asked_the_next_question(engine: Engine) -> None:
    opened = opened_by(engine)

    told = [read(engine) for _ in range(5)]

    assert told == ["first"] * 5
    assert len(opened) == 1


def test_connection_when_the_file_was_replaced_is_let_go(engine: Engine, path: Path) -> None:
    before = read(engine)
    restored = path.with_name("restored.db")
    write(restored, "restored")
    restored.replace(path)

    assert (before, read(engine)) == ("first", "restored")


def test_connection_when_the_file_is_gone_tells_nothing_of_it(engine: Engine, path: Path) -> None:
    read(engine)
    path.unlink()

    with pytest.raises(OperationalError):
        read(engine)


def test_connection_when_kept_cannot_write(engine: Engine) -> None:
    for _ in range(2):
        with pytest.raises(OperationalError, match="readonly"):
            read(engine, "DELETE FROM notes RETURNING content")


def test_connection_when_kept_lets_the_log_be_copied(engine: Engine, path: Path) -> None:
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        read(engine)
        writer.execute("INSERT INTO notes VALUES ('second')")
        busy, logged, copied = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    writer.close()

    assert (busy, logged, copied) == (0, 0, 0)


def test_connection_when_its_server_was_started_again_is_let_go(make_postgres_url: MakeUrl) -> None:
    engine = open_reading(make_postgres_url())[1]
    with engine.connect() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    ended = open_reading(make_postgres_url())[1]
    read(ended, f"SELECT pg_terminate_backend({mine})")
    ended.dispose()

    another = read(engine, "SELECT pg_backend_pid()")
    engine.dispose()

    assert another != mine


def test_connection_when_it_comes_back_after_the_end_is_closed(make_url: MakeUrl) -> None:
    url = make_url()
    open_here(url).close()
    engine = open_reading(url)[1]
    connection = engine.connect()
    driver: Any = connection.connection.driver_connection

    engine.dispose()
    connection.close()

    with pytest.raises(Exception, match=r"(?i)closed"):
        driver.execute("SELECT 1")
