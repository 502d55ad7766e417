"""The words of `maemae trade`, `emulate` and `watchdog`."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from maemae.cli.trade_command import values_by_strategy
from maemae.domain.errors import InvalidValueError
from maemae.domain.text import Text
from maemae.trading.control.replies import Failed
from tests.fake_executor import answering
from tests.unit.cli.conftest import CommandLine

BAD_WORDS = {
    "mode": ["trade", "--mode", "live"],
    "mode without a broker": ["trade", "--mode", "real"],
    "port 0": ["trade", "--broker-port", "0"],
    "port beyond all": ["trade", "--broker-port", "70000"],
    "port in words": ["trade", "--broker-port", "http"],
    "strategy": ["trade", "--strategy", "golden_cros"],
    "strategy twice": ["trade", "--strategy", "momentum", "--strategy", "momentum"],
    "value without a strategy": ["trade", "--set", "fast=5"],
    "value out of range": ["trade", "--strategy", "golden_cross", "--set", "fast=1"],
    "value of another strategy": ["trade", "--strategy", "momentum", "--set", "fast=5"],
    "value in words": ["trade", "--strategy", "my.py:Mine", "--set", "fast=high"],
    "value beyond all": ["trade", "--strategy", "my.py:Mine", "--set", "fast=inf"],
    "cash": ["trade", "--cash", "-1"],
    "state": ["trade", "--state", "open"],
    "database": ["trade", "--database", "mysql://server/name"],
    "symbols": ["trade", "--symbols", ","],
    "emulate port": ["emulate", "sim", "--port", "-1"],
    "emulate speed": ["emulate", "sim", "--speed", "0"],
    "emulate days": ["emulate", "sim", "--days", "0"],
    "emulate seed": ["emulate", "sim", "--seed", "x"],
    "emulate date": ["emulate", "sim", "--from", "yesterday"],
    "emulate dataset with days": ["emulate", "sim", "--dataset", "x", "--days", "2"],
    "emulate fault without value": ["emulate", "sim", "--fault", "silent"],
    "emulate rate": ["emulate", "sim", "--orders-per-sec", "0"],
    "emulate world": ["emulate", "kiwoom-rest", "--mode", "sim"],
    "emulate account": ["emulate", "kiwoom-rest", "--account", "12"],
    "emulate socket port": ["emulate", "kiwoom-rest", "--socket-port", "x"],
    "emulate request rate": ["emulate", "kiwoom-rest", "--rate", "0"],
    "watchdog policy": ["watchdog", "--policy", "sell"],
    "watchdog without a folder": ["watchdog"],
    "watchdog mode": ["watchdog", "--mode", "paper"],
}


@pytest.mark.parametrize("what", BAD_WORDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_command_when_the_words_are_bad_is_one_sentence_and_keeps_nothing(
    maemae: CommandLine, home: Path, what: str, language: str
) -> None:
    outcome = maemae(*BAD_WORDS[what], "--lang", language)

    assert outcome.code == 1
    assert len(outcome.sentences) == 1
    assert not list(home.rglob("*.db"))


@pytest.mark.parametrize(
    ("words", "name"),
    [(["--fault", "lose_nxt=1"], "lose_next"), (["--fault", "lose_next=many"], "lose_next=1")],
)
def test_emulate_when_a_fault_is_misspelt_says_how_it_is_written(
    maemae: CommandLine, words: list[str], name: str
) -> None:
    outcome = maemae("emulate", "sim", *words)

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert name in outcome.err


def test_trade_when_another_executor_answers_on_the_folder_is_refused(
    maemae: CommandLine, home: Path
) -> None:
    with answering(home / "sim", lambda _: Failed(Text("바쁩니다.", "Busy."))):
        outcome = maemae("trade")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert "다른 실행기" in outcome.err
    assert not list(home.rglob("*.db"))


@pytest.mark.parametrize("name", ["MAEMAE_FAILPOINTS", "MAEMAE_HURRY"])
def test_trade_when_a_test_setting_comes_without_a_test_build_does_not_start(
    maemae: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "2")

    outcome = maemae("trade")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert "MAEMAE_TEST_BUILD" in outcome.err


def test_values_of_one_strategy_need_no_owner() -> None:
    assert values_by_strategy(["a"], {"x": "1", "a.y": "2"}) == {"a": {"x": "1", "y": "2"}}


def test_values_of_several_strategies_name_their_owner() -> None:
    found = values_by_strategy(["a", "b"], {"a.x": "1", "b.x": "2"})

    assert found == {"a": {"x": "1"}, "b": {"x": "2"}}
    with pytest.raises(InvalidValueError):
        values_by_strategy(["a", "b"], {"x": "1"})


def test_emulate_when_the_port_is_taken_is_one_sentence(maemae: CommandLine, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = maemae("emulate", "sim", "--days", "1", "--port", str(port))

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert str(port) in outcome.err
    assert not (home / "sim" / "broker.port").exists()


def test_trade_when_its_folder_cannot_be_made_is_one_sentence(
    maemae: CommandLine, home: Path
) -> None:
    home.touch()

    outcome = maemae("trade")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)


def test_trade_when_a_failpoint_is_misspelt_says_so_in_red_and_does_not_start(
    maemae: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAEMAE_TEST_BUILD", "1")
    monkeypatch.setenv("MAEMAE_FAILPOINTS", "send.after=vanish")

    outcome = maemae("trade")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert "시험용 고장 지점이 켜져 있습니다" in outcome.out
