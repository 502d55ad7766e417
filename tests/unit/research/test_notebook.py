"""A result shows itself, hands its tables on, and takes data in whatever form it comes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import msgspec
import polars as pl
import pytest

from maemae.app.library import backtest
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.errors import ConfigError, InvalidValueError, MissingDataError
from maemae.domain.text import Language
from maemae.research.notebook import Result
from maemae.strategies.golden_cross import GoldenCross
from tests.unit.research.test_report import HOSTILE, Page

pytestmark = pytest.mark.thorough

BARS = synthetic_market(3, first=date(2023, 1, 2), last=date(2023, 12, 28)).bars


class OwnFrame:
    """What pandas hands over: columns as lists."""

    def to_dict(self, orient: str) -> dict[str, list[object]]:
        assert orient == "list"
        return BARS.to_dict(as_series=False)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAEMAE_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("MAEMAE_LANG", raising=False)
    return tmp_path


def a_result() -> Result:
    return backtest(GoldenCross, BARS, fast=5, slow=15)


def test_frame_file_and_foreign_frame_give_the_same_run(home: Path) -> None:
    BARS.write_parquet(home / "bars.parquet")

    runs = [
        backtest(GoldenCross, data, fast=5, slow=15).run.order_hash
        for data in (BARS, OwnFrame(), str(home / "bars.parquet"), home / "bars.parquet")
    ]

    assert len(set(runs)) == 1


def test_run_takes_symbols_period_cash_and_fees() -> None:
    result = backtest(
        "golden_cross",
        BARS,
        symbols=["Z00010", "Z00020"],
        period=("2023-03-02", date(2023, 10, 31)),
        cash=5_000_000,
        fees="paper",
    )

    summary = result.summary
    assert (summary.first_day, summary.last_day) == (date(2023, 3, 2), date(2023, 10, 31))
    assert summary.start_equity == 5_000_000
    assert set(result.to_polars("fills")["symbol"]) <= {"Z00010", "Z00020"}


def test_run_is_counted_as_a_trial(home: Path) -> None:
    a_result()

    lines = (home / "var" / "research" / "trials.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert '"fast":5' in lines[0]


def test_result_shows_itself_in_a_notebook() -> None:
    result = a_result()

    page = Page(result._repr_html_())

    assert page.open == []
    assert page.tags["svg"] == 1
    assert not page.tags["script"]
    assert "연평균 수익률" in page.visible
    assert all(remark in page.visible for remark in result.remarks)
    assert "trades>" in repr(result)


def test_result_when_its_texts_are_hostile_runs_none_of_it() -> None:
    result = a_result()
    report = msgspec.structs.replace(result._report, title=HOSTILE)

    page = Page(Result(report, result.run, Language.EN)._repr_html_())

    assert not page.tags["script"]
    assert HOSTILE in page.visible


def test_result_hands_its_tables_on() -> None:
    result = a_result()

    assert result.to_polars().height == result.summary.trades.count
    assert result.to_polars("equity")["equity"][-1] == result.summary.end_equity
    with pytest.raises(InvalidValueError, match="trades"):
        result.to_polars("trade")


def test_result_becomes_pandas_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = ModuleType("pandas")
    pandas.__spec__ = pl.__spec__
    vars(pandas)["DataFrame"] = dict
    monkeypatch.setitem(sys.modules, "pandas", pandas)

    found = a_result().to_pandas("years")

    assert isinstance(found, dict)
    assert found["key"] == ["2023"]


def test_result_without_pandas_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maemae.research.notebook.find_spec", lambda _name: None)

    with pytest.raises(ConfigError, match="pip install 'pandas'"):
        a_result().to_pandas()


def test_result_writes_its_report_and_its_tables(home: Path) -> None:
    result = a_result()

    assert result.report(home / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert [path.name for path in result.export(home / "r.xlsx")] == ["r.xlsx"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: backtest("golden_cross", BARS, fees="kiwom"),
        lambda: backtest("golden_cross", BARS, basis="row"),
        lambda: backtest("golden_cross", BARS, period=("2023/01/02", None)),
        lambda: backtest("golden_cross", BARS, period=cast("Any", 5)),
        lambda: backtest("golden_cross", BARS, cash=0),
    ],
    ids=["fees", "basis", "day", "period", "cash"],
)
def test_run_when_something_cannot_be_is_refused(call: Callable[[], Result]) -> None:
    with pytest.raises(InvalidValueError):
        call()


def test_run_takes_a_strategy_with_its_parameters_and_leaves_it_as_it_is() -> None:
    strategy = GoldenCross(fast=3, slow=19)

    once = backtest(strategy, BARS)
    again = backtest(strategy, BARS, slow=19)

    assert once.run.order_hash == again.run.order_hash
    assert once.run.order_hash == backtest(GoldenCross, BARS, fast=3, slow=19).run.order_hash


def test_dataset_when_unknown_is_named() -> None:
    with pytest.raises(MissingDataError, match="nothing"):
        backtest("golden_cross", "nothing")
