"""`maemae run`, as `make run` runs it: everything in one window, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from maemae.app.demo_login import find_demo_login
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import PAPER_KEYS
from maemae.emulators.ledger import ledger_orders, read_ledger
from maemae.settings import Settings
from maemae.storage.reading import open_executor_reading
from tests.commands.processes import COMMAND, environment, maemae
from tests.waiting import until

LOGIN = re.compile(r"user (\S+) +password (\S+) +code (\d{6})")
READY_SECS = 120.0
MARGIN_SECS = 5


class Run:
    """A `maemae run` in a home of its own, with these words more."""

    def __init__(self, home: Path, *more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.home = home
        self._log = home / "run.log"
        home.mkdir(exist_ok=True)
        words = ("run", "--port", str(self.port), "--no-backtests", "--lang", "en", *more)
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
        for _ in range(2):  # people press it twice
            self.process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        return self.process.wait(60)


@contextmanager
def running(home: Path, *more: str) -> Iterator[Run]:
    """Give a `maemae run` that has shown its login."""
    started = Run(home, *more)
    try:
        until(lambda: LOGIN.search(started.told()), READY_SECS)
        yield started
    finally:
        if started.process.poll() is None:
            started.end()


def log_in(run: Run) -> dict[str, str]:
    """Log in with what is shown; return the headers of whoever is."""
    user_id, password, _ = LOGIN.findall(run.told())[-1]
    shown = find_demo_login(Settings(home=run.home / "demo"))
    assert shown is not None
    until(lambda: shown.code()[1] > MARGIN_SECS)  # or it ends on its way
    code, _ = shown.code()
    with httpx.Client(base_url=run.url, headers={"Origin": run.url}) as client:
        asked = {"user_id": user_id, "password": password}
        answer = client.post("/api/auth/login", json=asked)
        assert answer.json() == {"next": "TOTP"}, answer.text
        cookie = answer.headers["set-cookie"].partition(";")[0]
        answer = client.post("/api/auth/totp", json={"code": code}, headers={"Cookie": cookie})
        assert answer.status_code == 200, answer.text
        cookies = answer.headers.get_list("set-cookie")
    return {"Cookie": "; ".join(each.partition(";")[0] for each in cookies)}


def assert_ends_clean(run: Run) -> None:
    assert run.end() == 0, run.told()
    assert "Everything has stopped" in run.told()
    until(lambda: processes_of(run.home / "demo") == [])


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


def test_run_trades_lets_its_login_in_survives_a_kill_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path / "home") as run:
        demo = run.home / "demo"
        log_in(run)

        database = Settings(home=demo.absolute()).database_url(Mode.SIM)
        with open_executor_reading(database, "owner", Mode.SIM) as reading:
            until(reading.queries.positions, READY_SECS)
            first = reading.queries.executor().epoch
            (pid,) = [pid for pid in processes_of(demo) if is_executor(pid)]
            os.kill(pid, signal.SIGKILL)
            until(lambda: reading.queries.executor().epoch > first, READY_SECS)

        assert_ends_clean(run)


def test_run_when_told_kiwoom_trades_on_its_emulator_and_shows_it(tmp_path: Path) -> None:
    with running(tmp_path / "home", "--broker", "kiwoom-rest") as run:
        headers, ledgers = log_in(run), run.home / "demo" / "emulator"
        account = PAPER_KEYS.account_id
        with httpx.Client(base_url=run.url, headers=headers) as client:

            def positions() -> object:
                answer = client.get("/api/positions", params={"account_id": account})
                assert answer.status_code == 200, answer.text
                return answer.json()

            until(positions, READY_SECS)
        (ledger,) = ledgers.glob("kiwoom-paper-*.ledger")
        assert any(order.fills for order in ledger_orders(read_ledger(ledger)))

        assert_ends_clean(run)


def test_run_when_the_broker_has_no_such_mode_says_so_before_anything_starts(
    tmp_path: Path,
) -> None:
    outcome = maemae(tmp_path, "run", "--mode", "paper", "--lang", "en")

    assert outcome.returncode == 1
    assert "This broker has no mode paper" in outcome.stderr
    assert not (tmp_path / "log").exists()


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
