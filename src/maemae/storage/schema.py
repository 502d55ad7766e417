"""The tables of a journal and the header in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.domain.text import Text
from maemae.storage.records import Header, encode

VERSION: Final = 1
"""Version of the tables, kept in the file as `user_version`."""

_TABLES: Final = (
    "CREATE TABLE header (content BLOB NOT NULL)",
    "CREATE TABLE record (seq INTEGER PRIMARY KEY, event BLOB NOT NULL, actions BLOB NOT NULL,"
    " hash BLOB NOT NULL)",
    "CREATE TABLE snapshot (seq INTEGER PRIMARY KEY, state BLOB NOT NULL, hash BLOB NOT NULL)",
)


def open_header(connection: sqlite3.Connection, path: Path, header: Header) -> Header:
    """
    Begin a journal with this header, or return the one that it was begun with.

    Raises:
        ConfigError: The journal belongs to another market or config.
        JournalCorruptError: The header cannot be read.
        StorageError: The tables are of another version.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        _create(connection, path, header)
    elif version != VERSION:
        raise StorageError(
            f"{path} 은(는) 다른 버전({version})의 maemae 가 만든 저널입니다. 그 버전으로 여세요.",
            f"{path} was written by another version of maemae ({version}). Open it with that one.",
        )
    found = _stored(connection, path)
    if header.market != found.market:
        raise _other_run(path, Text("시세 데이터", "market data"))
    if header.config != found.config:
        raise _other_run(path, Text("계좌·비용·한도", "accounts, costs or limits"))
    return found


def _create(connection: sqlite3.Connection, path: Path, header: Header) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise StorageError(
            f"{path} 은(는) 저널이 아닌 SQLite 파일입니다. 다른 이름을 쓰세요.",
            f"{path} is a SQLite file but no journal. Use another name.",
        )
    connection.execute("BEGIN IMMEDIATE")
    for table in _TABLES:
        connection.execute(table)
    connection.execute("INSERT INTO header VALUES (?)", (encode(header),))
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")


def _stored(connection: sqlite3.Connection, path: Path) -> Header:
    rows = connection.execute("SELECT content FROM header").fetchall()
    try:
        (content,) = rows[0]
        return msgspec.msgpack.decode(content, type=Header)
    except (IndexError, msgspec.MsgspecError) as error:
        raise JournalCorruptError(
            f"{path} 의 머리 기록을 읽을 수 없습니다. 백업에서 되돌리세요.",
            f"The header of {path} cannot be read. Restore it from a backup.",
        ) from error


def _other_run(path: Path, what: Text) -> ConfigError:
    return ConfigError(
        f"{path} 은(는) 다른 {what.ko}(으)로 시작한 저널입니다. 처음과 같게 하거나 새 저널을 "
        "쓰세요.",
        f"{path} was begun with other {what.en}. Use the same, or begin a new journal.",
    )
