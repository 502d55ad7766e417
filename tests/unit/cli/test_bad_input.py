"""Whatever is wrong with what a person gives: one clear sentence, exit code 1, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import MARKET_CSV, CommandLine

pytestmark = pytest.mark.thorough

HEADER = "symbol,date,open,high,low,close,volume\n"
GOOD = "000010,2024-01-02,100,110,90,105,10\n"
NAIVE = HEADER.replace("date", "datetime") + "000010,2024-01-02 09:00:00,100,110,90,105,10\n"

BAD_FILES = {
    "no such file": (None, []),
    "empty": ("", []),
    "no bars": (HEADER, []),
    "missing columns": ("symbol,date,close\n000010,2024-01-02,100\n", []),
    "mapped to nothing": (HEADER + GOOD, ["--map", "close=종가"]),
    "NaN": (HEADER + "000010,2024-01-02,100,110,90,NaN,10\n", []),
    "absent": (HEADER + "000010,2024-01-02,100,110,90,,10\n", []),
    "negative price": (HEADER + "000010,2024-01-02,100,110,-90,105,10\n", []),
    "fraction of a won": (HEADER + "000010,2024-01-02,100.5,110,90,105,10\n", []),
    "not a number": (HEADER + "000010,2024-01-02,백원,110,90,105,10\n", []),
    "unsorted": (HEADER + GOOD.replace("01-02", "01-03") + GOOD, []),
    "duplicate": (HEADER + GOOD + GOOD, []),
    "not a date": (HEADER + GOOD.replace("2024-01-02", "yesterday"), []),
    "no such year": (HEADER + GOOD.replace("2024", "0000"), []),
    "before the exchange": (HEADER + GOOD.replace("2024", "1955"), []),
    "far in the future": (HEADER + GOOD.replace("2024", "2199"), []),
    "column twice": (HEADER.replace("low", "low,low") + GOOD.replace("90", "90,95"), []),
    "lost zeros": (HEADER + GOOD.replace("000010", "10"), []),
    "naive times": (NAIVE, ["--interval", "5m"]),
    "no such zone": (NAIVE, ["--interval", "5m", "--tz", "Asia/Soul"]),
    "interval": (HEADER + GOOD, ["--interval", "5h"]),
    "market": (HEADER + GOOD, ["--market", "nyse"]),
    "product": (HEADER + GOOD, ["--product", "bond"]),
    "label": (HEADER + GOOD, ["--label", "middle"]),
    "map": (HEADER + GOOD, ["--map", "close"]),
    "unknown column": (HEADER + GOOD, ["--map", "clos=close"]),
    "name with a path": (HEADER + GOOD, ["--name", "../x"]),
}

STRATEGY = """
import time
from maemae import Strategy, param
{outside}

class Mine(Strategy):
    size = param(1, low=1, high=10)

    def setup(self):
        self.every("day", self.go)

    def go(self):
        {body}
