"""
A consistent copy of a database that goes on being written, always as one SQLite file.

SQLite copies itself, page by page; of PostgreSQL every row is read in one snapshot. Either way
the copy has the schema's revision of its source, and either kind of database can be made of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    NullPool,
    Table,
    and_,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import DBAPIError

from maemae.backup.manifest import Contents, Head
from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.storage import migrations
from maemae.storage.records import next_hash
from maemae.storage.syncing import sync_file
from maemae.storage.tables.accounts import lease
from maemae.storage.tables.journal import journal

_REVISION: Final = "alembic_version"
_ROWS: Final = 1_000


def copy_database(url: str, path: Path) -> None:
    """
    Copy a database as it stands at one instant.

    Args:
        url: `sqlite:///…` or `postgresql://…`; may be written meanwhile.
        path: SQLite file that is made.

    Raises:
        ConfigError: The URL is of another kind.
        StorageError: It cannot be read, or the copy cannot be written.
    """
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    try:
        if kind == "sqlite" and parsed.database:
            _copy_pages(Path(parsed.database), path)
        elif kind == "postgresql":
            with disposing(server(url, read_only=True)) as engine:
                _copy_snapshot(engine, path)
        else:
            raise ConfigError(
                f"{kind} 데이터베이스는 백업할 수 없습니다. SQLite 나 PostgreSQL 을 쓰세요.",
                f"A database of {kind} cannot be backed up. Use SQLite or PostgreSQL.",
            )
        sync_file(path)
    except (sqlite3.Error, DBAPIError, CommandError, OSError) as error:
        raise StorageError(
            f"데이터베이스를 복사하지 못했습니다 ({error}). 데이터베이스와 디스크를 확인하세요.",
            f"The database could not be copied ({error}). Check it and the disk.",
        ) from error


def server(url: str, *, read_only: bool = False) -> Engine:
    """Return a PostgreSQL server's engine, without the limits of the path of orders."""
    mode = "-c default_transaction_read_only=on" if read_only else ""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        connect_args={"connect_timeout": 5, "options": mode},
    )


def reading_engine(url: str) -> Engine:
    """Return an engine of either kind that cannot write; each transaction is one snapshot."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return server(url, read_only=True)
    address = f"{Path(parsed.database or '').resolve().as_uri()}?mode=ro"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False
        ),
        poolclass=NullPool,
    )
    event.listen(engine, "begin", _begin)
    return engine


def opened(path: Path) -> Engine:
    """Return the engine of a copy that nobody else uses."""
    return create_engine(f"sqlite:///{path}", poolclass=NullPool)


@contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """Let go of an engine at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def copy_rows(source: Connection, target: Connection, tables: list[Table]) -> None:
    """Copy the rows of tables, the ones that others refer to first."""
    for each in tables:
        rows = source.execution_options(yield_per=_ROWS).execute(select(each))
        for part in rows.mappings().partitions():
            target.execute(each.insert(), [dict(row) for row in part])


def contents(path: Path) -> Contents:
    """
    Return what a copy holds.

    Raises:
        JournalCorruptError: It cannot be read.
    """
    try:
        with disposing(opened(path)) as engine, engine.connect() as connection:
            names = set(inspect(connection).get_table_names()) - {_REVISION}
            counts = {name: _count(connection, name) for name in sorted(names)}
            revision = MigrationContext.configure(connection).get_current_revision()
            heads = tuple(_heads(connection)) if {"lease", "journal"} <= names else ()
            return Contents(revision or "", counts, heads)
    except DBAPIError as error:
        raise _not_sound(path, str(error.orig)) from error


