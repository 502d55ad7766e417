from __future__ import annotations

from pathlib import Path

import pytest

from maemae.domain.errors import StorageError
from maemae.research.report.file import require_writable, write_report


def test_report_is_written_whole_into_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.html"

    write_report(path, "<p>매매</p>")

    assert path.read_text("utf-8") == "<p>매매</p>"
    assert list(path.parent.iterdir()) == [path]


def test_report_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "b.html"
    write_report(path, "old")

    write_report(path, "new")

    assert path.read_text("utf-8") == "new"


def test_report_when_writing_fails_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "b.html"
    write_report(path, "old")

    with pytest.raises(UnicodeEncodeError):
        write_report(path, "new \ud800")

    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_report_when_the_place_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        require_writable(tmp_path)


def test_report_when_the_place_is_a_device_is_refused_and_leaves_it() -> None:
    with pytest.raises(StorageError, match="no file"):
        require_writable(Path("/dev/null"))

    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("length", [250, 400])
def test_report_when_its_name_is_too_long_is_refused_before_the_run(
    tmp_path: Path, length: int
) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        require_writable(tmp_path / ("x" * length))


def test_report_when_the_folder_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for attempt in (require_writable, lambda path: write_report(path, "new")):
        with pytest.raises(StorageError):
            attempt(tmp_path / "file" / "b.html")


def test_place_when_it_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    require_writable(tmp_path / "a" / "b.html")

    assert list((tmp_path / "a").iterdir()) == []
