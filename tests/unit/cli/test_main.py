from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from maemae.cli.failure import bug_hook
from maemae.cli.screen import Screen
from maemae.domain.text import Language
from tests.unit.cli.conftest import CommandLine

pytestmark = pytest.mark.thorough

HEAVY = (
    *("numpy", "polars", "pyarrow", "numba", "matplotlib", "talib", "jinja2", "sqlite3"),
    *("optuna", "dask", "distributed"),
)
LISTS_MODULES = (
    "import sys; from maemae.cli.main import run; code = run(sys.argv[1:]);"
    f"print('LOADED', [name for name in {HEAVY} if name in sys.modules]); sys.exit(code)"
)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["backtest", "--help"]])
def test_start_when_only_help_is_asked_for_loads_nothing_heavy(words: list[str]) -> None:
    command = [sys.executable, "-c", LISTS_MODULES, *words]

    outcome = subprocess.run(command, capture_output=True, text=True, check=True)

    assert outcome.stdout.endswith("LOADED []\n")


def test_version_is_said(maemae: CommandLine) -> None:
    assert maemae("--version").out.startswith("maemae 0.")


def test_help_is_korean_first(maemae: CommandLine) -> None:
    told = maemae("--help").out

    assert "백테스트" in told
    assert "Options" not in told


@pytest.mark.parametrize("words", [["--lang", "en", "--help"], ["backtest", "--help", "--lang=en"]])
def test_help_when_english_is_asked_for_anywhere_has_no_korean(
    maemae: CommandLine, words: list[str]
) -> None:
    told = maemae(*words).out

    assert "Options" in told
    assert not [letter for letter in told if "가" <= letter <= "힣"]


def test_language_when_set_by_the_environment_is_spoken(
    maemae: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAEMAE_LANG", "EN")

    assert "There are no datasets" in maemae("data", "list").out


@pytest.mark.parametrize(
    "words",
    [
        ["nope"],
        ["backtest"],
        ["backtest", "golden_cross", "--nope"],
        ["backtest", "golden_cross", "--data"],
        ["data", "import", "x.csv", "--basis", "raw"],
        ["data", "check"],
        ["data", "list", "more"],
    ],
)
def test_command_when_it_cannot_be_understood_is_one_sentence_and_two(
    maemae: CommandLine, home: Path, words: list[str]
) -> None:
    for language in ("ko", "en"):
        outcome = maemae(*words, "--lang", language)

        assert outcome.code == 2
        assert len(outcome.sentences) == 1
        assert "--help" in outcome.err
    assert not home.exists()


@pytest.mark.parametrize("words", [["--lang"], ["--lang", "fr"], ["--lang=", "data", "list"]])
def test_language_when_unknown_is_one_sentence(maemae: CommandLine, words: list[str]) -> None:
    outcome = maemae(*words)

    assert outcome.code == 1
    assert len(outcome.sentences) == 1


def test_bug_is_said_to_be_ours_and_its_traceback_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ZeroDivisionError("a\nb")

    bug_hook(Screen(Language.KO), tmp_path / "log")(type(error), error, None)

    (kept,) = (tmp_path / "log").iterdir()
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert kept.name in said
    assert "ZeroDivisionError" in kept.read_text("utf-8")


def test_bug_when_its_record_cannot_be_kept_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").touch()
    error = ZeroDivisionError()

    bug_hook(Screen(Language.EN), tmp_path / "log")(type(error), error, None)

    assert "ZeroDivisionError" in capsys.readouterr().err


def test_interrupt_ends_the_process_with_130_and_a_sentence(home: Path) -> None:
    command = [sys.executable, "-m", "maemae", "day", "--speed", "60"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while "09:01" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert said == "✘ 중단했습니다.\n"


def test_output_when_its_reader_leaves_ends_quietly(home: Path) -> None:
    command = [sys.executable, "-m", "maemae", "day", "--speed", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert said == ""
    assert process.returncode == 1
