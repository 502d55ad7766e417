"""Real processes, killed and paused: the dead are followed by one watchdog, the living by none."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.ledger_broker import make, opened
from tests.crash.watchdog_process import FENCED_BY_BROKER, FENCED_BY_LAST_HOP

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0

Process = subprocess.Popen[bytes]


class Stage:
    """A folder and the processes at work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[Process] = []

    def start(self, role: str, name: str) -> Process:
        command = [sys.executable, "-m", "tests.crash.watchdog_process", role, str(self.folder)]
        process = subprocess.Popen([*command, name], cwd=REPOSITORY)
        self.processes.append(process)
        return process

    def ask(self, question: str) -> int:
        with closing(opened(self.folder / "ledger.db")) as ledger:
            (answer,) = ledger.execute(question).fetchone()
        return int(answer)

    def alerts(self, code: str) -> int:
        path = self.folder / "alerts"
        return path.read_text().split().count(code) if path.exists() else 0

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "nothing happened"
            time.sleep(0.02)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a stage; whoever is still on it in the end is killed."""
    make(tmp_path)
    made = Stage(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


WORKING = "SELECT count(*) FROM placed WHERE status = 'WORKING'"
PLACED = "SELECT count(*) FROM placed"
FENCE = "SELECT epoch FROM fence"
REFUSED = "SELECT count(*) FROM refused"


def an_executor_watched_by_two(stage: Stage, kind: str) -> tuple[Process, list[Process]]:
    executor = stage.start("executor", kind)
    stage.wait(lambda: stage.ask(PLACED) >= 3)
    dogs = [stage.start("watchdog", name) for name in ("one", "two")]
    return executor, dogs


@pytest.mark.parametrize(
    ("kind", "code", "is_store_down"),
    [("blind", FENCED_BY_BROKER, False), ("looks", FENCED_BY_LAST_HOP, True)],
)
def test_executor_that_was_paused_wakes_up_fenced(
    stage: Stage, kind: str, code: int, *, is_store_down: bool
) -> None:
    executor, dogs = an_executor_watched_by_two(stage, kind)
    before = stage.ask(PLACED)
    stage.wait(lambda: stage.ask(PLACED) > before + 40)  # two seconds in which it lives
    assert (stage.ask(FENCE), stage.alerts("EXECUTOR_DEAD")) == (1, 0)
    if is_store_down:
        (stage.folder / "store-down").touch()

    executor.send_signal(signal.SIGSTOP)
    stage.wait(lambda: stage.alerts("EMERGENCY_DONE") >= 1)
    placed = stage.ask(PLACED)
    assert (stage.ask(WORKING), stage.ask(FENCE)) == (0, 2)
    executor.send_signal(signal.SIGCONT)

    assert executor.wait(PATIENCE) == code
    assert stage.ask(PLACED) == placed
    assert stage.ask(REFUSED) == (1 if kind == "blind" else 0)
    for dog in dogs:
        dog.terminate()
        assert dog.wait(PATIENCE) == 0
    assert stage.alerts("EMERGENCY_DONE") == 1


def test_executor_that_was_killed_leaves_no_buy_at_work(stage: Stage) -> None:
    executor, _ = an_executor_watched_by_two(stage, "blind")

    executor.kill()

    stage.wait(lambda: stage.alerts("EMERGENCY_DONE") == 1)
    assert stage.ask(WORKING) == 0


def test_watchdog_that_is_killed_at_work_is_followed_by_the_other(stage: Stage) -> None:
    executor = stage.start("executor", "blind")
    stage.wait(lambda: stage.ask(PLACED) >= 60)  # three seconds of cancels
    first = stage.start("watchdog", "one")
    executor.kill()
    stage.wait(lambda: stage.ask(WORKING) < stage.ask(PLACED) - 10)
    first.kill()
    assert stage.ask(WORKING) > 0

    stage.start("watchdog", "two")

    stage.wait(lambda: stage.alerts("EMERGENCY_DONE") == 1)
    assert stage.ask(WORKING) == 0
    assert stage.ask(FENCE) == 3
