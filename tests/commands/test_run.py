"""`maemae run`, as `make run` runs it: everything in one window, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.storage.reading import open_executor_reading
from tests.commands.processes import COMMAND, environment
from tests.polling import until

LOGIN = re.compile(r"user (\S+) +password (\S+) +code (\d{6})")
READY_SECS = 120.0


class Run:
    """A `maemae run` in a home of its own."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.home = home
        self._log = home / "run.log"
        home.mkdir(exist_ok=True)
        words = ("run", "--port", str(self.port), "--no-backtests", "--lang", "en")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *words],
                env=environment(home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def told(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run(tmp_path / "home")
    yield started
    if started.process.poll() is None:
        started.end()


def processes_of(home: Path) -> list[int]:
    """Return the processes that have this home in their environment."""
    mark = f"MAEMAE_HOME={home}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue  # it ended, or is another's
    return found


def test_run_trades_lets_its_login_in_survives_a_kill_and_leaves_nothing(run: Run) -> None:
    until(lambda: LOGIN.search(run.told()), READY_SECS)
    demo = run.home / "demo"

    user_id, password, code = LOGIN.findall(run.told())[0]
    with httpx.Client(base_url=run.url, headers={"Origin": run.url}) as client:
        asked = {"user_id": user_id, "password": password}
        answer = client.post("/api/auth/login", json=asked)
        assert answer.json() == {"next": "TOTP"}, answer.text
        cookie = answer.headers["set-cookie"].partition(";")[0]
        answer = client.post("/api/auth/totp", json={"code": code}, headers={"Cookie": cookie})
        assert answer.status_code == 200, answer.text

    database = Settings(home=demo.absolute()).database_url(Mode.SIM)
    with open_executor_reading(database, "owner", Mode.SIM) as reading:
        until(reading.queries.positions, READY_SECS)
        first = reading.queries.executor().epoch
        (pid,) = [pid for pid in processes_of(demo) if is_executor(pid)]
        os.kill(pid, signal.SIGKILL)
        until(lambda: reading.queries.executor().epoch > first, READY_SECS)

    assert run.end() == 0, run.told()
    assert "Everything has stopped" in run.told()
    until(lambda: processes_of(demo) == [])


def is_executor(pid: int) -> bool:
    return b"trade" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def test_run_when_its_port_is_taken_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = subprocess.run(
            [*COMMAND, "run", "--port", str(taken.getsockname()[1]), "--lang", "en"],
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_SECS,
        )

    assert outcome.returncode == 1
    assert "Address already in use" in outcome.stderr
    assert processes_of(tmp_path / "demo") == []
