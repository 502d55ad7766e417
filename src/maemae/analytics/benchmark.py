"""A run against another series: an index, a fund, another run."""

from __future__ import annotations

from math import sqrt
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.returns import (
    MIN_SESSIONS_TO_ANNUALIZE,
    SESSIONS_PER_YEAR,
    Floats,
    cagr,
    total_return,
)
from maemae.domain.errors import InvalidValueError

_NO_SPREAD: Final = 1e-12


class Relation(msgspec.Struct, frozen=True):
    """
    Figures of returns `r` beside those of a benchmark `b`; what cannot be said is None.

    Attributes:
        sessions: How many returns were compared.
        total_return: Of the benchmark [ratio].
        cagr: Of the benchmark [ratio a year].
        excess: `total return of r - total return of b` [ratio].
        beta: `cov(r, b) / var(b)`, both with ddof 1.
        alpha: `(mean(r) - beta * mean(b)) * 252` [ratio a year]; None below a quarter.
        correlation: Pearson's, -1 to 1.
        tracking_error: `std(r - b, ddof=1) * sqrt(252)` [ratio a year].
        information_ratio: `mean(r - b) * 252 / tracking_error`.
        up_capture: Mean of r over mean of b, on sessions on which b rose [ratio].
        down_capture: The same on sessions on which b fell; below 1 is good.
    """

    sessions: int
    total_return: float
    cagr: float | None
    excess: float
    beta: float | None
    alpha: float | None
    correlation: float | None
    tracking_error: float | None
    information_ratio: float | None
    up_capture: float | None
    down_capture: float | None


def relation(returns: Floats, benchmark: Floats) -> Relation:
    """
    Return how returns relate to a benchmark's.

    Args:
        returns: Daily returns of the run [n, ratio].
        benchmark: Those of the benchmark, on the same sessions [n, ratio].

    Raises:
        InvalidValueError: They differ in length, or are empty.
    """
    if returns.shape != benchmark.shape or returns.size == 0:
        raise InvalidValueError(
            f"수익률은 {returns.size}일, 비교 대상은 {benchmark.size}일입니다. 같은 날로 맞추세요.",
            f"{returns.size} returns but {benchmark.size} of the benchmark. Give the same days.",
        )
    beta, correlation = _beta(returns, benchmark)
    gap = returns - benchmark
    tracking = _spread(gap) * sqrt(SESSIONS_PER_YEAR)
    return Relation(
        sessions=returns.size,
        total_return=total_return(benchmark),
        cagr=cagr(benchmark),
        excess=total_return(returns) - total_return(benchmark),
        beta=beta,
        alpha=_alpha(returns, benchmark, beta),
        correlation=correlation,
        tracking_error=tracking if returns.size > 1 else None,
        information_ratio=(
            float(gap.mean()) * SESSIONS_PER_YEAR / tracking if tracking > _NO_SPREAD else None
        ),
        up_capture=_capture(returns, benchmark, benchmark > 0),
        down_capture=_capture(returns, benchmark, benchmark < 0),
    )


def returns_of_levels(levels: Floats) -> Floats:
    """Return the daily returns of a price level, one fewer than levels [ratio]."""
    return levels[1:] / levels[:-1] - 1.0


def _beta(returns: Floats, benchmark: Floats) -> tuple[float | None, float | None]:
    """Return beta and correlation."""
    own, other = _spread(returns), _spread(benchmark)
    if other < _NO_SPREAD:
        return None, None
    covariance = float(np.cov(returns, benchmark, ddof=1)[0, 1])
    correlation = covariance / (own * other) if own > _NO_SPREAD else None
    return covariance / other**2, correlation


def _alpha(returns: Floats, benchmark: Floats, beta: float | None) -> float | None:
    if beta is None or returns.size < MIN_SESSIONS_TO_ANNUALIZE:
        return None
    return (float(returns.mean()) - beta * float(benchmark.mean())) * SESSIONS_PER_YEAR


def _capture(
    returns: Floats, benchmark: Floats, where: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> float | None:
    if not where.any():
        return None
    return float(returns[where].mean()) / float(benchmark[where].mean())


def _spread(values: Floats) -> float:
    return float(np.std(values, ddof=1)) if values.size > 1 else 0.0
