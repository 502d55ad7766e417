"""Importing maemae does nothing: no socket, no file written, no process, no database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import SRC, dotted, modules

pytestmark = pytest.mark.thorough

GUARDED_IMPORT = """
import importlib, os, sys

*names, = sys.argv[1:]
for library in ("alembic", "jinja2", "numpy", "polars", "sqlalchemy", "talib", "typer"):
    importlib.import_module(library)  # what others do at import is not ours

REFUSED = ("socket.", "subprocess.", "sqlite3.", "shutil.", "tempfile.", "os.mkdir", "os.remove",
           "os.rename", "os.rmdir", "os.system", "os.posix_spawn", "os.fork")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def refuse(event, args):
    if event.startswith(REFUSED) or (event == "open" and (args[2] or 0) & WRITING):
        raise RuntimeError(f"{event} {args[:1]} while importing {name}")

name = "the first module"
sys.addaudithook(refuse)
for name in names:
    importlib.import_module(name)
"""


def import_guarded(names: list[str], search: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(search)}
    command = [sys.executable, "-B", "-c", GUARDED_IMPORT, *names]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_importing_any_module_does_nothing() -> None:
    names = [dotted(path) for path in modules() if path.name != "__main__.py"]

    outcome = import_guarded(names, SRC)

    assert outcome.returncode == 0, outcome.stderr


def test_guard_when_a_module_writes_a_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "rogue.py").write_text("open('left_behind', 'w')", encoding="utf-8")

    outcome = import_guarded(["rogue"], tmp_path)

    assert "while importing rogue" in outcome.stderr


def test_guard_when_a_module_opens_a_socket_names_it(tmp_path: Path) -> None:
    (tmp_path / "rogue.py").write_text("import socket; socket.socket()", encoding="utf-8")

    outcome = import_guarded(["rogue"], tmp_path)

    assert "while importing rogue" in outcome.stderr


def test_executor_and_watchdog_load_no_server() -> None:
    listing = (
        "import sys, maemae.app.executors, maemae.app.watchdogs;"
        "print([name for name in ('fastapi', 'starlette', 'uvicorn') if name in sys.modules])"
    )

    command = [sys.executable, "-c", listing]
    outcome = subprocess.run(command, capture_output=True, text=True, check=True)

    assert outcome.stdout == "[]\n"
