"""
The server's own tables: people, ways in, grants, keys, answers given, the audit log.

In SQLite they lie in a file of their own, since an executor is the only writer of its file; in
PostgreSQL beside the executors' tables. The tables are the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from sqlalchemy import Engine

from maemae.storage.engine import SqlDatabase, open_database
from maemae.storage.migrate import migrate
from maemae.storage.writer import Writer


class ServerStore:
    """
    One writer and any number of readers.

    Args:
        database: Migrated; the store closes it.

    Attributes:
        database: Its name is for people.
        writer: Does chores, each in a transaction of its own; blocks.
        reading: Makes connections that cannot write.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self.database = database
        self.writer = Writer(database)

    @property
    def reading(self) -> Engine:
        """Makes connections that cannot write."""
        return self.database.reading

    @property
    def is_alone(self) -> bool:
        """Whether nobody else writes this database: a file of SQLite is locked by its server."""
        return self.reading.dialect.name == "sqlite"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Do what was given, then close."""
        self.writer.close()
        self.database.close()


def open_server_store(
    url: str, *, backup: Callable[[], None], is_market_open: Callable[[], bool]
) -> ServerStore:
    """
    Open the server's tables by the URL of their database, and bring them up to date.

    Args:
        url: As `maemae.storage.engine.open_database` takes it.
        backup: Called before tables that hold anything are changed.
        is_market_open: Whether a session goes on; tables are not changed meanwhile.

    Raises:
        ConfigError: The URL or the settings of the database cannot be used.
        StorageError: It cannot be reached, written or migrated.
    """
    database = open_database(url)
    try:
        migrate(database, backup=backup, is_market_open=is_market_open)
        return ServerStore(database)
    except BaseException:
        database.close()
        raise
