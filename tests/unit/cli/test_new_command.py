"""From an empty folder to a result: begin a strategy, run it, ask why."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.strategies.starting_point import class_name_of
from tests.unit.cli.conftest import CommandLine


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["ko", "en"])
def test_newcomer_comes_to_a_result_with_three_commands(maemae: CommandLine, language: str) -> None:
    begun = maemae("new", "dip_2.py", "--lang", language)
    ran = maemae(
        "backtest", "dip_2.py", "--data", "synthetic", "--from", "2025-01-02", "--set", "period=3",
        "--report", "report.html", "--lang", "en",
    )  # fmt: skip
    why = maemae(
        "explain", "dip_2.py", "--data", "synthetic", "--symbol", "Z00110", "--day", "2026-05-06"
    )

    assert (begun.code, ran.code, why.code) == (0, 0, 0), ran.err + why.err
    assert "maemae backtest dip_2.py" in begun.out
    assert "Making the made-up market" in ran.out
    assert "Dip2 · synthetic (period=3, trend=120)" in ran.out
    assert Path("report.html").is_file()
    assert "rsi(2)" in why.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "my"), "no name of a Python file"),
        (("new", "nowhere/my.py"), "cannot be written"),
        (("new", "here.py"), "there already"),
        (("backtest", "my.py", "--data", "synthetic"), "maemae new my.py"),
        (("backtest", "here", "--data", "synthetic"), "Did you mean here.py"),
        (("backtest", "here.py", "--data", "synthetic"), "no strategy in here.py"),
    ],
)
def test_newcomers_slip_is_one_sentence(
    maemae: CommandLine, words: tuple[str, ...], said: str
) -> None:
    Path("here.py").write_text("x = 1\n", "utf-8")

    outcome = maemae(*words, "--lang", "en")

    assert outcome.code == 1
    assert said in outcome.err
    assert Path("here.py").read_text("utf-8") == "x = 1\n"


@pytest.mark.parametrize(
    ("stem", "name"), [("my", "My"), ("rsi_2", "Rsi2"), ("2days", "My2days"), ("전략", "My")]
)
def test_class_is_named_after_its_file(stem: str, name: str) -> None:
    assert class_name_of(stem) == name
