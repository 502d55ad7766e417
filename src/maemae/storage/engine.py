"""
Databases by their URL, opened only if they keep what they acknowledge.

`sqlite:///path` is a file that one process writes, through one connection that also owns the
checkpoints: SQLite 3.7.0 to 3.51.2 can lose a transaction when two connections write or
checkpoint at one instant ("WAL-reset bug", https://www.sqlite.org/wal.html, read 2026-11-20).
`postgresql://…` is a server that syncs before it answers.
"""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from maemae.domain.errors import ConfigError, StorageError
from maemae.storage.database import apply_settings, take_lock
from maemae.storage.file_system import refuse_network
from maemae.storage.outcome import reason
from maemae.storage.read_pool import POOL, close_after_the_end, read_file

_CONNECT_SECS: Final = 3
_UNSEEN_MILLIS: Final = 4_000  # bytes that the server's machine does not even confirm
_SERVER_LIMITS: Final = (
    "-c lock_timeout=2000 -c statement_timeout=4000 -c idle_in_transaction_session_timeout=8000"
)
_READ_ONLY: Final = "-c default_transaction_read_only=on"
_BUSY_MILLIS: Final = 2_000
_KEPT: Final = {**POOL, "pool_pre_ping": True}
_UNKEPT: Final = {"poolclass": NullPool}
_SERVER_SETTINGS: Final = {
    "synchronous_commit": ("on", "remote_apply"),
    "fsync": ("on",),
    "full_page_writes": ("on",),
}


class SqlDatabase(Protocol):
    """
    One database of either kind.

    Attributes:
        name: Its URL without a password, for people.
        writing: Makes the connections that write; only one lives at a time.
        reading: Makes connections that cannot write.
    """

    name: str
    writing: Engine
    reading: Engine

    def make_certain(self, connection: Connection) -> None:
        """
        Settle what an interrupted COMMIT left, before anything is read that others rely on.

        Raises:
            SQLAlchemyError, OSError: It cannot be settled now.
        """

    def cut(self, connection: Connection) -> None:
        """Make a connection that hangs in another thread fail, where that can be done."""

    def tend(self, connection: Connection) -> None:
        """Do what keeps the database small and fast; outside of a transaction."""

    def close(self) -> None:
        """Let everything go."""


def open_database(url: str) -> SqlDatabase:
    """
    Open a database.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://…`.

    Raises:
        ConfigError: The URL or the settings of the server cannot be used.
        StorageError: Another process writes the file, or the server cannot be reached.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unusable(url) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return SqliteDatabase(Path(parsed.database))
    if parsed.get_backend_name() == "postgresql":
        return PostgresDatabase(parsed)
    raise _unusable(parsed.render_as_string())


def open_reading(url: str) -> tuple[str, Engine]:
    """
    Return a database's name and what makes connections to it that cannot write.

    Nothing is locked and nothing is made: whoever writes it goes on, and it may not be there yet.

    Raises:
        ConfigError: The URL cannot be used.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unusable(url) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        path = Path(parsed.database)
        return f"sqlite:///{path}", _sqlite_reading(path)
    if parsed.get_backend_name() == "postgresql":
        return parsed.render_as_string(), _server_reading(parsed)
    raise _unusable(parsed.render_as_string())


