from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.terms import PriceBasis
from tests.bar_frames import a_spec
from tests.unit.cli.conftest import CommandLine

pytestmark = pytest.mark.thorough


@pytest.fixture
def with_market(maemae: CommandLine, home: Path) -> CommandLine:
    """Return the command line with a synthetic market of two years in its home."""
    market = synthetic_market(3, first=date(2022, 1, 3), last=date(2023, 12, 28))
    catalogue = Catalogue(home / "catalogue")
    catalogue.import_frame(market.bars, a_spec(PriceBasis.RAW), "here", market.master)
    return maemae


def trials(home: Path) -> list[str]:
    return (home / "research" / "trials.jsonl").read_text("utf-8").splitlines()


def test_backtest_against_others_shows_them_side_by_side(with_market: CommandLine) -> None:
    words = ("--against", "golden_cross fast=5 slow=15", "--against", "momentum")

    outcome = with_market(
        "backtest", "golden_cross", *words, "--report", "cmp.html", "--lang", "en"
    )

    assert (outcome.code, outcome.err) == (0, "")
    assert "fast=5" in outcome.out
    assert "Momentum" in outcome.out
    assert "Comparison: cmp.html" in outcome.out
    assert Path("cmp.html").read_text("utf-8").count('path class="line run') == 6


def test_backtest_against_what_does_not_exist_names_the_nearest(with_market: CommandLine) -> None:
    outcome = with_market("backtest", "momentum", "--against", "golden_cros", "--lang", "en")

    assert outcome.code == 1
    assert "golden_cross?" in outcome.err


def test_backtest_export_writes_the_tables(with_market: CommandLine) -> None:
    outcome = with_market("backtest", "momentum", "--export", "deep/run.csv", "--lang", "en")

    assert outcome.code == 0
    assert "Table: deep/run-trades.csv" in outcome.out
    assert pl.read_csv("deep/run-equity.csv").height > 400
    assert with_market("backtest", "momentum", "--export", "run.xlsx").code == 0
    assert Path("run.xlsx").stat().st_size > 10_000


def test_backtest_export_in_an_unknown_format_is_refused_before_the_run(
    with_market: CommandLine, home: Path
) -> None:
    outcome = with_market("backtest", "momentum", "--export", "run.pdf", "--lang", "en")

    assert outcome.code == 1
    assert ".xlsx" in outcome.err
    assert not (home / "research").exists()


@pytest.mark.parametrize("benchmark", ["Z90010", "kospi.csv"])
def test_backtest_is_measured_against_what_is_asked_for(
    with_market: CommandLine, benchmark: str
) -> None:
    Path("kospi.csv").write_text("date,close\n2021-12-30,2977\n2023-01-02,2225\n", "utf-8")

    outcome = with_market("backtest", "momentum", "--benchmark", benchmark, "--report", "r.html")

    name = {"Z90010": "윤슬 종합지수", "kospi.csv": "kospi"}[benchmark]
    assert outcome.code == 0
    assert f"비교: {name}" in Path("r.html").read_text("utf-8")


def test_backtest_when_its_benchmark_is_unknown_is_refused(with_market: CommandLine) -> None:
    outcome = with_market("backtest", "momentum", "--benchmark", "Z90019", "--lang", "en")

    assert outcome.code == 1
    assert "Z90019" in outcome.err


def test_backtest_is_counted_as_a_trial(with_market: CommandLine, home: Path) -> None:
    with_market("backtest", "momentum")
    with_market("backtest", "momentum", "--set", "hold=10", "--against", "golden_cross")

    assert len(trials(home)) == 3


def test_backtest_says_what_is_serious(with_market: CommandLine) -> None:
    outcome = with_market("backtest", "golden_cross", "--to", "2022-05-31", "--lang", "en")

    assert "sessions are few" in outcome.out


def test_honesty_says_what_each_check_found_and_fails_with_the_worst(
    with_market: CommandLine, home: Path
) -> None:
    outcome = with_market("honesty", "golden_cross", "--lang", "en")

    assert outcome.code == 1
    for title in ("Look-ahead", "Where data begins", "Entries and chance", "Walk-forward"):
        assert title in outcome.out
    assert "✔ Look-ahead" in outcome.out
    assert "Do not put money on this result." in outcome.out
    assert len(trials(home)) == 9  # what the walk-forward tried counts too


