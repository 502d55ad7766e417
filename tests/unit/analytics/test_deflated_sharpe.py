"""The deflated Sharpe ratio, against simulation and against its own limits."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from maemae.analytics.deflated_sharpe import (
    deflated_sharpe,
    expected_best,
    probabilistic_sharpe,
)
from maemae.analytics.returns import sharpe


def noise(seed: int, count: int = 500) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(0.0, 0.01, count)


@pytest.mark.parametrize("trials", [10, 100])
def test_best_by_chance_is_what_simulation_gives(trials: int) -> None:
    draws = np.random.default_rng(1).normal(0.0, 0.05, (20_000, trials))

    assert expected_best(trials, 0.05) == pytest.approx(draws.max(axis=1).mean(), rel=0.03)


def test_best_of_one_is_nothing() -> None:
    assert expected_best(1, 0.05) == 0.0


def test_probability_of_normal_returns_is_that_of_a_t_like_ratio() -> None:
    """With skew 0 and kurtosis 3 the error of the ratio is sqrt((1 + s**2 / 2) / (n - 1))."""
    half = noise(2, 4_000)
    returns = np.concatenate([half, -half]) + 0.0002  # symmetric: no skew
    ratio = float(returns.mean() / returns.std(ddof=1))
    kurtosis = float(np.mean(((returns - returns.mean()) / returns.std()) ** 4))
    error = sqrt((1 + (kurtosis - 1) / 4 * ratio**2) / (returns.size - 1))

    assert probabilistic_sharpe(returns) == pytest.approx(NormalDist().cdf(ratio / error), abs=1e-9)


def test_chosen_as_the_best_of_many_random_runs_is_deflated_to_luck() -> None:
    """What chance makes is believed far less often than its first look promises."""
    believed = deflated = 0
    for seed in range(40):
        runs = [noise(seed * 1_000 + n, 250) for n in range(50)]
        ratios = [sharpe(run) or 0.0 for run in runs]
        found = deflated_sharpe(runs[int(np.argmax(ratios))], ratios)
        assert found is not None
        believed += found.probability > 0.95
        deflated += found.deflated > 0.95
    assert believed > 30
    assert deflated <= 4


def test_strong_and_long_run_survives_a_hundred_trials() -> None:
    found = deflated_sharpe(noise(3, 1_500) + 0.0015, [0.1 * n / 10 for n in range(100)])

    assert found is not None
    assert found.deflated > 0.95
    assert found.trials == 100


def test_trials_when_more_deflate_more() -> None:
    returns = noise(4) + 0.001
    found = [deflated_sharpe(returns, [0.0, 1.0] * n) for n in (1, 5, 50)]

    ratios = [each.deflated for each in found if each is not None]
    assert ratios == sorted(ratios, reverse=True)
    assert len(set(ratios)) == 3


@pytest.mark.parametrize("returns", [[], [0.01, 0.02], [0.01] * 30])
def test_ratio_when_nothing_can_be_said_is_none(returns: list[float]) -> None:
    assert deflated_sharpe(np.array(returns), [1.0]) is None
