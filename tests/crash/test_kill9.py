"""
`kill -9` in the middle of a trading day: the day ends as if nothing had happened.

Real processes are killed at named places and at any time. After each death a judge compares
what the house saw with what the journal holds; the same judge must catch broken journals.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from maemae.storage.journal import SqliteJournal
from maemae.trading.simulated_day.day import DayResult
from tests.crash.day_process import Line, live, requests
from tests.trading_days import STARTED, a_plan, load_market, make_market, save_market

REPOSITORY = Path(__file__).parents[2]
KILLED = -signal.SIGKILL
KILLS = 12
LONGEST = 0.3  # seconds; an undisturbed day takes 0.4 to 2, by the disk
GOLDEN_RATIO = 0.6180339887  # its multiples fall evenly over an interval

Figures = tuple[str, str, list[str]]

# Counts are of that life alone: each life goes on a little further before it dies.
PLACES = (
    "before_commit:1",  # nothing durable yet
    "request_left:1",  # the very first order is out, its report is not known
    "repeating:2",  # dies again while it recovers
    "before_commit:20",
    "inserting:30",
    "committing:25",
    "after_commit:40",
    "request_answered:30",
    "in_snapshot:3",
    "pruning:2",
    "repeating:300",
    "committing:1",
    "request_left:40",
    "after_commit:1",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the market and the ledger of the day nobody interrupted."""
    folder = tmp_path_factory.mktemp("world")
    save_market(make_market(folder / "catalogue"), folder / "market.npz")
    return folder


@pytest.fixture(scope="module")
def undisturbed(world: Path) -> DayResult:
    return live(world, "undisturbed")


@pytest.fixture
def folder(world: Path, tmp_path: Path) -> Path:
    """Return a folder with the market and no journal."""
    for name in ("market.npz", "market.json"):
        shutil.copy(world / name, tmp_path / name)
    return tmp_path


@contextmanager
def a_life(folder: Path, life: str, *told: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that lives the day; nothing of it is left behind."""
    command = [sys.executable, "-m", "tests.crash.day_process", str(folder), life, *told]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)


def live_until(folder: Path, life: str, failpoint: str, mutant: str = "") -> None:
    """Live until a place kills the process."""
    with a_life(folder, life, failpoint, mutant) as process:
        process.communicate(timeout=180)
    assert process.returncode == KILLED, f"{failpoint} was never reached"


def live_for(folder: Path, life: str, seconds: float) -> bool:
    """Live for a time and be killed; return whether the day had ended by then."""
    with a_life(folder, life) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=180)
    assert process.returncode in {0, KILLED}
    return process.returncode == 0


def live_on(folder: Path, life: str) -> Figures:
    """Live to the end of the day and return its figures."""
    with a_life(folder, life) as process:
        output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    figures: Figures = msgspec.json.decode(output.splitlines()[-1], type=Figures)
    return figures


def ledger(folder: Path, life: str) -> list[Line]:
    """Return what reached the house in a life; killed early enough, nothing did."""
    path = folder / f"{life}.ledger"
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=Line) for line in lines]


def journaled(folder: Path) -> list[Line]:
    """Return what the journal says may have left."""
    header = a_plan(load_market(folder / "market.npz")).header("judge", STARTED)
    with SqliteJournal(folder / "journal.db", header) as journal:
        return [line for record in journal.records() for line in requests(record)]


def complaints(folder: Path, life: str, whole_day: list[Line]) -> list[str]:
    """Return what is wrong after a life, judged by the house's ledger and the journal."""
    left, durable = ledger(folder, life), journaled(folder)
    found = []
    if len(set(left)) != len(left):
        found.append("a request reached the house twice")
    if left != whole_day[: len(left)]:
        found.append("the house saw another day")
    if durable[: len(left)] != left:
        found.append("a request left before it was durable, or was forgotten")
    return found


def test_day_when_undisturbed_has_many_orders(undisturbed: DayResult) -> None:
    assert undisturbed.orders >= 60
    assert undisturbed.differences == ()


def test_day_when_killed_at_named_places_ends_as_if_undisturbed(
    world: Path, folder: Path, undisturbed: DayResult
) -> None:
    whole_day = ledger(world, "undisturbed")
    for number, place in enumerate(PLACES):
        live_until(folder, f"life-{number}", place)
        assert complaints(folder, f"life-{number}", whole_day) == [], place

    figures = live_on(folder, "last")

    assert figures == (undisturbed.order_hash, undisturbed.book_hash, [])
    assert ledger(folder, "last") == whole_day


def test_day_when_killed_at_any_time_ends_as_if_undisturbed(
    world: Path, folder: Path, undisturbed: DayResult
) -> None:
    whole_day = ledger(world, "undisturbed")
    kills = 0
    for number in range(3 * KILLS):
        life = f"life-{number}"
        ended = live_for(folder, life, number * GOLDEN_RATIO % 1 * LONGEST)
        assert complaints(folder, life, whole_day) == []
        if ended:  # on a quick machine: begin the day once more
            (folder / "journal.db").unlink()
        else:
            kills += 1
        if kills == KILLS:
            break

    figures = live_on(folder, "last")

    assert kills == KILLS
    assert figures == (undisturbed.order_hash, undisturbed.book_hash, [])
    assert ledger(folder, "last") == whole_day


def test_day_when_the_strategy_was_edited_keeps_what_happened(folder: Path) -> None:
    live_until(folder, "first", "request_left:100")
    before = journaled(folder)
    live_until(folder, "edited-1", "after_commit:40")
    assert ledger(folder, "edited-1")[: len(before)] == before
    assert ledger(folder, "first") == before[:100]

    order_hash, book_hash, differences = live_on(folder, "edited-2")

    assert ledger(folder, "edited-2")[: len(before)] == before
    assert differences == []
    assert live_on(folder, "edited-3") == (order_hash, book_hash, [])


@pytest.mark.parametrize("mutant", ["send_before_commit", "lying_commit", "newest_in_memory"])
def test_judge_when_the_journal_is_broken_complains(
    world: Path, folder: Path, undisturbed: DayResult, mutant: str
) -> None:
    live_until(folder, "mutant", "request_left:60", mutant)

    found = complaints(folder, "mutant", ledger(world, "undisturbed"))

    assert found == ["a request left before it was durable, or was forgotten"]


def test_judge_when_the_last_record_is_dropped_complains(
    world: Path, folder: Path, undisturbed: DayResult
) -> None:
    live_until(folder, "first", "request_left:60")
    with SqliteJournal(
        folder / "journal.db", a_plan(load_market(folder / "market.npz")).header("x", STARTED)
    ) as journal:
        journal._connection.execute("DELETE FROM record WHERE seq = ?", (journal.seq,))

    found = complaints(folder, "first", ledger(world, "undisturbed"))

    assert found == ["a request left before it was durable, or was forgotten"]
