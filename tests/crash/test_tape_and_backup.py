"""`kill -9` in the middle of a tape, a backup or a restore: what counts is whole, or not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maemae.backup.backup import backups, is_intact, verify
from maemae.backup.sealing import KeyPair, make_key
from maemae.core.events import KillLevel, PriceUpdated
from maemae.domain.instant import SECOND
from maemae.storage.tape import DayTape, Tape, Taped, newest_seq
from tests.builders import DAY_1, NOON, SAMSUNG
from tests.storage.databases import Desk, open_here, trade

REPOSITORY = Path(__file__).parents[2]
GONE = 9  # what a failpoint that ends the process leaves as its code
KILLS = 4


def command(what: str, folder: Path, *told: str) -> list[str]:
    return [sys.executable, "-m", "tests.crash.storage_process", what, str(folder), *told]


def run(what: str, folder: Path, *told: str) -> int:
    done = subprocess.run(command(what, folder, *told), cwd=REPOSITORY, timeout=180, check=False)
    return done.returncode


@pytest.fixture
def key() -> KeyPair:
    return make_key()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_here(f"sqlite:///{tmp_path / 'store.db'}") as store:
        trade(Desk(store), 20)
    return tmp_path


def leftovers(folder: Path) -> set[str]:
    names = {path.name for path in folder.iterdir()}
    return names - {"store.db", "store.db.lock", "store.db-shm", "store.db-wal", "backups"}


def acknowledged_before_death(folder: Path, secs: float) -> int:
    """Let a process write a tape for a time and kill it; return what it said was durable."""
    told = command("tape", folder)
    with subprocess.Popen(told, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(secs)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read()
    whole_lines = (first + rest).rpartition("\n")[0]
    return int(whole_lines.split("\n")[-1])


def test_tape_when_its_writer_is_killed_has_everything_that_was_synced(tmp_path: Path) -> None:
    for number in range(KILLS):
        folder = tmp_path / f"life-{number}"
        acknowledged = acknowledged_before_death(folder, number * 0.02)

        read = list(DayTape(folder / "tape", DAY_1))

        assert len(read) >= acknowledged > 0
        ticks = (PriceUpdated(SAMSUNG, seq, NOON + seq) for seq in range(1, len(read) + 1))
        assert read == [Taped(tick.price, tick) for tick in ticks]
        again = Tape(folder / "tape", 2, DAY_1)
        again.append(newest_seq(folder / "tape") + 1, read[0].event)
        again.close()
        assert newest_seq(folder / "tape") == len(read) + 1


@pytest.mark.parametrize("place", ["backup.copied", "backup.written", "backup.verified"])
def test_backup_when_killed_leaves_nothing_that_counts(
    folder: Path, key: KeyPair, place: str
) -> None:
    assert run("backup", folder, str(NOON), key.public, f"{place}=exit") == GONE
    assert backups(folder / "backups") == []
    assert leftovers(folder) == {"scratch"}

    assert run("backup", folder, str(NOON + SECOND), key.public) == 0

    (made,) = backups(folder / "backups")
    assert is_intact(made)
    assert verify(made.path, key.private, folder / "scratch").contents.counts["executions"] == 40
    assert list((folder / "backups").glob("*.part")) == []
    assert leftovers(folder) == set()


def test_backup_when_killed_before_its_proof_does_not_count(folder: Path, key: KeyPair) -> None:
    assert run("backup", folder, str(NOON), key.public, "backup.named=exit") == GONE
    assert backups(folder / "backups") == []

    assert run("backup", folder, str(NOON), key.public) == 0

    assert len(backups(folder / "backups")) == 1


@pytest.mark.parametrize("place", ["restore.unpacked", "restore.made_safe", "restore.synced"])
def test_restore_when_killed_leaves_nothing_that_counts(
    folder: Path, key: KeyPair, place: str
) -> None:
    assert run("backup", folder, str(NOON), key.public) == 0
    assert run("restore", folder, str(NOON), key.private, f"{place}=exit") == GONE
    assert not (folder / "restored").exists()

    assert run("restore", folder, str(NOON), key.private) == 0

    assert leftovers(folder) == {"restored"}
    with open_here(f"sqlite:///{folder / 'restored' / 'maemae.db'}") as store:
        assert store.recover().state.kill is KillLevel.STOP_NEW


@pytest.mark.parametrize("what", ["backup", "restore"])
def test_work_when_killed_at_any_time_leaves_all_or_nothing(
    folder: Path, key: KeyPair, what: str
) -> None:
    assert run("backup", folder, str(NOON), key.public) == 0
    secret = key.public if what == "backup" else key.private
    for number in range(1, KILLS + 1):
        told = command(what, folder, str(NOON + number * SECOND), secret)
        with subprocess.Popen(told, cwd=REPOSITORY) as process:
            time.sleep(0.9 + number * 0.05)
            os.kill(process.pid, signal.SIGKILL)
        for made in backups(folder / "backups"):
            assert is_intact(made)
            verify(made.path, key.private, folder / "looking")
        home = folder / "restored"
        if home.exists():
            with open_here(f"sqlite:///{home / 'maemae.db'}") as store:
                assert store.recover().state.kill is KillLevel.STOP_NEW
            home.rename(folder / f"restored-{number}")
