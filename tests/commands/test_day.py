"""The accelerated trading day as a process that can be ended at any moment."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commands.processes import COMMAND, environment, maemae, order_hash

Run = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def day(home: Path) -> Run:
    """Return a day that was run from its beginning to its end."""
    outcome = maemae(home, "day")
    assert outcome.returncode == 0, outcome.stderr
    return outcome


def test_day_says_every_half_hour_where_it_is(day: Run) -> None:
    clocks = re.findall(r"(?m)^(\d\d:\d\d) ", day.stdout)

    assert clocks[:3] == ["09:01", "09:30", "10:00"]
    assert clocks[-1] == "15:30"
    assert len(clocks) == 14


def test_day_ends_with_books_that_agree(day: Run) -> None:
    assert "1원까지 같습니다" in day.stdout


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGINT])
def test_day_when_it_is_ended_in_the_middle_goes_on_to_the_same_orders(
    home: Path, day: Run, way: signal.Signals, tmp_path: Path
) -> None:
    journal = ("day", "--journal", str(tmp_path / "cut.sqlite3"))
    with subprocess.Popen(
        [*COMMAND, *journal, "--speed", "20000"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        while "10:00" not in process.stdout.readline():
            assert process.poll() is None
        os.kill(process.pid, way)
        process.wait(timeout=90)

    rest = maemae(home, *journal).stdout

    assert re.search(r"기록 [\d,]+건을 되살렸습니다. 1\d:\d\d:\d\d 부터 이어 갑니다", rest)
    assert "09:30" not in rest
    assert order_hash(rest) == order_hash(day.stdout)


def test_day_when_it_is_over_says_so(home: Path, day: Run) -> None:
    again = maemae(home, "day")

    assert "하루 전부입니다" in again.stdout
    assert order_hash(again.stdout) == order_hash(day.stdout)


def test_day_of_another_seed_does_not_continue_the_journal(home: Path, day: Run) -> None:
    (journal,) = (home / "demo").glob("*.sqlite3")
    before = journal.read_bytes()

    outcome = maemae(home, "day", "--journal", str(journal), "--seed", "1")

    assert (outcome.returncode, len(outcome.stderr.splitlines())) == (1, 1)
    assert journal.read_bytes() == before


def test_day_when_fresh_begins_anew(home: Path, day: Run) -> None:
    again = maemae(home, "day", "--fresh")

    assert "하루를 시작합니다" in again.stdout
    assert order_hash(again.stdout) == order_hash(day.stdout)
