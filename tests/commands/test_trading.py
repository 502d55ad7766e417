"""Trading as a person does it: broker, executor and commands as processes of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.commands.processes import COMMAND, environment, maemae
from tests.storage.databases import open_here

PATIENCE = 90.0
STOCK = "Z00010"
HURRY = {"MAEMAE_TEST_BUILD": "1", "MAEMAE_HURRY": "10"}
DAY = "2026-11-02"


class Home:
    """One data folder and the processes on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = self.keys = 0
        self.more: dict[str, str] = {}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return maemae(self.folder, *words, more=HURRY | self.more)

    def asked(self, *words: str) -> dict[str, object]:
        """Return what a command says in JSON, once the executor has an engine that answers."""
        told = [self.run(*words, "--json")]

        def answers() -> bool:
            told.append(self.run(*words, "--json"))
            return told[-1].returncode == 0

        if told[-1].returncode:
            self.until(told[-1].stderr, answers)
        return dict(json.loads(told[-1].stdout))

    def until(self, what: str, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, what
            time.sleep(0.1)

    @contextmanager
    def process(self, said: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command beside the test, from the moment on that it said something."""
        self.started += 1
        log = self.folder / f"{words[0]}-{self.started}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*COMMAND, *words],
                env=environment(self.folder) | HURRY | self.more,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            self.until(f"{words}: {said}", lambda: said in self.log(log, process))
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE)

    def log(self, path: Path, process: subprocess.Popen[bytes]) -> str:
        text = path.read_text("utf-8")
        assert process.poll() is None, text
        return text

    def buy(self, *words: str) -> tuple[str, subprocess.CompletedProcess[str]]:
        """Buy as soon as there is a price to buy at; return the key and what was said."""
        told: list[subprocess.CompletedProcess[str]] = []

        def is_taken() -> bool:
            self.keys += 1
            told.append(self.run("buy", STOCK, *words, "--key", f"k{self.keys}"))
            return "현재가" not in told[-1].stderr

        self.until("a price", is_taken)
        assert told[-1].returncode == 0, told[-1].stderr
        return f"k{self.keys}", told[-1]

    def held(self) -> int:
        holdings = self.asked("positions")["holdings"]
        assert isinstance(holdings, list)
        return sum(each["qty"] for each in holdings)


@pytest.fixture
def home() -> Iterator[Home]:
    """Yield a home whose path is short enough for a socket, with a broker in it."""
    with TemporaryDirectory(prefix="mm") as folder:
        home = Home(Path(folder))
        words = ("--port", "0", "--speed", "60", "--cash", "3,000만", "--skip-nights")
        with home.process("Ctrl-C", "emulate", "sim", *words):
            yield home


def ended(process: subprocess.Popen[bytes], number: signal.Signals) -> int:
    os.kill(process.pid, number)
    return process.wait(PATIENCE)


def test_trading_from_the_first_order_over_a_crash_to_the_replay(home: Home) -> None:
    with home.process(
        "복구가 끝났습니다", "trade", "--mode", "sim", "--state", "active"
    ) as executor:
        second = home.run("trade", "--mode", "sim")
        key, bought = home.buy("--qty", "10", "--stop", "20%")
        again = home.run("buy", STOCK, "--qty", "10", "--stop", "20%", "--key", key)
        off_tick = home.run("buy", STOCK, "--qty", "1", "--limit", "30001")
        low = home.run("buy", STOCK, "--qty", "5", "--limit", "30000")
        shown = home.run("positions")
        assert ended(executor, signal.SIGKILL) == -signal.SIGKILL

    assert (second.returncode, "다른 실행기" in second.stderr) == (1, True)
    assert "전량 체결 10/10주" in bought.stdout
    assert again.stdout == bought.stdout
    assert (off_tick.returncode, "호가 단위" in off_tick.stderr) == (1, True)
    assert low.returncode == 0, low.stderr
    assert re.search(rf"{STOCK} 윤슬전자 +MANUAL +10 ", shown.stdout)

    with home.process("복구가 끝났습니다", "trade", "--mode", "sim") as executor:
        assert home.held() == 10
        pressed = home.run("halt", "--liquidate", "--reason", "시험")
        home.until("nothing held", lambda: home.held() == 0)
        status = home.asked("status")
        refused = home.run("buy", STOCK, "--qty", "1")
        assert ended(executor, signal.SIGTERM) == 0

    assert "실행기가 받았습니다" in pressed.stdout
    assert (status["kill"], status["open_orders"], status["unknown_orders"]) == ("LIQUIDATE", 0, 0)
    assert (refused.returncode, "비상정지" in refused.stderr) == (1, True)

    with home.process("복구가 끝났습니다", "trade", "--mode", "sim"):
        assert home.asked("status")["kill"] == "LIQUIDATE"
        released = home.run("resume", "--reason", "확인했음", "--yes")
        assert released.returncode == 0, released.stdout + released.stderr
        assert "거래를 시작합니다" in released.stdout
        home.buy("--qty", "3")
        assert home.run("sell", STOCK, "--all").returncode == 0
        assert home.held() == 0

    verdict = home.run("replay", DAY)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert "✔" in verdict.stdout
    verified = re.search(r"저널 ([\d,]+)건이 그대로", verdict.stdout)
    assert verified is not None
    assert int(verified[1].replace(",", "")) > 20


def test_executor_when_interrupted_before_it_finds_a_broker_ends_cleanly(home: Home) -> None:
    words = ("trade", "--mode", "sim", "--broker-port", "1")
    with home.process("BROKER_UNREACHABLE", *words) as executor:
        told = home.run("status")
        assert ended(executor, signal.SIGINT) == 0

    assert (told.returncode, "연결하는 중" in told.stderr) == (1, True)


def test_watchdog_sells_for_an_executor_that_died_and_lets_it_start_again(home: Home) -> None:
    with home.process(
        "복구가 끝났습니다", "trade", "--mode", "sim", "--state", "active"
    ) as executor:
        home.buy("--qty", "10")
        with home.process("지킵니다", "watchdog", "--policy", "liquidate") as watchdog:
            time.sleep(1)  # it must have seen the executor alive
            ended(executor, signal.SIGKILL)
            log = next(home.folder.glob("watchdog-*.log"))
            home.until("sold", lambda: "EMERGENCY_DONE" in home.log(log, watchdog))
            with home.process("복구가 끝났습니다", "trade", "--mode", "sim"):
                assert home.held() == 0


def test_backup_is_restored_into_a_folder_that_is_killed(home: Home) -> None:
    key, target = home.folder / "key", home.folder / "new" / "sim"
    with home.process("복구가 끝났습니다", "trade", "--mode", "sim"):
        made = home.run("backup", "--new-key", str(key))
        (public,) = re.findall(r"age1\w+", made.stdout)
        keys = {"MAEMAE_BACKUP_KEYS": public}
        backup = maemae(home.folder, "backup", more=HURRY | keys)
        assert backup.returncode == 0, backup.stderr
    (archive,) = (home.folder / "backups" / "sim").glob("*.age")

    words = ("restore", str(archive), "--to", str(target), "--key", str(key))
    restored, again = home.run(*words), home.run(*words)

    assert restored.returncode == 0, restored.stderr
    assert (again.returncode, len(again.stderr.splitlines())) == (1, 1)
    assert (target / "KILL").exists()
    assert key.stat().st_mode & 0o077 == 0
    doctor = maemae(target.parent, "doctor")
    assert re.search(r"✔ 저널: [\d,]+번까지 온전합니다", doctor.stdout)
    assert "✘ 비상정지: STOP_NEW" in doctor.stdout


def test_trading_when_the_disk_is_lost_goes_on_from_the_second_place(home: Home) -> None:
    key, elsewhere, target = home.folder / "key", home.folder / "far", home.folder / "new" / "sim"
    (public,) = re.findall(r"age1\w+", home.run("backup", "--new-key", str(key)).stdout)
    home.more = {"MAEMAE_BACKUP_KEYS": public, "MAEMAE_OFFSITE": str(elsewhere)}
    with home.process(
        "복구가 끝났습니다", "trade", "--mode", "sim", "--state", "active"
    ) as executor:
        assert home.run("backup").returncode == 0
        home.until("the backup is sent", lambda: any(elsewhere.rglob("*.age")))
        home.buy("--qty", "10")
        held_at = len(list(elsewhere.rglob("*.segment")))
        home.until("what followed", lambda: len(list(elsewhere.rglob("*.segment"))) > held_at)
        ended(executor, signal.SIGKILL)
    lost = home.folder / "sim"
    shutil.rmtree(lost)

    words = ("restore", "newest", "--offsite", "--to", str(target), "--key", str(key))
    restored = home.run(*words)

    assert restored.returncode == 0, restored.stderr
    assert re.search(r"외부 사본의 기록 [1-9][\d,]*건", restored.stdout)
    with open_here(f"sqlite:///{target / 'maemae.db'}") as store:
        state = store.recover().state
    holdings = [held for sleeve in state.sleeves.values() for held in sleeve.positions.items()]
    assert [(symbol, position.qty) for symbol, position in holdings] == [(STOCK, 10)]
