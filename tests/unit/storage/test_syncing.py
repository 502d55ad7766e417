"""Small files are there whole, or as they were before, and only for whom they are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from maemae.storage.syncing import write_whole


def test_file_takes_the_place_of_the_one_before_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "word"
    write_whole(path, b"old")
    write_whole(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_file_when_a_dead_process_left_an_open_draft_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    left = tmp_path / f".secret.{os.getpid()}.new"
    left.write_bytes(b"half")
    left.chmod(0o666)

    write_whole(path, b"whole")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"whole"


def test_file_when_it_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "word"
    path.mkdir()

    with pytest.raises(OSError, match="word"):
        write_whole(path, b"new")

    assert path.is_dir()
