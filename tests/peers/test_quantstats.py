"""
What the report says of the six strategies, said again by somebody else: quantstats.

Real data where it is there, and the synthetic market always. Both annualise by 252 sessions, take
standard deviations with ddof 1, average Sortino's shortfall over all sessions, know no risk-free
rate, and count the first day's fall as a drawdown. All figures agree to nine digits.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maemae.analytics.benchmark import relation, returns_of_levels
from maemae.analytics.distribution import distribution
from maemae.analytics.returns import Floats, daily_returns, monthly_returns
from maemae.analytics.rolling import WINDOW, rolling_sharpe
from maemae.research.backtest import BacktestResult
from tests.golden.runs import bars, run
from tests.peers.environment import python_of

CASES = (
    ("golden_cross", "synthetic"),
    ("momentum", "synthetic"),
    *((name, "arclien") for name in ("golden_cross", "momentum", "mean_reversion", "pairs")),
    ("asset_allocation", "etf"),
    ("volatility_breakout", "minutes"),
)
SYMBOLS = 40
FIGURES = (
    "total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "max_drawdown",
    "best_day", "worst_day",
)  # fmt: skip


@cache
def result_of(strategy: str, dataset: str) -> BacktestResult:
    return run(strategy, bars(dataset, SYMBOLS))


def returns_of(strategy: str, dataset: str) -> Floats:
    curve = result_of(strategy, dataset).curve
    return daily_returns(curve.start, curve.equity, curve.flows)


def made_up_benchmark(size: int) -> Floats:
    """Return the daily returns of a series that rises and falls."""
    return returns_of_levels(100 * np.cumprod(1 + np.sin(np.arange(size + 1) * 0.7) / 150))


@cache
def all_their_figures() -> dict[str, dict[str, Any]]:
    """Return the figures of every run whose data is here, asked for at once."""
    asked = {}
    for strategy, dataset in CASES:
        with suppress(pytest.skip.Exception):
            days = result_of(strategy, dataset).curve.days
            asked[f"{strategy} {dataset}"] = {
                "days": [str(day) for day in days],
                "returns": returns_of(strategy, dataset).tolist(),
                "benchmark": made_up_benchmark(len(days)).tolist(),
                "window": WINDOW,
            }
    script = Path(__file__).with_name("quantstats_figures.py")
    command = [str(python_of("quantstats")), "-W", "ignore", str(script)]
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def their_figures(strategy: str, dataset: str) -> dict[str, Any]:
    """Return what quantstats says of a run; skip where its data is not."""
    result_of(strategy, dataset)
    return all_their_figures()[f"{strategy} {dataset}"]


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_figures_of_the_report_are_those_of_quantstats(strategy: str, dataset: str) -> None:
    summary = result_of(strategy, dataset).summary
    theirs = their_figures(strategy, dataset)

    ours = {name: getattr(summary, name) for name in FIGURES}

    assert ours == pytest.approx({name: theirs[name] for name in FIGURES}, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_months_are_those_of_quantstats(strategy: str, dataset: str) -> None:
    months = monthly_returns(result_of(strategy, dataset).curve.days, returns_of(strategy, dataset))
    theirs = dict(their_figures(strategy, dataset)["months"])

    assert [one.ratio for one in months] == pytest.approx(
        [theirs[one.year][(one.month or 0) - 1] for one in months], rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_shape_and_rolling_sharpe_are_those_of_quantstats(strategy: str, dataset: str) -> None:
    returns, theirs = returns_of(strategy, dataset), their_figures(strategy, dataset)
    shape, moving = distribution(returns), rolling_sharpe(returns)

    assert {
        "skew": shape.skew, "kurtosis": shape.kurtosis, "tail": shape.expected_shortfall,
    } == pytest.approx(
        {"skew": theirs["skew"], "kurtosis": theirs["kurtosis"],
         "tail": theirs["expected_shortfall"]}, rel=1e-9, abs=1e-12,
    )  # fmt: skip
    both = [
        (one, other)
        for one, other in zip(moving.tolist(), theirs["rolling_sharpe"], strict=True)
        if other is not None and not np.isnan(one)
    ]
    assert [one for one, _ in both] == pytest.approx([other for _, other in both], rel=1e-6)
    assert len(both) == max(0, returns.size - WINDOW + 1 - _still(returns))


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_relation_to_a_benchmark_is_that_of_quantstats(strategy: str, dataset: str) -> None:
    returns = returns_of(strategy, dataset)
    found = relation(returns, made_up_benchmark(returns.size))
    theirs = their_figures(strategy, dataset)

    names = ("beta", "alpha", "information_ratio")
    assert {name: getattr(found, name) for name in names} == pytest.approx(
        {name: theirs[name] for name in names}, rel=1e-9, abs=1e-12
    )
    assert abs(found.correlation or 0.0) == pytest.approx(theirs["correlation"], rel=1e-9)


def _still(returns: Floats) -> int:
    """Return the full windows in which nothing moved; a ratio of them cannot be said."""
    if returns.size < WINDOW:
        return 0
    windows = np.lib.stride_tricks.sliding_window_view(returns, WINDOW)
    return int(np.sum(windows.std(axis=1, ddof=1) < 1e-12))
