"""The fingerprint of a build follows its source."""

from __future__ import annotations

from pathlib import Path

from maemae.storage.fingerprint import build_fingerprint


def a_build(folder: Path, name: str, source: str) -> Path:
    """Make a package of one module."""
    (folder / "core").mkdir(parents=True)
    (folder / "core" / name).write_text(source, encoding="utf-8")
    return folder


def test_fingerprint_is_that_of_the_source_wherever_it_lies(tmp_path: Path) -> None:
    here, there = (a_build(tmp_path / place, "gate.py", "x = 1\n") for place in ("a", "b"))

    assert build_fingerprint(here) == build_fingerprint(there)


def test_fingerprint_when_a_module_changes_or_moves_is_another(tmp_path: Path) -> None:
    first = a_build(tmp_path / "a", "gate.py", "x = 1\n")
    changed = a_build(tmp_path / "b", "gate.py", "x = 2\n")
    moved = a_build(tmp_path / "c", "fold.py", "x = 1\n")

    assert len({build_fingerprint(package) for package in (first, changed, moved)}) == 3
