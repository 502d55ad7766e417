from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.cli.conftest import CommandLine, Outcome

MINE = """
from maemae import Strategy, Symbol, param


class Mine(Strategy):
    shares = param(10, low=1, high=100)

    def on_bar(self, symbol: Symbol) -> None:
        if self.position(symbol).qty:
            self.close(symbol)
        else:
            self.buy(symbol, shares=self.shares)
"""


@pytest.fixture
def backtest(with_data: CommandLine) -> CommandLine:
    """Return a function that backtests the strategy of this module with these words."""
    Path("mine.py").write_text(MINE, encoding="utf-8")

    def call(*words: str) -> Outcome:
        return with_data("backtest", "mine.py:Mine", *words)

    return call


def order_hash(outcome: Outcome) -> str:
    (found,) = re.findall(r"(?:주문 지문|Order hash) ([0-9a-f]{64})", outcome.out)
    return str(found)


def test_backtest_of_ones_own_file_shows_the_figures(backtest: CommandLine) -> None:
    outcome = backtest("--symbols", "000010")

    assert (outcome.code, outcome.err) == (0, "")
    assert "Mine · sample (shares=10)\n1종목 · 2024.01.02 ~ 2024.01.04" in outcome.out
    assert re.search(r"주문 / 체결 +2 / 2", outcome.out)
    assert order_hash(outcome)


def test_backtest_when_set_uses_the_parameter(backtest: CommandLine) -> None:
    few, many = backtest("--set", "shares=1"), backtest("--set", "shares=100")

    assert "(shares=100)" in many.out
    assert order_hash(few) != order_hash(many)


def test_backtest_when_dense_gives_the_same_orders(backtest: CommandLine) -> None:
    assert order_hash(backtest("--dense")) == order_hash(backtest())


def test_backtest_when_paper_fees_cost_more(backtest: CommandLine) -> None:
    def costs(fees: str) -> int:
        told = backtest("--fees", fees, "--lang", "en").out
        return int(re.findall(r"Costs \(fees \+ tax\) +₩([\d,]+)", told)[0].replace(",", ""))

    assert costs("paper") > costs("kiwoom")


def test_backtest_on_adjusted_prices_warns(backtest: CommandLine, with_data: CommandLine) -> None:
    with_data("data", "import", "bars.csv", "--name", "adj", "--basis", "adjusted")

    assert "수정주가로 매매한 결과입니다" in backtest("--data", "adj").out
    assert "수정주가" not in backtest("--data", "sample").out


def test_backtest_over_a_split_on_raw_prices_warns(
    backtest: CommandLine, with_data: CommandLine
) -> None:
    split = Path("bars.csv").read_text(encoding="utf-8") + "000010,2024-01-05,900,910,890,900,999\n"
    Path("split.csv").write_text(split, encoding="utf-8")
    with_data("data", "import", "split.csv", "--name", "split", "--basis", "raw")

    korean, english = (backtest("--data", "split", "--lang", language) for language in ("ko", "en"))

    assert "나올 수 없는 날이 1번 있었습니다" in " ".join(korean.out.split())
    assert "do not believe these results" in " ".join(english.out.split())


def test_backtest_when_some_orders_are_refused_says_why(
    with_data: CommandLine,
) -> None:
    source = MINE.replace("shares=self.shares)", "weight=0.001 if self.bars == 0 else 0.5)")
    source = source.replace("self.bars == 0", "not self.cash < 10_000_000")
    Path("mine.py").write_text(source.replace("weight=0.001", "weight=0.0001"), encoding="utf-8")

    outcome = with_data("backtest", "mine.py:Mine")

    assert outcome.code == 1
    assert "1주도 살 수 없었습니다" in outcome.err


def test_report_is_one_whole_file_in_the_language_asked_for(backtest: CommandLine) -> None:
    outcome = backtest("--report", "deep/out.html", "--lang", "en")

    html = Path("deep/out.html").read_text("utf-8")
    assert "Report: deep/out.html" in outcome.out
    assert html.rstrip().endswith("</html>")
    assert order_hash(outcome) in html
    assert [path.name for path in Path("deep").iterdir()] == ["out.html"]


def test_journal_is_kept_whole_and_changes_no_order(backtest: CommandLine) -> None:
    outcome = backtest("--journal", "run.sqlite3")

    assert order_hash(outcome) == order_hash(backtest())
    assert Path("run.sqlite3").read_bytes().startswith(b"SQLite format 3\0")
    assert not [path.name for path in Path().iterdir() if "partial" in path.name]
