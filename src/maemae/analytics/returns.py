"""Returns of an equity curve net of cash flows, and the ratios made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from math import sqrt
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from maemae.domain.errors import InvalidValueError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SESSIONS_PER_YEAR: Final = 252
"""Sessions by which daily figures are scaled to a year; KRX has held 242 to 250."""

MIN_SESSIONS_TO_ANNUALIZE: Final = 63
"""A growth over less than a quarter says little about a year, so it is not scaled to one."""

_YEARLY: Final = sqrt(SESSIONS_PER_YEAR)

_NO_SPREAD: Final = 1e-12
"""Deviations below this are rounding of equal numbers; dividing by them invents a ratio."""


def daily_returns(start: int, equity: Ints, flows: Ints) -> Floats:
    """
    Return what each session earned on the capital it began with.

    `r[i] = equity[i] / (equity[i-1] + flows[i]) - 1`, with `equity[-1] = start`: a deposit or
    withdrawal counts as made before the open, so it is never a gain or a loss. A session that
    begins with no capital (base <= 0) returns 0; one that ends below zero returns less than -1.

    Args:
        start: Equity before the first session [won].
        equity: Equity at the close of each session [n, won, oldest first].
        flows: Deposits (> 0) and withdrawals (< 0) of each session [n, won].

    Returns:
        Returns [n, float64, ratio].

    Raises:
        InvalidValueError: The two arrays differ in length.
    """
    if equity.shape != flows.shape:
        raise InvalidValueError(
            f"자산은 {equity.size}일, 입출금은 {flows.size}일입니다. 같은 날짜로 맞추세요.",
            f"{equity.size} days of equity but {flows.size} of flows. Give both for the same days.",
        )
    closes = equity.astype(np.float64)
    base = np.concatenate(([float(start)], closes[:-1]))[: closes.size] + flows
    funded = base > 0
    return np.where(funded, closes / np.where(funded, base, 1.0) - 1.0, 0.0)


def wealth(returns: Floats) -> Floats:
    """
    Return what one won became: `w[0] = 1`, `w[i+1] = w[i] * max(1 + r[i], 0)`.

    Once lost, everything stays lost: a return below -1 ends the series at 0.

    Returns:
        Wealth before the first session and after each [n + 1, float64, ratio].
    """
    growth = np.maximum(1.0 + returns, 0.0)
    return np.concatenate(([1.0], np.cumprod(growth)))


def total_return(returns: Floats) -> float:
    """Return the compounded return, `w[n] - 1` [ratio]; 0 for no sessions."""
    return float(wealth(returns)[-1] - 1.0)


def cagr(returns: Floats) -> float | None:
    """
    Return the compound annual growth rate, `w[n] ** (252 / n) - 1` [ratio a year].

    None below `MIN_SESSIONS_TO_ANNUALIZE` sessions; -1 when everything was lost.
    """
    if returns.size < MIN_SESSIONS_TO_ANNUALIZE:
        return None
    return float(wealth(returns)[-1] ** (SESSIONS_PER_YEAR / returns.size) - 1.0)


def volatility(returns: Floats) -> float | None:
    """Return `std(r, ddof=1) * sqrt(252)` [ratio a year]; None below two sessions."""
    spread = _deviation(returns)
    return None if spread is None else spread * _YEARLY


def sharpe(returns: Floats, risk_free: float = 0.0) -> float | None:
    """
    Return `mean(r - risk_free / 252) / std(r, ddof=1) * sqrt(252)`.

    None below two sessions and for returns without spread.

    Args:
        returns: Daily returns [n, ratio].
        risk_free: What cash would have earned [ratio a year].
    """
    spread = _deviation(returns)
    if spread is None or spread < _NO_SPREAD:
        return None
    excess = float(np.mean(returns)) - risk_free / SESSIONS_PER_YEAR
    return excess / spread * _YEARLY


def sortino(returns: Floats, risk_free: float = 0.0) -> float | None:
    """
    Return `mean(x) / sqrt(mean(min(x, 0) ** 2)) * sqrt(252)` with `x = r - risk_free / 252`.

    The shortfall is averaged over all sessions, not over the losing ones only. None below two
    sessions and when no session fell short.

    Args:
        returns: Daily returns [n, ratio].
        risk_free: Return below which a session falls short [ratio a year].
    """
    if returns.size < 2:
        return None
    excess = returns - risk_free / SESSIONS_PER_YEAR
    shortfall = sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    if shortfall < _NO_SPREAD:
        return None
    return float(np.mean(excess)) / shortfall * _YEARLY


def calmar(growth: float | None, depth: float | None) -> float | None:
    """
    Return `cagr / abs(deepest drawdown)`; None without a growth rate or without a drawdown.

    Args:
        growth: Compound annual growth rate [ratio a year].
        depth: Deepest drawdown [ratio, <= 0].
    """
    if growth is None or depth is None or abs(depth) < _NO_SPREAD:
        return None
    return growth / abs(depth)


class PeriodReturn(msgspec.Struct, frozen=True):
    """Compounded return of one calendar month [ratio]; `month` None stands for the year."""

    year: int
    month: int | None
    ratio: float


def monthly_returns(days: Sequence[date], returns: Floats) -> list[PeriodReturn]:
    """Return the compounded return of each calendar month that has a session, oldest first."""
    keys = [(day.year, day.month) for day in days]
    return [
        PeriodReturn(year, month, total_return(returns[begin:end]))
        for (year, month), begin, end in _runs(keys)
    ]


def yearly_returns(days: Sequence[date], returns: Floats) -> list[PeriodReturn]:
    """Return the compounded return of each calendar year that has a session, oldest first."""
    keys = [(day.year, 0) for day in days]
    return [
        PeriodReturn(year, None, total_return(returns[begin:end]))
        for (year, _), begin, end in _runs(keys)
    ]


def _runs(keys: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], int, int]]:
    starts = [i for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]]
    return [(keys[begin], begin, end) for begin, end in pairwise([*starts, len(keys)])]


def _deviation(returns: Floats) -> float | None:
    return None if returns.size < 2 else float(np.std(returns, ddof=1))
