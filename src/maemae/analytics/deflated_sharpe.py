"""
How likely a Sharpe ratio is real, given its length, its tails, and how many were tried.

Source: D. H. Bailey and M. Lopez de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio
Management 40(5), 2014; formulas from general knowledge, checked against simulation in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import e, sqrt
from statistics import NormalDist
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.distribution import distribution
from maemae.analytics.returns import SESSIONS_PER_YEAR, Floats

_EULER: Final = 0.5772156649015329
_NORMAL: Final = NormalDist()
_NO_SPREAD: Final = 1e-12


class DeflatedSharpe(msgspec.Struct, frozen=True):
    """
    A Sharpe ratio beside the best that chance alone would have shown.

    Attributes:
        sharpe: Found [a year].
        trials: How many variants were looked at, this one included.
        by_chance: Highest Sharpe to expect of so many variants without any skill [a year].
        probability: That the true ratio is above zero, had only this one been tried.
        deflated: That the true ratio is above `by_chance` [0 to 1]; by custom at least 0.95 is
            wanted.
    """

    sharpe: float
    trials: int
    by_chance: float
    probability: float
    deflated: float


def probabilistic_sharpe(returns: Floats, threshold: float = 0.0) -> float | None:
    """
    Return the probability that the true Sharpe ratio is above a threshold.

    Args:
        returns: Daily returns [n, ratio].
        threshold: A daily Sharpe ratio.

    Returns:
        A probability; None below three sessions or without spread.
    """
    shape = distribution(returns)
    ratio = _daily_sharpe(returns)
    if ratio is None or shape.skew is None or shape.kurtosis is None:
        return None
    variance = 1 - shape.skew * ratio + (shape.kurtosis - 1) / 4 * ratio**2
    if variance <= 0:
        return None
    return _NORMAL.cdf((ratio - threshold) * sqrt(returns.size - 1) / sqrt(variance))


def expected_best(trials: int, spread: float) -> float:
    """
    Return the highest of so many ratios that are all zero but for chance.

    Args:
        trials: How many, at least 1; one alone has nothing to be the best of, and gives 0.
        spread: Standard deviation of the ratios among each other.
    """
    if trials < 2:
        return 0.0
    first = _NORMAL.inv_cdf(1 - 1 / trials)
    second = _NORMAL.inv_cdf(1 - 1 / (trials * e))
    return spread * ((1 - _EULER) * first + _EULER * second)


def deflated_sharpe(returns: Floats, tried: Sequence[float]) -> DeflatedSharpe | None:
    """
    Return the Sharpe ratio of a run, deflated by what was tried before it was chosen.

    Where the tried ratios are too few to say how they spread, the spread that chance gives to a
    run of this length is taken, `1 / sqrt(n - 1)`.

    Args:
        returns: Daily returns of the run that was chosen [n, ratio].
        tried: Sharpe ratios of all variants, the chosen one included [a year].

    Returns:
        The figures; None below three sessions or without spread.
    """
    ratio, probability = _daily_sharpe(returns), probabilistic_sharpe(returns)
    if ratio is None or probability is None:
        return None
    yearly = sqrt(SESSIONS_PER_YEAR)
    trials = max(1, len(tried))
    by_chance = 1 / sqrt(returns.size - 1)
    found = float(np.std(tried, ddof=1)) / yearly if len(tried) > 1 else 0.0
    best = expected_best(trials, max(found, by_chance))
    deflated = probabilistic_sharpe(returns, best)
    return DeflatedSharpe(
        sharpe=ratio * yearly,
        trials=trials,
        by_chance=best * yearly,
        probability=probability,
        deflated=probability if deflated is None else deflated,
    )


def _daily_sharpe(returns: Floats) -> float | None:
    if returns.size < 3:
        return None
    spread = float(np.std(returns, ddof=1))
    return None if spread < _NO_SPREAD else float(returns.mean()) / spread
