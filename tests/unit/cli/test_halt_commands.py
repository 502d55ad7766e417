"""The kill switch from the command line: it must work whatever else is dead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from maemae.core.events import KillLevel
from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import Mode, TradingState
from maemae.domain.text import Text
from maemae.trading.control.commands import (
    Ask,
    Kill,
    ReclaimStream,
    ReleaseKill,
    ReleaseSymbol,
    ResumeSleeve,
    SetTradingState,
)
from maemae.trading.control.replies import Accepted, Failed, Reply, Status
from maemae.trading.emergency.kill_file import KillFile
from tests.fake_executor import answering
from tests.unit.cli.conftest import CommandLine

STATUS = Status(
    mode=Mode.SIM,
    trading_state=TradingState.ACTIVE,
    trading_reason="test",
    kill=KillLevel.OFF,
    kill_reason="",
    epoch=1,
    connections=(),
    venue_time=0,
    last_tick_age=None,
    open_orders=2,
    unknown_orders=0,
    positions=3,
    alerts=0,
    inbox=0,
    outbox=0,
)
HEAVY = ("numpy", "polars", "sqlalchemy", "alembic", "sqlite3", "numba", "talib", "jinja2")
LISTS_MODULES = (
    "import sys; from maemae.cli.main import run; run(sys.argv[1:]);"
    f"print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
)


class Switch:
    """A fake executor that follows the kill file of its folder, and takes every command."""

    def __init__(self, home: Path) -> None:
        self.file = KillFile(home)

    def answer(self, ask: Ask) -> Reply:
        if isinstance(ask, ReleaseKill):
            try:
                self.file.release(ask.read)
            except InvalidValueError as refusal:
                return Failed(refusal.text)
        if hasattr(ask, "key"):
            return Accepted(str(ask.key))
        return msgspec.structs.replace(STATUS, kill=self.file.level())


@pytest.fixture
def sim(home: Path) -> Path:
    return home / "sim"


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ([], KillLevel.STOP_NEW),
        (["--cancel"], KillLevel.CANCEL_ALL),
        (["--liquidate"], KillLevel.LIQUIDATE),
    ],
)
def test_halt_when_no_executor_runs_presses_by_file(
    maemae: CommandLine, sim: Path, words: list[str], level: KillLevel
) -> None:
    outcome = maemae("halt", *words, "--reason", "내가\n멈춤")

    assert outcome.code == 0
    assert "실행 중인 실행기가 없습니다" in outcome.out
    assert KillFile(sim).level() is level
    assert "내가 멈춤" in KillFile(sim).text()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--reason", " "],
        ["--reason", "x", "--cancel", "--liquidate"],
        ["--reason", "x", "--mode", "live"],
    ],
)
def test_halt_when_the_words_are_bad_is_one_sentence_and_presses_nothing(
    maemae: CommandLine, home: Path, words: list[str]
) -> None:
    outcome = maemae("halt", *words)

    assert (outcome.code, outcome.out, len(outcome.sentences)) == (1, "", 1)
    assert not home.exists()


def test_halt_when_an_executor_runs_waits_for_its_word(maemae: CommandLine, sim: Path) -> None:
    sim.mkdir(parents=True)

    with answering(sim, Switch(sim).answer):
        outcome = maemae("halt", "--cancel", "--reason", "x")

    assert outcome.code == 0
    assert "실행기가 받았습니다. 미체결 2건, 보유 3종목" in outcome.out


def test_halt_when_the_executor_does_not_take_the_press_never_says_that_it_has(
    maemae: CommandLine, sim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maemae.cli.halt_commands._WORD_WITHIN_SECS", 0.3)

    with answering(sim, lambda _: msgspec.structs.replace(STATUS, kill=KillLevel.STOP_NEW)):
        outcome = maemae("halt", "--cancel", "--reason", "x")

    assert "실행기가 받았습니다" not in outcome.out
    assert "아직 확인하지 않았습니다" in outcome.out


def test_halt_when_the_executor_cannot_answer_holds_by_file(
    maemae: CommandLine, sim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maemae.cli.halt_commands._WORD_WITHIN_SECS", 0.3)

    with answering(sim, lambda _: Failed(Text("바쁩니다.", "Busy."))):
        outcome = maemae("halt", "--reason", "x")

    assert outcome.code == 0
    assert "아직 확인하지 않았습니다" in outcome.out
    assert KillFile(sim).level() is KillLevel.STOP_NEW


def test_halt_when_the_folder_cannot_be_written_says_so_and_asks_the_executor_nonetheless(
    maemae: CommandLine, home: Path
) -> None:
    home.parent.mkdir(exist_ok=True)
    home.touch()

    outcome = maemae("halt", "--reason", "x")

    assert outcome.code == 1
    assert "증권사 앱" in outcome.err


def test_halt_when_the_file_fails_presses_by_the_socket(maemae: CommandLine, sim: Path) -> None:
    (sim / "KILL").mkdir(parents=True)  # nothing can be written there

    with answering(sim, Switch(sim).answer) as asked:
        outcome = maemae("halt", "--cancel", "--reason", "x")

    kills = [ask for ask in asked if isinstance(ask, Kill)]
    assert [kill.level for kill in kills] == [KillLevel.CANCEL_ALL]
    assert outcome.code == 0
    assert len(outcome.sentences) == 1


def test_halt_loads_nothing_heavy(home: Path) -> None:
    command = [sys.executable, "-c", LISTS_MODULES, "halt", "--reason", "x"]

    outcome = subprocess.run(command, capture_output=True, text=True, check=True)

    assert outcome.stdout.endswith("LOADED []\n")
    assert (home / "sim" / "KILL").exists()


def test_resume_when_nothing_is_pressed_opens_trading(maemae: CommandLine, sim: Path) -> None:
    sim.mkdir(parents=True)

    with answering(sim, Switch(sim).answer) as asked:
        outcome = maemae("resume", "--reason", "아침")

    assert outcome.code == 0
    states = [ask for ask in asked if isinstance(ask, SetTradingState)]
    assert [(ask.state, ask.reason) for ask in states] == [(TradingState.ACTIVE, "아침")]


def test_resume_of_the_stream_takes_back_that_and_opens_nothing(
    maemae: CommandLine, sim: Path
) -> None:
    sim.mkdir(parents=True)

    with answering(sim, Switch(sim).answer) as asked:
        outcome = maemae("resume", "--stream", "--reason", "다른 로그인을 껐음")

    assert outcome.code == 0
    assert [type(ask) for ask in asked] == [ReclaimStream]


def test_resume_when_pressed_shows_why_and_needs_somebody_to_confirm(
    maemae: CommandLine, sim: Path
) -> None:
    sim.mkdir(parents=True)
    KillFile(sim).press(KillLevel.LIQUIDATE, "kim", "급락")

    with answering(sim, Switch(sim).answer) as asked:
        refused = maemae("resume", "--reason", "다시")
        assert KillFile(sim).level() is KillLevel.LIQUIDATE
        released = maemae("resume", "--reason", "다시", "--yes")

    assert (refused.code, released.code) == (1, 0)
    assert "kim: 급락" in refused.out
    assert KillFile(sim).level() is KillLevel.OFF
    kinds = [type(ask) for ask in asked if hasattr(ask, "key")]
    assert kinds == [ReleaseKill, SetTradingState]


@pytest.mark.parametrize(
    ("word", "level"),
    [("해제", KillLevel.OFF), ("네", KillLevel.STOP_NEW), ("", KillLevel.STOP_NEW)],
)
def test_resume_releases_only_for_the_word(
    maemae: CommandLine,
    sim: Path,
    monkeypatch: pytest.MonkeyPatch,
    word: str,
    level: KillLevel,
) -> None:
    sim.mkdir(parents=True)
    KillFile(sim).press(KillLevel.STOP_NEW, "kim", "x")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: word)

    with answering(sim, Switch(sim).answer):
        maemae("resume", "--reason", "다시")

    assert KillFile(sim).level() is level


def test_resume_when_pressed_again_meanwhile_releases_nothing(
    maemae: CommandLine, sim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.mkdir(parents=True)
    KillFile(sim).press(KillLevel.STOP_NEW, "kim", "x")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    def press_and_confirm(*_: object, **__: object) -> str:
        KillFile(sim).press(KillLevel.CANCEL_ALL, "lee", "y")
        return "해제"

    monkeypatch.setattr("typer.prompt", press_and_confirm)

    with answering(sim, Switch(sim).answer):
        outcome = maemae("resume", "--reason", "다시")

    assert outcome.code == 1
    assert KillFile(sim).level() is KillLevel.CANCEL_ALL


def test_resume_of_a_sleeve_and_a_symbol_touches_nothing_else(
    maemae: CommandLine, sim: Path
) -> None:
    sim.mkdir(parents=True)
    KillFile(sim).press(KillLevel.STOP_NEW, "kim", "x")

    with answering(sim, Switch(sim).answer) as asked:
        words = ["--sleeve", "golden_cross", "--symbol", "005930"]
        assert maemae("resume", "--reason", "봤음", *words).code == 0

    assert [type(ask) for ask in asked] == [ResumeSleeve, ReleaseSymbol]
    assert KillFile(sim).level() is KillLevel.STOP_NEW


def test_resume_when_no_executor_runs_says_so(maemae: CommandLine) -> None:
    outcome = maemae("resume", "--reason", "x")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
