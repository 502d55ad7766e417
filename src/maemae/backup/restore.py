"""
Restoring a backup into a new place, safe: whole or not at all, killed, and fenced off its past.

Everything is unpacked, verified and made safe in a folder beside the new one, which gets its
name last. A restore that was killed leaves that folder only; the next one removes it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, Table, func, inspect, select
from sqlalchemy.exc import DBAPIError

from maemae.backup.archive import read_archive
from maemae.backup.continuation import Continued, continue_from
from maemae.backup.database_copy import (
    contents,
    copy_rows,
    disposing,
    make_tables,
    opened,
    require_sound,
    server,
)
from maemae.backup.manifest import DATABASE, TAPES, Manifest
from maemae.backup.places import Place
from maemae.backup.safety import WHY, Frozen, make_safe
from maemae.core.events import KillLevel
from maemae.domain.errors import ConfigError, StorageError
from maemae.failpoints import hit
from maemae.storage.engine import SqliteDatabase
from maemae.storage.file_system import refuse_network
from maemae.storage.migrate import migrate
from maemae.storage.syncing import sync_file, sync_folder
from maemae.storage.tables.every import ALL
from maemae.trading.emergency.kill_file import KillFile

_STAGED: Final = ".restoring"


class Restored(msgspec.Struct, frozen=True):
    """
    A restored and safe data folder.

    Attributes:
        manifest: What the backup says of itself.
        executors: What was made safe of each.
        continued: How far the off-site copy led on; empty without one.
    """

    manifest: Manifest
    executors: tuple[Frozen, ...]
    continued: tuple[Continued, ...] = ()


def restore(
    archive: Path,
    private: str,
    home: Path,
    now: int,
    *,
    database: str = "maemae.db",
    url: str = "",
    offsite: Place | None = None,
) -> Restored:
    """
    Restore a backup into a new data folder, and into an empty server if one is named.

    Args:
        archive: As `maemae.backup.backup.back_up` wrote it.
        private: Private key that opens it.
        home: New data folder; must not exist, or be empty.
        now: Wall time [ns, UTC].
        database: Name that the SQLite file gets in it.
        url: Of an empty PostgreSQL database that gets the rows in its place.
        offsite: Place of the running copy, to go on with from the backup.

    Raises:
        ConfigError: The folder or the database holds something.
        StorageError: The backup cannot be used or the new place not be written; nothing that
            counts as restored was left.
    """
    refuse_network(home)
    _require_empty(home)
    staged = home.with_name(f".{home.name}{_STAGED}")
    try:
        with _discarded_unless_named(staged):
            manifest = _unpacked(archive, private, staged)
            hit("restore.unpacked")
            executors, continued = _made_safe(staged, manifest, now, offsite, private)
            hit("restore.made_safe")
            if url:
                _fill_server(staged / DATABASE, url)
                hit("restore.filled")
                (staged / DATABASE).unlink()
            else:
                (staged / DATABASE).rename(staged / database)
            _sync_everything(staged)
            hit("restore.synced")
            if home.exists():
                home.rmdir()
            staged.rename(home)
            sync_folder(home.parent)
    except (OSError, DBAPIError) as error:
        raise StorageError(
            f"{home} 에 되돌리지 못했습니다 ({error}). 디스크의 남은 공간과 권한을 확인하고 다시 "
            "하세요.",
            f"Nothing was restored to {home} ({error}). Check the disk's space and permissions, "
            "then try again.",
        ) from error
    return Restored(manifest, executors, continued)


def _require_empty(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise ConfigError(
            f"{home} 에 이미 무언가 있습니다. 되돌릴 새 폴더를 정하세요. 있던 것은 그대로입니다.",
            f"{home} holds something. Name a new folder to restore to; nothing was changed.",
        )


@contextmanager
def _discarded_unless_named(staged: Path) -> Iterator[None]:
    """Give an empty private folder, and remove it unless it was given another name."""
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _unpacked(archive: Path, private: str, staged: Path) -> Manifest:
    manifest = read_archive(archive, private, staged)
    require_sound(staged / DATABASE)
    if contents(staged / DATABASE) != manifest.contents:
        raise StorageError(
            f"{archive.name} 의 내용이 목록과 다릅니다. 다른 백업을 쓰세요.",
            f"{archive.name} holds something else than it says. Use another backup.",
        )
    return manifest


def _made_safe(
    staged: Path, manifest: Manifest, now: int, offsite: Place | None, private: str
) -> tuple[tuple[Frozen, ...], tuple[Continued, ...]]:
    """Bring the database to this build's tables and on, then kill and freeze it; by file too."""
    tapes = staged / TAPES
    database = SqliteDatabase(staged / DATABASE)
    try:
        migrate(database, backup=_nothing, is_market_open=_never)
        with database.writing.begin() as connection:
            continued = tuple(
                continue_from(connection, head, offsite, private, tapes)
                for head in manifest.contents.heads
                if offsite is not None
            )
            executors = make_safe(connection, tapes, manifest.made_at, now)
    finally:
        database.close()
    for left in staged.glob(f"{DATABASE}.lock*"):
        left.unlink()
    require_sound(staged / DATABASE)
    KillFile(staged).press(KillLevel.STOP_NEW, "maemae restore", WHY)
    return executors, continued


def _fill_server(source: Path, url: str) -> None:
    """Make the tables and copy every row in one transaction; nothing stays if it fails."""
    with (
        disposing(opened(source)) as copy,
        disposing(server(url)) as engine,
        copy.connect() as reading,
        engine.begin() as writing,
    ):
        if inspect(writing).get_table_names():
            raise ConfigError(
                "되돌릴 PostgreSQL 데이터베이스가 비어 있지 않습니다. 새 데이터베이스를 만들어 그 "
                "주소를 쓰세요. 있던 것은 그대로입니다.",
                "The PostgreSQL database to restore to is not empty. Make a new one and use its "
                "address; nothing was changed.",
            )
        make_tables(writing, contents(source).revision)
        copy_rows(reading, writing, ALL.sorted_tables)
        for table in ALL.sorted_tables:
            _require_same_count(reading, writing, table)
            _count_on(writing, table)


def _require_same_count(reading: Connection, writing: Connection, table: Table) -> None:
    query = select(func.count()).select_from(table)
    before, after = (each.execute(query).scalar_one() for each in (reading, writing))
    if before != after:
        raise StorageError(
            f"{table.name} 표가 {before}행이 아니라 {after}행이 되었습니다. 되돌리지 않았습니다.",
            f"Table {table.name} came to {after} rows, not {before}. Nothing was restored.",
        )


def _count_on(writing: Connection, table: Table) -> None:
    """Let a key that the database counts up go on behind the rows that came with one."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    newest = select(func.max(column)).scalar_subquery()
    writing.execute(select(func.setval(sequence, newest)).where(newest.is_not(None)))


def _sync_everything(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        else:
            sync_file(path)
    sync_folder(folder)


def _nothing() -> None:
    """Back nothing up: what is migrated came out of a backup."""


def _never() -> bool:
    """Say that no market is open to the folder that nobody trades on yet."""
    return False
