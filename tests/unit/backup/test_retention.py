"""Old backups go, some days and weeks stay, and the last that can be trusted always does."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maemae.backup.backup import archive_name, backups, proof_of
from maemae.backup.retention import Retention, prune
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.domain.instant import SECOND

BEGIN = datetime(2026, 1, 5, 3, tzinfo=UTC)  # a Monday


def keep(folder: Path, days: float, *, is_verified: bool = True) -> Path:
    """Put a backup of so many days after the beginning into a folder."""
    moment = BEGIN + timedelta(days)
    path = folder / archive_name(int(moment.timestamp()) * SECOND)
    path.write_bytes(path.name.encode())
    if is_verified:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        proof_of(path).write_text(f"{digest}  {path.name}\n", "ascii")
    return path


def days_left(folder: Path) -> list[int]:
    first = int(BEGIN.timestamp()) * SECOND
    return [(backup.made_at - first) // (86_400 * SECOND) for backup in backups(folder)]


def test_prune_keeps_the_newest_of_the_last_days_and_weeks(tmp_path: Path) -> None:
    for day in range(30):
        keep(tmp_path, day)
        keep(tmp_path, day + 0.5)

    deleted = prune(tmp_path, Retention(daily=3, weekly=3))

    assert days_left(tmp_path) == [20, 27, 28, 29]
    assert len(deleted) == 56
    assert len(list(tmp_path.iterdir())) == 8
    assert prune(tmp_path, Retention(daily=3, weekly=3)) == []


def test_prune_when_little_is_there_deletes_nothing(tmp_path: Path) -> None:
    keep(tmp_path, 0)
    assert prune(tmp_path, Retention(daily=1, weekly=0)) == []
    assert days_left(tmp_path) == [0]


def test_prune_when_the_newest_is_damaged_deletes_nothing(tmp_path: Path) -> None:
    for day in range(5):
        newest = keep(tmp_path, day)
    newest.write_bytes(b"damaged")

    with pytest.raises(StorageError, match="newest backup"):
        prune(tmp_path, Retention(daily=1, weekly=0))

    assert days_left(tmp_path) == [0, 1, 2, 3, 4]


def test_prune_leaves_alone_what_was_never_verified_and_does_not_count_it(tmp_path: Path) -> None:
    keep(tmp_path, 0)
    unverified = keep(tmp_path, 9, is_verified=False)
    foreign = tmp_path / "maemae-mine.tar.gz.age"
    foreign.write_bytes(b"")

    assert prune(tmp_path, Retention(daily=1, weekly=0)) == []

    assert days_left(tmp_path) == [0]
    assert unverified.exists()
    assert foreign.exists()


def test_prune_when_nothing_would_be_kept_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="1 or more"):
        prune(tmp_path, Retention(daily=0))
