"""Commands where nothing was recorded yet, or misspelt: one sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import CommandLine

pytestmark = pytest.mark.thorough

READING = (
    *("audit verify", "keys list", "keys new", "keys rotate", "keys forget"),
    *("status", "orders", "positions", "alerts", "watch", "cancel 1", "replay 2026-11-02"),
)


@pytest.mark.parametrize("words", READING)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_command_when_nothing_is_recorded_says_what_to_start_and_makes_nothing(
    maemae: CommandLine, home: Path, words: str, language: str
) -> None:
    outcome = maemae(*words.split(), "--lang", language)

    assert (outcome.code, outcome.out, len(outcome.sentences)) == (1, "", 1)
    assert "maemae serve" in outcome.err or "maemae trade" in outcome.err
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "meant"),
    [("statu", "maemae status"), ("data imprt", "maemae data import"), ("nothing-like-it", "")],
)
def test_command_when_misspelt_suggests_the_nearest(
    maemae: CommandLine, words: str, meant: str
) -> None:
    ko, en = maemae(*words.split()), maemae(*words.split(), "--lang", "en")

    assert (ko.code, en.code, len(ko.sentences), len(en.sentences)) == (2, 2, 1, 1)
    assert (f"혹시 {meant} 인가요?" in ko.err) is bool(meant)
    assert (f"Did you mean {meant}?" in en.err) is bool(meant)
