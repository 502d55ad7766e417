"""The locked requirements: whole, hashed, and silent about where they were downloaded from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import REPOSITORY

LOCKS = sorted((REPOSITORY / "requirements").glob("*.txt"))
ENTRY = re.compile(r"(?P<name>[a-z0-9-]+)==\S+ (; .+ )?\\(\n +--hash=sha256:[0-9a-f]{64}( \\)?)+\n")


def locked(path: Path) -> set[str]:
    return {match["name"] for match in ENTRY.finditer(path.read_text("utf-8"))}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_names_no_index_and_no_host(path: Path) -> None:
    assert not re.findall(r"(?m)^-.*|\S+://\S+|@ .*", path.read_text("utf-8"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_hashes_every_package(path: Path) -> None:
    rest = ENTRY.sub("", path.read_text("utf-8"))
    assert not [line for line in rest.splitlines() if not line.lstrip().startswith("#")]


def test_locks_hold_what_the_project_declares() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    runtime, dev = (
        {re.split(r"[><=\[; ]", line)[0].lower() for line in lines}
        for lines in (project["dependencies"] + extras["report"], extras["dev"])
    )
    assert runtime <= locked(REPOSITORY / "requirements" / "runtime.txt")
    assert runtime | dev <= locked(REPOSITORY / "requirements" / "dev.txt")
