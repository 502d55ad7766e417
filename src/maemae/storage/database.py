"""A SQLite file that one process writes and that keeps what it acknowledged."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.storage.file_system import refuse_network

_SETTINGS: Final[Mapping[str, str | int]] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: the log is synced at every commit
    "fullfsync": 1,  # macOS acknowledges a plain sync before it is one
    "checkpoint_fullfsync": 1,
    "cell_size_check": 1,  # a damaged page is found when it is read
    "trusted_schema": 0,
}


class Database:
    """
    A file opened by its one writer, with the settings that durability needs.

    That it is the one writer says a lock of the operating system on a file beside it, which
    a process that dies lets go by dying. Readers do not need it.

    Args:
        path: The file; it and its folder are made if they are not there.

    Attributes:
        connection: Begins no transaction by itself.

    Raises:
        ConfigError: The file lies on a network, or SQLite does not take a setting.
        JournalCorruptError: The file is damaged.
        StorageError: Another process writes it, or it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        refuse_network(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = take_lock(path)
        try:
            self.connection = _open(path)
        except (ConfigError, StorageError):
            self._lock.close()
            raise

    def close(self) -> None:
        """Close the file and let another process write it; what is not committed is gone."""
        try:
            self.connection.close()
        finally:
            self._lock.close()


def apply_settings(connection: sqlite3.Connection) -> None:
    """
    Ask for every setting that durability needs, and look whether it holds.

    Raises:
        ConfigError: SQLite answers with another value.
    """
    for name, wanted in _SETTINGS.items():
        connection.execute(f"PRAGMA {name}={wanted}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise ConfigError(
                f"SQLite 가 {name}={wanted} 을(를) 받지 않습니다(현재 {found}). 기록을 지킬 수 "
                "없으므로 시작하지 않습니다. 이 컴퓨터의 디스크에 있는 파일을 쓰세요.",
                f"SQLite does not take {name}={wanted} (it is {found}), so records would not be "
                "safe. Use a file on a disk of this machine.",
            )


def take_lock(path: Path) -> sqlite3.Connection:
    """
    Become the one process that writes a file, until the connection returned is closed.

    Raises:
        StorageError: Another process is.
    """
    try:
        lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{path} 을(를) 쓸 수 없습니다 ({error}). 다른 maemae 가 실행 중이면 먼저 끝내고, "
            "아니면 폴더의 권한을 확인하세요.",
            f"{path} cannot be written ({error}). If another maemae is running, end it first; "
            "otherwise check the folder's permissions.",
        ) from error
    return lock


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        apply_settings(connection)
        findings = [row[0] for row in connection.execute("PRAGMA quick_check")]
        if findings != ["ok"]:
            raise _damaged(path, "; ".join(findings))
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _damaged(path, str(error)) from error
    except (ConfigError, JournalCorruptError):
        connection.close()
        raise
    return connection


def _damaged(path: Path, finding: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"{path} 파일이 손상되었습니다 ({finding}). 백업에서 되돌리세요.",
        f"{path} is damaged ({finding}). Restore it from a backup.",
    )
