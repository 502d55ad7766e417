"""
Connections that cannot write, kept for the next question.

Opening one costs more than most questions: SQLite reads its whole schema again, a server makes a
process. One whose file was replaced (a restored backup) or whose server went away is let go before
it is asked anything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

KEPT: Final = 8
"""Connections that are kept; more are made while more are needed at once."""

POOL: Final[dict[str, Any]] = {"poolclass": QueuePool, "pool_size": KEPT, "max_overflow": -1}
"""How an engine for reading keeps its connections."""

_IDENTITY: Final = "identity"


def read_file(path: Path, connect: Callable[[], sqlite3.Connection]) -> Engine:
    """
    Return what makes connections to a file of SQLite that cannot write.

    Args:
        path: Of the file; it need not be there yet.
        connect: Opens one.
    """
    engine = create_engine("sqlite://", creator=connect, **POOL)

    def note(_driver: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[_IDENTITY] = _identity(path)

    def look(_driver: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if entry.info[_IDENTITY] != _identity(path):
            raise DisconnectionError

    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", look)
    close_after_the_end(engine)
    return engine


def close_after_the_end(engine: Engine) -> None:
    """Have a connection closed that comes back after its engine was disposed of."""
    has_ended = False

    def end(_engine: Engine) -> None:
        nonlocal has_ended
        has_ended = True

    def take_back(_driver: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        if has_ended:
            entry.invalidate()

    event.listen(engine, "engine_disposed", end)
    event.listen(engine, "checkin", take_back)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of its name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
