"""
Figures of daily returns by quantstats: JSON comes in, JSON goes out. Runs in its environment only.

Of quantstats the statistics alone are loaded, unchanged; its charts and its downloader are not
installed. What it gives is as it comes, but for its conventions, which are brought to ours:

- skew and kurtosis are those of an unbiased estimate there, and of the sample here; its kurtosis
  is 0 for a normal distribution, ours 3
- its information ratio is of a day, ours of a year
"""

from __future__ import annotations

import importlib
import json
import sys
from importlib.util import find_spec
from math import sqrt
from types import ModuleType
from typing import Any

import pandas as pd


def main() -> None:
    """Read the series of every run and write their figures."""
    stats = load_stats()
    runs = json.load(sys.stdin)
    json.dump({name: figures(stats, run) for name, run in runs.items()}, sys.stdout)


def load_stats() -> ModuleType:
    """Return the module of the statistics without the rest of the package."""
    spec = find_spec("quantstats")
    if spec is None or spec.submodule_search_locations is None:
        raise SystemExit("quantstats is not installed here")
    package = ModuleType("quantstats")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["quantstats"] = package
    sys.modules["yfinance"] = ModuleType("yfinance")
    return importlib.import_module("quantstats.stats")


def figures(stats: ModuleType, run: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of one run."""
    days = pd.DatetimeIndex(run["days"])
    returns = pd.Series(run["returns"], index=days)
    months = stats.monthly_returns(returns).drop(columns="EOY")
    rolling = stats.rolling_sharpe(returns, rolling_period=run["window"])
    found = {
        "total_return": stats.comp(returns),
        "cagr": stats.cagr(returns),
        "volatility": stats.volatility(returns),
        "sharpe": stats.sharpe(returns),
        "sortino": stats.sortino(returns),
        "calmar": stats.calmar(returns),
        "max_drawdown": stats.max_drawdown(returns),
        "best_day": stats.best(returns),
        "worst_day": stats.worst(returns),
        "skew": sample_skew(stats.skew(returns), len(returns)),
        "kurtosis": sample_kurtosis(stats.kurtosis(returns), len(returns)),
        "expected_shortfall": stats.expected_shortfall(returns, method="historical"),
        "months": [[int(year), list(map(float, row))] for year, *row in months.itertuples()],
        "rolling_sharpe": [None if pd.isna(one) else float(one) for one in rolling],
    }
    if run["benchmark"] is not None:
        other = pd.Series(run["benchmark"], index=days)
        greeks = stats.greeks(returns, other)
        found |= {
            "beta": greeks["beta"],
            "alpha": greeks["alpha"],
            "correlation": sqrt(stats.r_squared(returns, other)),
            "information_ratio": stats.information_ratio(returns, other) * sqrt(252),
        }
    return {name: one if isinstance(one, list) else float(one) for name, one in found.items()}


def sample_skew(unbiased: float, size: int) -> float:
    """Return the skew of the sample."""
    return unbiased * (size - 2) / sqrt(size * (size - 1))


def sample_kurtosis(unbiased: float, size: int) -> float:
    """Return the fourth moment of the sample."""
    excess = (unbiased * (size - 2) * (size - 3) / (size - 1) - 6) / (size + 1)
    return excess + 3


if __name__ == "__main__":
    main()
