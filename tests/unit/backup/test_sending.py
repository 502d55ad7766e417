"""Backups reach the second place, and what lies there is thinned out by what lies there."""

from __future__ import annotations

from pathlib import Path

from maemae.backup.backup import Backup, archive_name, proof_of
from maemae.backup.places import FolderPlace
from maemae.backup.retention import Retention
from maemae.backup.sending import send_backups, sent_backups, thin_out
from maemae.domain.instant import SECOND

DAY = 86_400 * SECOND
BEGIN = 20_000 * DAY


def keep(folder: Path, day: int, *, is_verified: bool = True) -> str:
    """Put a backup of a day into a folder; return its name."""
    folder.mkdir(exist_ok=True)
    path = folder / archive_name(BEGIN + day * DAY)
    path.write_bytes(path.name.encode())
    if is_verified:
        proof_of(path).write_text("proof")
    return path.name


def names(found: list[Backup]) -> list[str]:
    return [backup.path.name for backup in found]


def test_backups_when_verified_are_sent_once(tmp_path: Path) -> None:
    place, folder = FolderPlace(tmp_path / "far"), tmp_path / "here"
    first = keep(folder, 0)
    keep(folder, 1, is_verified=False)

    assert send_backups(place, folder) == 1
    second = keep(folder, 2)
    assert send_backups(place, folder) == 1
    assert send_backups(place, folder) == 0

    assert names(sent_backups(place)) == [first, second]
    assert place.get(f"backups/{first}") == first.encode()


def test_backups_when_the_folder_is_new_and_empty_stay_in_the_second_place(tmp_path: Path) -> None:
    place, folder = FolderPlace(tmp_path / "far"), tmp_path / "here"
    for day in range(10):
        keep(folder, day)
    send_backups(place, folder)

    fresh = tmp_path / "fresh"
    newest = keep(fresh, 10)
    send_backups(place, fresh)
    deleted = thin_out(place, 1, Retention(daily=3, weekly=0))

    assert deleted == 8
    assert names(sent_backups(place))[-1] == newest
    assert len(sent_backups(place)) == 3


def test_thinning_out_when_no_backup_was_sent_deletes_nothing(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "far")
    place.put("journal/1/00000000000000000001/0000000001.segment", b"only copy")

    assert thin_out(place, 1, Retention()) == 0
    assert len(place.names("journal/")) == 1
