"""How much to buy: pure functions from money, prices and risk to shares or a weight."""

from __future__ import annotations

import math
from typing import Final, SupportsFloat, SupportsInt

from maemae.domain.errors import InvalidValueError

__all__ = ["at_risk", "for_cash", "for_volatility", "percent"]

SESSIONS_A_YEAR: Final = 252
"""Bars of a day in a year, as annual figures of volatility are told."""


def for_cash(won: SupportsInt, price: SupportsInt) -> int:
    """
    Return how many shares a fixed sum buys.

    Example:
        >>> for_cash(1_000_000, 71_500)
        13
    """
    return _shares(int(won), int(price))


def percent(equity: SupportsInt, ratio: SupportsFloat, price: SupportsInt) -> int:
    """
    Return how many shares a share of the equity buys [ratio: 10 % is 0.1].

    Example:
        >>> percent(10_000_000, 0.1, 71_500)
        13
    """
    return _shares(math.floor(int(equity) * _positive("ratio", ratio)), int(price))


def at_risk(equity: SupportsInt, ratio: SupportsFloat, distance: SupportsFloat) -> int:
    """
    Return how many shares lose that share of the equity if the price moves by a distance.

    With `distance = 2 * atr` this is the usual sizing by ATR; `buy(…, risk=0.01)` does the same
    with the stop of the order itself.

    Args:
        equity: Of the strategy [won].
        ratio: What may be lost [ratio of the equity].
        distance: From the entry to the stop [won a share].

    Example:
        >>> at_risk(10_000_000, 0.01, 2 * 1_250.0)
        40
    """
    return math.floor(int(equity) * _positive("ratio", ratio) / _positive("distance", distance))


def for_volatility(
    target: SupportsFloat,
    volatility: SupportsFloat,
    *,
    bars_a_year: float = SESSIONS_A_YEAR,
    most: float = 1.0,
) -> float:
    """
    Return the weight at which a position swings by a target: less of what moves more.

    Args:
        target: Volatility that the position may add in a year [ratio, such as 0.1].
        volatility: Standard deviation of the instrument from bar to bar, as `ta.volatility`
            tells it [ratio a bar].
        bars_a_year: Bars in a year; 252 for daily ones.
        most: Largest weight [ratio].

    Raises:
        InvalidValueError: A number is not above 0; an indicator that is not warm yet is none.

    Example:
        >>> for_volatility(0.1, 0.02)
        0.31497...
    """
    yearly = _positive("volatility", volatility) * math.sqrt(bars_a_year)
    return min(most, _positive("target", target) / yearly)


def _shares(won: int, price: int) -> int:
    if price <= 0:
        raise InvalidValueError(
            f"가격은 0보다 커야 합니다: {price}.", f"A price must be above 0, not {price}."
        )
    return max(0, won // price)


def _positive(name: str, value: SupportsFloat) -> float:
    number = float(value)
    if not 0 < number < math.inf:
        raise InvalidValueError(
            f"{name} 은(는) 0보다 큰 수여야 합니다: {number}. 준비되지 않은 지표의 값은 nan "
            "입니다. `if self.swing[symbol] > 0:` 처럼 먼저 물어보세요.",
            f"{name} must be a number above 0, not {number}. An indicator that has not warmed up "
            "is nan: ask first, as by `if self.swing[symbol] > 0:`.",
        )
    return number