def test_honesty_of_a_strategy_that_peeks_says_so(with_market: CommandLine) -> None:
    Path("peek.py").write_text(
        "from maemae import Strategy\n\n\n"
        "class Peek(Strategy):\n"
        "    def setup(self):\n"
        "        closes = self._seat().panel.close\n"
        "        self.best = (closes[:, -1] / closes[:, 0]).argmax()\n"
        "        self.every('week', self.look)\n\n"
        "    def look(self):\n"
        "        self.target_weights({self.symbols[self.best]: 0.5})\n",
        "utf-8",
    )

    outcome = with_market("honesty", "peek.py:Peek", "--lang", "en")

    assert outcome.code == 1
    assert "✘ Look-ahead" in outcome.out
    assert "looks ahead" in outcome.out


@pytest.mark.parametrize("language", ["ko", "en"])
def test_explain_shows_what_was_seen_done_and_would_have_been_refused(
    with_market: CommandLine, language: str
) -> None:
    outcome = with_market(
        *("explain", "golden_cross", "--symbol", "Z00010", "--day", "2023-03-02"),
        *("--lang", language),
    )

    titles = {
        "ko": ("본 것", "한 것", "위험 관문"),
        "en": ("What it saw", "What it did", "the gate"),
    }
    assert (outcome.code, outcome.err) == (0, "")
    assert all(title in outcome.out for title in titles[language])
    assert "sma(10) crosses above sma(30) → enter()" in outcome.out


def test_explain_of_a_day_without_a_session_says_so(with_market: CommandLine) -> None:
    outcome = with_market(
        *("explain", "momentum", "--symbol", "Z00010", "--day", "2023-03-01", "--lang", "en")
    )

    assert outcome.code == 1
    assert "no session" in outcome.err


def test_sweep_shows_the_best_counts_every_cell_and_says_what_is_luck(
    with_market: CommandLine, home: Path
) -> None:
    words = ("--grid", "fast=5,10", "--grid", "slow=20:40:10", "--jobs", "1", "--lang", "en")

    outcome = with_market("sweep", "golden_cross", *words, "--report", "map.html")

    assert (outcome.code, outcome.err) == (0, "")
    assert "Running 6 combinations" in outcome.out
    assert "After 6 variants chance alone would show" in outcome.out
    assert len(trials(home)) == 6
    assert Path("map.html").read_text("utf-8").count(" title=") == 6


def test_sweep_in_the_engine_shows_the_same(with_market: CommandLine) -> None:
    words = ("--grid", "fast=5", "--grid", "slow=20,30", "--jobs", "1", "--lang", "en")

    kernel = with_market("sweep", "golden_cross", *words)
    engine = with_market("sweep", "golden_cross", *words, "--engine")

    assert kernel.out == engine.out


def test_sweep_of_what_the_kernel_does_not_know_says_why(with_market: CommandLine) -> None:
    words = ("--grid", "hold=5", "--jobs", "1", "--lang", "en")

    outcome = with_market("sweep", "momentum", *words)

    assert outcome.code == 0
    assert "It runs in the engine. Momentum uses every()" in outcome.out


def test_search_counts_every_trial_and_goes_on(with_market: CommandLine, home: Path) -> None:
    words = ("--storage", "sqlite:///search.db", "--jobs", "1", "--lang", "en")

    first = with_market("sweep", "golden_cross", "--search", "4", *words)
    second = with_market("sweep", "golden_cross", "--search", "6", *words, "--seed", "2")

    assert (first.code, second.code) == (0, 0)
    assert "Searching with 6 trials" in second.out
    assert len(trials(home)) == 4 + 6
    assert "After 6 variants" in second.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--grid", "fast=x"), "fast"),
        (("--grid", "fats=5"), "fast?"),
        ((), "Say what to sweep"),
        (("--grid", "fast=9:5"), "no range"),
        (("--grid", "fast=5", "--storage", "sqlite:///x.db"), "--search"),
        (("--grid", "fast=5", "--search", "3", "--report", "map.html"), "heat map"),
        (("--search", "0"), "--search"),
        (("--search", "2", "--storage", "nonsense"), "cannot be kept at nonsense"),
        (("--grid", "fast=5", "--cluster", "nowhere"), "No Dask scheduler answers at nowhere"),
    ],
)
def test_sweep_when_it_cannot_be_says_so(
    with_market: CommandLine, words: tuple[str, ...], said: str
) -> None:
    outcome = with_market("sweep", "golden_cross", *words, "--jobs", "1", "--lang", "en")

    assert outcome.code == 1
    assert said in outcome.err
