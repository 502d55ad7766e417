"""Writes down which variants of a strategy were run on which data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from maemae.app.backtests import BacktestSetup
from maemae.research.backtest import BacktestResult
from maemae.research.honesty.audit import Remember
from maemae.research.honesty.trials import Trial, TrialBook, code_hash
from maemae.research.honesty.walk_forward import Values
from maemae.research.reporting import parameters_of
from maemae.settings import Settings
from maemae.storage.records import encode


def remember_runs(
    settings: Settings, setups: Sequence[BacktestSetup], results: Sequence[BacktestResult]
) -> None:
    """
    Count each run as a trial.

    Raises:
        StorageError: The record cannot be written.
    """
    TrialBook(settings.trials).add(
        [
            _trial(setup, parameters_of(setup.strategy), result.summary.sharpe)
            for setup, result in zip(setups, results, strict=True)
        ]
    )


def memory_of(settings: Settings, setup: BacktestSetup) -> Remember:
    """Return what an audit remembers its trials with, and learns of earlier ones from."""
    book = TrialBook(settings.trials)

    def remember(tried: Sequence[tuple[Values, float]]) -> Sequence[float]:
        book.add([_trial(setup, values, ratio) for values, ratio in tried])
        known = book.of(type(setup.strategy).__name__, market_of(setup))
        return [trial.sharpe or 0.0 for trial in known]

    return remember


def market_of(setup: BacktestSetup) -> str:
    """Return a hash of the data of a run: the same for every period of one dataset."""
    market = (setup.manifest.content_hash, setup.panel.symbols)
    return hashlib.sha256(encode(market)).hexdigest()[:16]


def _trial(setup: BacktestSetup, values: Values, sharpe: float | None) -> Trial:
    kind = type(setup.strategy)
    return Trial(kind.__name__, code_hash(kind), market_of(setup), dict(values), sharpe)