class SqliteDatabase:
    """
    A file on a disk of this machine.

    Args:
        path: It and its folder are made if they are not there.

    Raises:
        ConfigError: The path lies on a network, or SQLite does not take a setting.
        StorageError: Another process writes it.
    """

    def __init__(self, path: Path) -> None:
        refuse_network(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.name = f"sqlite:///{path}"
        self._path = path
        self._lock = take_lock(path)
        self.writing = create_engine("sqlite://", creator=self._open_writer, poolclass=NullPool)
        self.reading = _sqlite_reading(path)
        event.listen(self.writing, "begin", _begin_immediate)
        try:
            self._look()
        except (ConfigError, StorageError):
            self.close()
            raise

    def make_certain(self, connection: Connection) -> None:
        """
        Copy the log into the file and sync both.

        After a sync that failed, a page may be gone from the disk although it still reads
        well; written anew and synced, it is there.
        """
        if not _checkpointed(connection, "FULL"):
            raise TimeoutError("a reader keeps the log from being copied")

    def cut(self, connection: Connection) -> None:
        """Do nothing: a disk that hangs cannot be hurried."""

    def tend(self, connection: Connection) -> None:
        """Copy the log into the file, as far as readers let."""
        _checkpointed(connection, "PASSIVE")

    def close(self) -> None:
        """Let another process write; what the log holds goes into the file, as far as it can."""
        self.reading.dispose()
        with suppress(DBAPIError, ConfigError), self.writing.connect():
            pass  # SQLite folds the log in when its last connection that may write closes
        self.writing.dispose()
        self._lock.close()

    def _look(self) -> None:
        try:
            with self.writing.connect() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        except DBAPIError as error:
            raise _unreachable(self.name, error) from error

    def _open_writer(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_MILLIS / 1_000, isolation_level=None)
        try:
            apply_settings(connection)
            connection.execute("PRAGMA foreign_keys=1")
            connection.execute("PRAGMA wal_autocheckpoint=0")  # never on the path of an order
        except BaseException:
            connection.close()
            raise
        return connection


class PostgresDatabase:
    """
    A PostgreSQL server.

    Args:
        url: With user, password and database; `psycopg` speaks to it.

    Raises:
        ConfigError: psycopg is not installed, or the server would forget what it acknowledged.
        StorageError: The server cannot be reached.
    """

    def __init__(self, url: URL) -> None:
        self.name = url.render_as_string()
        try:
            self.writing = _server_engine(url, _SERVER_LIMITS, "READ COMMITTED", _UNKEPT)
            self.reading = _server_reading(url)
        except ModuleNotFoundError as error:
            raise _no_driver() from error
        event.listen(self.writing, "connect", _require_settings)
        try:
            with self.writing.connect():
                pass
        except DBAPIError as error:
            self.close()
            raise _unreachable(self.name, error) from error
        except ConfigError:
            self.close()
            raise

    def make_certain(self, connection: Connection) -> None:
        """Do nothing: whoever locks the lease waits for a COMMIT that still goes on."""

    def cut(self, connection: Connection) -> None:
        """Shut the socket down; the thread that waits on it gets an error at once."""
        gone = self.writing.dialect.loaded_dbapi.Error  # it ended by itself meanwhile
        with suppress(OSError, SQLAlchemyError, gone):
            driver: Any = connection.connection.driver_connection
            with socket.socket(fileno=driver.fileno()) as wire:
                try:
                    wire.shutdown(socket.SHUT_RDWR)
                finally:
                    wire.detach()  # it stays psycopg's to close

    def tend(self, connection: Connection) -> None:
        """Do nothing: the server does it."""

    def close(self) -> None:
        """Close every connection."""
        self.writing.dispose()
        self.reading.dispose()


def _sqlite_reading(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        """Open a connection that cannot write, and so does not checkpoint when it closes."""
        return sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=_BUSY_MILLIS / 1_000,
            isolation_level=None,
            check_same_thread=False,
        )

    reading = read_file(path, connect)
    event.listen(reading, "begin", _begin)
    return reading


def _server_reading(url: URL) -> Engine:
    """Return an engine of which all that one reader reads is of one moment."""
    try:
        engine = _server_engine(url, f"{_SERVER_LIMITS} {_READ_ONLY}", "REPEATABLE READ", _KEPT)
    except ModuleNotFoundError as error:
        raise _no_driver() from error
    close_after_the_end(engine)
    return engine


def _no_driver() -> ConfigError:
    return ConfigError(
        "PostgreSQL 에 접속할 드라이버가 없습니다. pip install 'maemae[postgres]' 를 실행하세요.",
        "The driver of PostgreSQL is missing. Run pip install 'maemae[postgres]'.",
    )


def _server_engine(url: URL, options: str, isolation: str, pool: Mapping[str, Any]) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level=isolation,
        connect_args={
            "connect_timeout": _CONNECT_SECS,
            "tcp_user_timeout": _UNSEEN_MILLIS,
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 3,
            "options": options,
        },
        **pool,
    )


def _require_settings(driver: DBAPIConnection, _record: object) -> None:
    """Refuse a server that acknowledges before it has synced."""
    cursor = driver.cursor()
    for name, allowed in _SERVER_SETTINGS.items():
        cursor.execute(f"SHOW {name}")
        found = cursor.fetchall()[0][0]
        if found not in allowed:
            raise ConfigError(
                f"PostgreSQL 설정 {name}={found} 로는 기록을 잃을 수 있습니다. "
                f"{allowed[0]} 으로 바꾸세요.",
                f"With {name}={found} PostgreSQL can lose records. Set it to {allowed[0]}.",
            )
    cursor.close()
    driver.commit()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _checkpointed(connection: Connection, kind: str) -> bool:
    """Copy the log into the file, outside of a transaction; return whether all of it is there."""
    driver: Any = connection.connection.driver_connection
    statement = f"PRAGMA wal_checkpoint({kind})"
    try:
        busy, logged, copied = driver.execute(statement).fetchone()
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error
    return not busy and logged == copied


def _unusable(url: str) -> ConfigError:
    return ConfigError(
        f"{url} 은(는) 쓸 수 있는 저장소 주소가 아닙니다. sqlite:///파일 이나 "
        "postgresql://서버/이름 을 쓰세요.",
        f"{url} is no address of a store. Use sqlite:///file or postgresql://server/name.",
    )


def _unreachable(name: str, error: Exception) -> StorageError:
    return StorageError(
        f"{name} 을(를) 열 수 없습니다 ({reason(error)}). 데이터베이스가 켜져 있는지, 주소와 "
        "비밀번호가 맞는지 확인하세요.",
        f"{name} cannot be opened ({reason(error)}). Check that the database runs, its address and "
        "password.",
    )