"""

BAD_STRATEGIES = {
    "raises": "1 / 0",
    "quantity 0": "self.buy('000010', shares=0)",
    "quantity 10^12": "self.buy('000010', shares=10**12)",
    "quantity 10^30": "self.buy('000010', shares=10**30)",
    "quantity and limit beyond all": "self.buy('000010', shares=10**15, limit=10**9)",
    "limit 10^30": "self.buy('000010', shares=1, limit=10**30)",
    "limit off the tick": "self.buy('000010', shares=1, limit=10_001)",
    "limit that is no number": "self.buy('000010', shares=1, limit='10000')",
    "unknown symbol": "self.buy('000020', shares=1)",
    "ends the program": "raise SystemExit(0)",
    "changes a parameter": "self.size = 2",
}

BAD_WORDS = {
    "unknown strategy": ["golden_cros"],
    "no strategy file": ["nowhere.py:Mine"],
    "no class": ["two.py"],
    "other class": ["mine.py:Yours"],
    "unknown dataset": ["golden_cross", "--data", "sampel"],
    "unknown symbol": ["golden_cross", "--symbols", "000011"],
    "no symbol": ["golden_cross", "--symbols", ","],
    "symbol twice": ["golden_cross", "--symbols", "000010,000010"],
    "unknown parameter": ["golden_cross", "--set", "fats=5"],
    "parameter out of range": ["golden_cross", "--set", "fast=1"],
    "parameter of another type": ["golden_cross", "--set", "fast=5.5"],
    "parameter without value": ["golden_cross", "--set", "fast"],
    "negative cash": ["golden_cross", "--cash", "-1"],
    "no cash": ["golden_cross", "--cash", "0"],
    "cash beyond all": ["golden_cross", "--cash", "1" * 30],
    "cash in words": ["golden_cross", "--cash", "rich"],
    "no date": ["golden_cross", "--from", "2024-02-30"],
    "from after to": ["golden_cross", "--from", "2024-01-04", "--to", "2024-01-02"],
    "no bars": ["golden_cross", "--from", "2023-01-01", "--to", "2023-12-31"],
    "unknown fees": ["golden_cross", "--fees", "free"],
    "report in a folder's place": ["golden_cross", "--report", "."],
    "report nowhere": ["golden_cross", "--report", "bars.csv/out.html"],
    "journal that is there": ["golden_cross", "--journal", "bars.csv"],
}


def files() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


@pytest.mark.parametrize("what", BAD_FILES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_import_when_the_file_is_bad_is_one_sentence_and_writes_nothing(
    maemae: CommandLine, home: Path, what: str, language: str
) -> None:
    content, words = BAD_FILES[what]
    if content is not None:
        Path("bars.csv").write_text(content, encoding="utf-8")
    command = ["data", "import", "bars.csv", "--name", "sample", "--basis", "raw", *words]

    outcome = maemae(*command, "--lang", language)

    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.sentences) == 1
    assert not home.exists()


@pytest.mark.parametrize("what", BAD_STRATEGIES)
def test_backtest_when_the_strategy_is_bad_is_one_sentence_and_writes_nothing(
    with_data: CommandLine, what: str
) -> None:
    source = STRATEGY.format(outside="", body=BAD_STRATEGIES[what])
    Path("mine.py").write_text(source, encoding="utf-8")
    before = files()

    words = ("--report", "out.html", "--journal", "out.sqlite3")
    outcome = with_data("backtest", "mine.py:Mine", *words)

    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.sentences) == 1
    assert files() == before


@pytest.mark.parametrize("outside", ["1 / 0", "import nowhere", "def (", "raise SystemExit(0)"])
def test_backtest_when_the_strategy_file_is_bad_is_one_sentence(
    with_data: CommandLine, outside: str
) -> None:
    source = STRATEGY.format(outside=outside, body="pass")
    Path("mine.py").write_text(source, encoding="utf-8")

    outcome = with_data("backtest", "mine.py:Mine")

    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.sentences) == 1


@pytest.mark.parametrize("what", BAD_WORDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_backtest_when_the_words_are_bad_is_one_sentence_and_writes_nothing(
    with_data: CommandLine, what: str, language: str
) -> None:
    source = STRATEGY.format(outside="", body="pass")
    Path("mine.py").write_text(source, encoding="utf-8")
    Path("two.py").write_text(source + source.replace("Mine", "Other"), encoding="utf-8")
    before = files()

    outcome = with_data("backtest", *BAD_WORDS[what], "--lang", language)

    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.sentences) == 1
    assert files() == before


def test_backtest_when_a_symbol_is_nearly_right_suggests_it(with_data: CommandLine) -> None:
    outcome = with_data("backtest", "golden_cross", "--symbols", "000011")

    assert "000010" in outcome.err


def test_backtest_when_there_is_no_data_says_how_to_get_some(maemae: CommandLine) -> None:
    outcome = maemae("backtest", "golden_cross")

    assert outcome.code == 1
    assert "maemae data import" in outcome.err


def test_backtest_when_several_datasets_fit_asks_which(with_data: CommandLine) -> None:
    Path("again.csv").write_text(MARKET_CSV, encoding="utf-8")
    with_data("data", "import", "again.csv", "--name", "other", "--basis", "raw")

    outcome = with_data("backtest", "golden_cross", "--symbols", "000010")

    assert outcome.code == 1
    assert "other, sample" in outcome.err


def test_import_when_the_name_is_taken_is_refused(with_data: CommandLine) -> None:
    before = files()

    outcome = with_data("data", "import", "bars.csv", "--name", "sample", "--basis", "raw")

    assert outcome.code == 1
    assert files() == before


@pytest.mark.parametrize(
    "words", [["--seed", "-1"], ["--seed", "x"], ["--speed", "-1"], ["--speed", "fast"]]
)
def test_day_when_a_number_is_bad_is_one_sentence(
    maemae: CommandLine, home: Path, words: list[str]
) -> None:
    outcome = maemae("day", *words)

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert not home.exists()


@pytest.mark.parametrize("words", [[], ["--fresh"]])
def test_day_when_the_journal_is_another_file_leaves_it_alone(
    maemae: CommandLine, words: list[str]
) -> None:
    Path("diary.txt").write_text("dear diary " * 50, encoding="utf-8")

    outcome = maemae("day", "--journal", "diary.txt", *words)

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert Path("diary.txt").read_text("utf-8") == "dear diary " * 50
