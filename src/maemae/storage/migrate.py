"""
Bringing a database to the tables that this maemae knows, before anything else is done with it.

All missing revisions run in one transaction: a process that dies in between leaves the
database as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from maemae.domain.errors import StorageError
from maemae.storage.engine import SqlDatabase
from maemae.storage.outcome import reason

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x6D61656D6165  # "maemae"


def migrate(
    database: SqlDatabase, *, backup: Callable[[], None], is_market_open: Callable[[], bool]
) -> None:
    """
    Run the revisions that a database lacks; do nothing if it lacks none.

    Args:
        database: Nothing else writes it meanwhile.
        backup: Called before a database that holds anything is changed; whatever it raises
            stops the migration.
        is_market_open: Whether a session goes on. An empty database is made at any time.

    Raises:
        StorageError: The market is open, a newer maemae wrote the database, or a revision
            failed; the database is as it was.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    try:
        with database.writing.begin() as connection:
            _lock(connection)
            if _needs_change(connection, scripts, backup, is_market_open):
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except (DBAPIError, OSError, CommandError) as error:
        raise StorageError(
            f"데이터베이스를 새 구조로 바꾸지 못했습니다 ({reason(error)}). 바뀐 것은 "
            "없습니다. 디스크와 데이터베이스를 확인하고 다시 시작하세요.",
            f"The database could not be migrated ({reason(error)}); nothing was changed. "
            "Check the disk and the database, then start again.",
        ) from error


def _lock(connection: Connection) -> None:
    """Wait for whoever migrates already; a SQLite file is locked by being open."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")


def _needs_change(
    connection: Connection,
    scripts: ScriptDirectory,
    backup: Callable[[], None],
    is_market_open: Callable[[], bool],
) -> bool:
    found = MigrationContext.configure(connection).get_current_revision()
    if found == scripts.get_current_head():
        return False
    if found is None:
        return True
    if found not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageError(
            f"더 새로운 maemae 가 만든 데이터베이스입니다({found}). 그 버전으로 실행하세요.",
            f"A newer maemae wrote this database ({found}). Run that version.",
        )
    if is_market_open():
        raise StorageError(
            "장중에는 데이터베이스 구조를 바꾸지 않습니다. 이전 버전으로 계속하고 장이 끝난 뒤 "
            "새 버전을 시작하세요.",
            "The database is not migrated while the market is open. Go on with the version before "
            "and start this one after the close.",
        )
    backup()
    return True
