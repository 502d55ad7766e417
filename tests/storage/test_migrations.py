"""Migrations end in exactly the tables that the code knows, whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

from maemae import failpoints
from maemae.domain.errors import StorageError
from maemae.storage.engine import SqlDatabase, open_database
from maemae.storage.migrate import migrate
from maemae.storage.tables.every import ALL
from tests.storage.databases import MakeUrl, open_here

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = REPOSITORY / "src" / "maemae" / "storage" / "migrations"
ALEMBIC = "alembic_version"
MIGRATE_AND_DIE = """
import sys
from maemae import failpoints
from maemae.storage.engine import open_database
from maemae.storage.migrate import migrate
failpoints.arm(f"migration.step=exit@{sys.argv[2]}")
migrate(open_database(sys.argv[1]), backup=lambda: None, is_market_open=lambda: False)
"""

DEFINITIONS = """
SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, is_identity,
                       column_default)
FROM information_schema.columns WHERE table_schema = 'public'
"""


def quietly(database: SqlDatabase, *, backup: Callable[[], None] = lambda: None) -> None:
    migrate(database, backup=backup, is_market_open=lambda: False)


def definitions(connection: Connection) -> set[str]:
    """Return everything that a database says of its tables, whatever the order."""
    if connection.dialect.name == "postgresql":
        rows = connection.exec_driver_sql(DEFINITIONS).scalars().all()
        return {row for row in rows if ALEMBIC not in row}
    rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master").scalars().all()
    lines = (
        line.strip(" ,\t") for row in rows if row and ALEMBIC not in row for line in parts(row)
    )
    return set(lines)


def parts(statement: str) -> list[str]:
    """Return a table's columns and constraints; columns added later share one line in SQLite."""
    name, *lines = statement.splitlines()
    pieces = [
        piece
        for line in lines
        for piece in ([line] if line.strip().startswith("CONSTRAINT") else line.split(", "))
    ]
    return [name, *(f"{name} {piece.strip()}" for piece in pieces)]


def test_migrations_end_in_exactly_the_tables_that_the_code_knows(make_url: MakeUrl) -> None:
    migrated, made = open_database(make_url()), open_database(make_url())
    quietly(migrated)
    with made.writing.begin() as connection:
        ALL.create_all(connection)

    with migrated.reading.connect() as one, made.reading.connect() as other:
        found, wanted = definitions(one), definitions(other)

    migrated.close()
    made.close()
    assert len(found) > len(ALL.tables)
    assert found == wanted


def test_migration_when_done_again_does_nothing(url: str) -> None:
    database = open_database(url)
    quietly(database)

    quietly(database, backup=pytest.fail)

    database.close()


def age(database: SqlDatabase) -> None:
    """Make a database as an earlier version left it."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.writing.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")


def test_migration_when_something_is_there_backs_it_up_first(url: str) -> None:
    database = open_database(url)
    age(database)
    backups: list[bool] = []

    quietly(database, backup=lambda: backups.append(True))

    with database.reading.connect() as connection:
        assert inspect(connection).has_table("alerts")
    assert backups == [True]
    database.close()


def test_migration_when_the_market_is_open_is_refused(url: str) -> None:
    database = open_database(url)
    age(database)

    with pytest.raises(StorageError, match="market is open"):
        migrate(database, backup=pytest.fail, is_market_open=lambda: True)

    with database.reading.connect() as connection:
        assert not inspect(connection).has_table("alerts")
    database.close()


def test_database_when_empty_is_made_at_any_time(url: str) -> None:
    database = open_database(url)
    migrate(database, backup=pytest.fail, is_market_open=lambda: True)
    database.close()


def test_database_when_a_newer_maemae_wrote_it_is_refused(url: str) -> None:
    database = open_database(url)
    quietly(database)
    with database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StorageError, match="newer maemae"):
        quietly(database)
    database.close()


def test_migration_when_a_step_fails_leaves_nothing(url: str) -> None:
    database = open_database(url)
    failpoints.arm("migration.step=raise@3")
    try:
        with pytest.raises(StorageError, match="nothing was changed"):
            quietly(database)
    finally:
        failpoints.arm("")

    with database.reading.connect() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()


@pytest.mark.parametrize("step", [1, 4, 7])
def test_migration_when_killed_at_any_step_can_be_run_again(url: str, step: int) -> None:
    command = [sys.executable, "-c", MIGRATE_AND_DIE, url, str(step)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    died = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert died.returncode == 9, died.stderr

    with open_here(url) as store:
        assert store.recover().seq == 0


def test_migration_when_a_permission_is_new_keeps_those_that_were_given(url: str) -> None:
    database = open_database(url)
    age(database)
    given = "INSERT INTO permissions (user_id, permission, granted_at) VALUES ('a', '{}', 1)"
    with database.writing.begin() as connection:
        connection.exec_driver_sql("INSERT INTO users (user_id, is_locked) VALUES ('a', FALSE)")
        connection.exec_driver_sql(given.format("VIEW"))

    quietly(database)

    with database.writing.begin() as connection:
        connection.exec_driver_sql(given.format("WATCH"))
        held = connection.exec_driver_sql("SELECT permission FROM permissions ORDER BY 1").scalars()
        assert list(held) == ["VIEW", "WATCH"]
    database.close()