def require_sound(path: Path) -> None:
    """
    Make sure of every page, every reference and every link of the journals' chains.

    Raises:
        JournalCorruptError: Something is wrong, and what.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            findings = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            if findings != ["ok"]:
                raise _not_sound(path, "; ".join(findings))
            stray = connection.execute("PRAGMA foreign_key_check").fetchone()
            if stray is not None:
                raise _not_sound(path, f"{stray[0]}: foreign key")
            _require_chains(connection, path)
    except sqlite3.Error as error:
        raise _not_sound(path, str(error)) from error


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _copy_pages(source: Path, target: Path) -> None:
    """
    Let SQLite copy a file while another connection writes it.

    The connection cannot write, so it never checkpoints: with a second one that does, SQLite
    before 3.51.3 can lose a transaction (https://www.sqlite.org/wal.html, read 2026-11-20).
    """
    address = f"{source.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # the copy is one file


def _copy_snapshot(engine: Engine, path: Path) -> None:
    """Copy every row that one snapshot of a server shows into tables of the same revision."""
    with (
        engine.connect() as source,
        disposing(opened(path)) as copy,
        copy.begin() as target,
    ):
        revision = MigrationContext.configure(source).get_current_revision()
        if revision is None:
            raise StorageError(
                "데이터베이스에 maemae 의 표가 없습니다. 주소를 확인하세요.",
                "The database holds no tables of maemae. Check its address.",
            )
        make_tables(target, revision)
        shape = MetaData()
        shape.reflect(target)
        ours = [each for each in shape.sorted_tables if each.name != _REVISION]
        missing = {each.name for each in ours} ^ (set(inspect(source).get_table_names()))
        if missing - {_REVISION}:
            names = ", ".join(sorted(missing - {_REVISION}))
            raise StorageError(
                f"데이터베이스의 표가 개정 {revision} 과 다릅니다({names}). 백업하지 않았습니다.",
                f"The tables differ from revision {revision} ({names}). Nothing was backed up.",
            )
        copy_rows(source, target, ours)


def make_tables(connection: Connection, revision: str) -> None:
    """Make the tables of a revision in an empty database."""
    config = Config()
    scripts = Path(migrations.__file__).parent
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _count(connection: Connection, name: str) -> int:
    return connection.execute(select(func.count()).select_from(table(name))).scalar_one()


def _heads(connection: Connection) -> Iterator[Head]:
    newest = (
        select(journal.c.executor_id, func.max(journal.c.seq).label("seq"))
        .group_by(journal.c.executor_id)
        .subquery()
    )
    is_newest = and_(journal.c.executor_id == newest.c.executor_id, journal.c.seq == newest.c.seq)
    rows = connection.execute(
        select(journal.c.executor_id, journal.c.seq, journal.c.hash, lease.c.epoch)
        .join_from(journal, newest, is_newest)
        .join(lease, lease.c.executor_id == journal.c.executor_id)
        .order_by(journal.c.executor_id)
    )
    for executor_id, seq, link, epoch in rows:
        yield Head(executor_id, seq, link.hex(), epoch)


def _require_chains(connection: sqlite3.Connection, path: Path) -> None:
    """Check each record against the one before it, and each journal's end against its lease."""
    ends: dict[int, tuple[int, bytes]] = {}
    rows = connection.execute(
        "SELECT executor_id, seq, event, actions, hash FROM journal ORDER BY executor_id, seq"
    )
    for executor_id, seq, told, actions, link in rows:
        before = ends.get(executor_id)
        if before is not None and next_hash(before[1], seq, told, actions) != link:
            raise _not_sound(path, f"journal {executor_id}/{seq}")
        ends[executor_id] = seq, link
    for executor_id, seq, link in connection.execute(
        "SELECT executor_id, head_seq, head_hash FROM lease"
    ):
        if executor_id in ends and ends[executor_id] != (seq, link):
            raise _not_sound(path, f"lease {executor_id}/{seq}")


def _not_sound(path: Path, finding: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"{path.name} 데이터베이스가 손상되었습니다 ({finding}). 다른 백업을 쓰세요.",
        f"The database {path.name} is damaged ({finding}). Use another backup.",
    )
