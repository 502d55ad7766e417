"""The file under a store: one writer, settings that hold, a disk of this machine."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from maemae.domain.errors import ConfigError, StorageError
from maemae.storage.database import Database, apply_settings
from maemae.storage.file_system import file_system, refuse_network

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
nas:/volume1 /mnt/nas nfs4 rw 0 0
//pc/share /mnt/my\\040pc cifs rw 0 0
/dev/sdb1 /mnt/nas/local ext4 rw 0 0
"""

HOLD = """
import sys
from pathlib import Path
from maemae.storage.database import Database
database = Database(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_open_has_every_setting_that_durability_needs(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "new" / "store.db")) as database:
        read = {
            name: database.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "cell_size_check", "locking_mode")
        }
    assert read == {
        "journal_mode": "wal",
        "synchronous": 2,
        "cell_size_check": 1,
        "locking_mode": "normal",
    }


def test_open_when_a_setting_does_not_hold_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as memory,
        pytest.raises(ConfigError, match="journal_mode"),
    ):
        apply_settings(memory)


def test_open_when_this_process_writes_it_already_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(Database(path)), pytest.raises(StorageError, match="end it first"):
        Database(path)


def test_open_when_another_process_writes_it_is_refused_until_that_dies(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(StorageError, match="end it first"):
                Database(path)
        finally:
            os.kill(holder.pid, signal.SIGKILL)
            holder.wait()
    Database(path).close()


def test_open_when_the_folder_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.db.lock").mkdir()

    with pytest.raises(StorageError, match="permissions"):
        Database(tmp_path / "store.db")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/user/journal.db", "ext4"),
        ("/run/journal.db", "tmpfs"),
        ("/mnt/nas/journal.db", "nfs4"),
        ("/mnt/nas/local/journal.db", "ext4"),
        ("/mnt/my pc/journal.db", "cifs"),
    ],
)
def test_file_system_is_that_of_the_deepest_mount(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_file_system_when_nothing_tells_is_empty() -> None:
    assert file_system(Path("/anywhere"), "") == ""


def test_refuse_network_when_the_path_is_a_share_of_windows_says_why() -> None:
    with pytest.raises(ConfigError, match="network file system"):
        refuse_network(Path("\\\\nas\\share\\journal.db"))


def test_refuse_network_when_the_disk_is_local_lets_it_pass(tmp_path: Path) -> None:
    refuse_network(tmp_path / "journal.db")
