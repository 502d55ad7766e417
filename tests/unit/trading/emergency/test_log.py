"""A line is on the disk before what it tells of; damage is found, and never in the way."""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest

from maemae.core.events import KillLevel
from maemae.domain.errors import StorageError
from maemae.trading.emergency.log import Damaged, EmergencyLog, EpochTaken, KillPressed

PRESSED = KillPressed(KillLevel.CANCEL_ALL, "kim", "폭락")


def test_log_returns_what_was_written_in_order(tmp_path: Path) -> None:
    log = EmergencyLog(tmp_path)

    assert [log.append(PRESSED, 7), log.append(EpochTaken(3, "w"), 8)] == [1, 2]

    assert [(line.seq, line.at, line.record) for line in EmergencyLog(tmp_path).lines()] == [
        (1, 7, PRESSED),
        (2, 8, EpochTaken(3, "w")),
    ]
    assert log.is_whole


def test_append_syncs_after_it_wrote_and_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    write, fsync = os.write, os.fsync

    def noted_write(handle: int, data: bytes) -> int:
        calls.append("write")
        return write(handle, data)

    def noted_fsync(handle: int) -> None:
        calls.append("sync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "sync")
        fsync(handle)

    monkeypatch.setattr("os.write", noted_write)
    monkeypatch.setattr("os.fsync", noted_fsync)
    log = EmergencyLog(tmp_path)

    log.append(PRESSED, 1)
    log.append(PRESSED, 2)

    assert calls == ["write", "sync", "sync folder", "write", "sync"]


def test_log_of_several_writers_is_one_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # syncs may take long here
    monkeypatch.setattr("maemae.trading.emergency.log._PATIENCE_SECS", 60.0)

    def write() -> None:
        log = EmergencyLog(tmp_path)
        for number in range(10):
            log.append(EpochTaken(number, "w"), number)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    log = EmergencyLog(tmp_path)
    assert [line.seq for line in log.lines()] == list(range(1, 41))
    assert log.is_whole


@pytest.mark.parametrize("kept", [1, 10, 60])
def test_log_when_its_last_line_was_torn_goes_on_without_it(tmp_path: Path, kept: int) -> None:
    log = EmergencyLog(tmp_path)
    log.append(PRESSED, 1)
    whole = log.path.read_bytes()
    log.append(PRESSED, 2)
    log.path.write_bytes(whole + log.path.read_bytes()[len(whole) :][:kept])

    assert log.append(EpochTaken(1, "w"), 3) == 2

    assert [line.at for line in log.lines()] == [1, 3]
    assert log.is_whole


@pytest.mark.parametrize("tamper", ["edit", "delete", "swap"])
def test_log_when_damaged_is_put_aside_and_begun_anew(tmp_path: Path, tamper: str) -> None:
    log = EmergencyLog(tmp_path)
    for at in range(1, 5):
        log.append(PRESSED, at)
    first, second, third, fourth = log.path.read_bytes().splitlines(keepends=True)
    damaged = {
        "edit": [first, second.replace(b"CANCEL_ALL", b"STOP_NEW"), third, fourth],
        "delete": [first, third, fourth],
        "swap": [first, third, second, fourth],
    }[tamper]
    log.path.write_bytes(b"".join(damaged))
    assert not log.is_whole
    assert [line.at for line in log.lines()] == [1]

    log.append(PRESSED, 9)

    assert [type(line.record) for line in log.lines()] == [Damaged, KillPressed]
    assert (tmp_path / "emergency.log.damaged-9").read_bytes() == b"".join(damaged)
    assert log.is_whole


def test_append_when_another_process_hangs_on_the_log_gives_up(tmp_path: Path) -> None:
    log = EmergencyLog(tmp_path)
    log.append(PRESSED, 1)
    with log.path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        with pytest.raises(StorageError, match="go on without it"):
            log.append(PRESSED, 2)


def test_append_when_the_folder_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Check the disk"):
        EmergencyLog(tmp_path / "gone").append(PRESSED, 1)


def test_log_when_absent_is_empty_and_whole(tmp_path: Path) -> None:
    log = EmergencyLog(tmp_path)

    assert log.lines() == ()
    assert log.is_whole


def test_log_when_it_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "emergency.log").mkdir()

    with pytest.raises(StorageError, match="cannot be read"):
        EmergencyLog(tmp_path).lines()
