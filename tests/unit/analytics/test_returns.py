"""Returns are net of cash flows, and every ratio says None where it has nothing to say."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from maemae.analytics.returns import (
    MIN_SESSIONS_TO_ANNUALIZE,
    Floats,
    PeriodReturn,
    cagr,
    calmar,
    daily_returns,
    monthly_returns,
    sharpe,
    sortino,
    total_return,
    volatility,
    wealth,
    yearly_returns,
)
from maemae.domain.errors import InvalidValueError


def returns_of(start: int, equity: list[int], flows: list[int] | None = None) -> Floats:
    return daily_returns(
        start,
        np.array(equity, np.int64),
        np.array(flows if flows is not None else [0] * len(equity), np.int64),
    )


def test_daily_returns_begin_with_the_starting_equity() -> None:
    assert returns_of(100, [110, 99]).tolist() == pytest.approx([0.1, -0.1])


def test_daily_returns_when_money_comes_and_goes_count_trading_only() -> None:
    returns = returns_of(100, [200, 220, 110], [100, 0, -110])

    assert returns.tolist() == pytest.approx([0.0, 0.1, 0.0])


def test_daily_returns_when_the_first_deposit_is_a_flow_start_from_it() -> None:
    assert returns_of(0, [1_100], [1_000]).tolist() == pytest.approx([0.1])


def test_daily_returns_when_nothing_is_left_to_trade_with_are_zero() -> None:
    assert returns_of(100, [-20, -30, 0]).tolist() == pytest.approx([-1.2, 0.0, 0.0])


def test_daily_returns_of_no_session_are_none() -> None:
    assert returns_of(100, []).size == 0


def test_daily_returns_when_lengths_differ_raise() -> None:
    with pytest.raises(InvalidValueError, match="same days"):
        returns_of(100, [100, 101], [0])


def test_wealth_when_everything_is_lost_never_returns() -> None:
    assert wealth(np.array([0.5, -1.2, 3.0])).tolist() == [1.0, 1.5, 0.0, 0.0]


def test_total_return_compounds() -> None:
    assert total_return(np.array([0.1, 0.1])) == pytest.approx(0.21)


def test_total_return_of_no_session_is_zero() -> None:
    assert total_return(np.array([])) == 0.0


def test_cagr_of_a_year_is_its_total_return() -> None:
    returns = np.full(252, 1.2 ** (1 / 252) - 1)

    assert cagr(returns) == pytest.approx(0.2)


def test_cagr_of_half_a_year_is_compounded_not_doubled() -> None:
    returns = np.zeros(126)
    returns[7] = 0.1

    assert cagr(returns) == pytest.approx(0.21)


def test_cagr_below_a_quarter_is_not_said() -> None:
    assert cagr(np.full(MIN_SESSIONS_TO_ANNUALIZE - 1, 0.01)) is None
    assert cagr(np.full(MIN_SESSIONS_TO_ANNUALIZE, 0.01)) is not None


def test_cagr_when_everything_is_lost_is_minus_one() -> None:
    assert cagr(np.array([-1.5] + [0.0] * 99)) == -1.0


def test_volatility_is_the_sample_deviation_of_a_year() -> None:
    assert volatility(np.array([0.01, -0.01])) == pytest.approx(0.0002**0.5 * 252**0.5)


def test_sharpe_is_mean_over_deviation_of_a_year() -> None:
    assert sharpe(np.array([0.02, 0.0])) == pytest.approx(0.01 / 0.0002**0.5 * 252**0.5)


def test_sharpe_when_cash_earns_as_much_is_zero() -> None:
    assert sharpe(np.array([0.02, 0.0]), risk_free=2.52) == pytest.approx(0.0)


def test_sortino_averages_the_shortfall_over_all_sessions() -> None:
    returns = np.array([0.03, -0.01, 0.01, 0.01])

    assert sortino(returns) == pytest.approx(0.01 / (0.0001 / 4) ** 0.5 * 252**0.5)


@pytest.mark.parametrize("returns", [np.array([]), np.array([0.01])], ids=["none", "one"])
def test_ratios_below_two_sessions_are_not_said(returns: Floats) -> None:
    assert (volatility(returns), sharpe(returns), sortino(returns)) == (None, None, None)


@pytest.mark.parametrize("daily", [0.0, 0.1], ids=["flat", "same every day"])
def test_ratios_without_spread_are_not_said(daily: float) -> None:
    returns = np.full(30, daily)

    assert volatility(returns) == pytest.approx(0.0, abs=1e-12)
    assert (sharpe(returns), sortino(returns)) == (None, None)


def test_calmar_divides_growth_by_depth() -> None:
    assert calmar(0.2, -0.1) == pytest.approx(2.0)


@pytest.mark.parametrize(("growth", "depth"), [(None, -0.1), (0.2, None), (0.2, 0.0)])
def test_calmar_without_growth_or_drawdown_is_not_said(
    growth: float | None, depth: float | None
) -> None:
    assert calmar(growth, depth) is None


def test_periods_compound_by_month_and_by_year() -> None:
    days = [date(2023, 12, 28), date(2024, 1, 2), date(2024, 1, 3), date(2024, 3, 4)]
    returns = np.array([0.1, 0.1, 0.1, -0.5])

    months = monthly_returns(days, returns)

    assert [(one.year, one.month) for one in months] == [(2023, 12), (2024, 1), (2024, 3)]
    assert [one.ratio for one in months] == pytest.approx([0.1, 0.21, -0.5])
    assert [one.year for one in yearly_returns(days, returns)] == [2023, 2024]
    assert yearly_returns(days, returns)[1].ratio == pytest.approx(1.21 * 0.5 - 1)


def test_periods_together_give_the_whole() -> None:
    days = [date(2022, 11, 3) + timedelta(days=n) for n in range(400)]
    returns = np.random.default_rng(7).normal(0, 0.01, 400)

    def product(periods: list[PeriodReturn]) -> float:
        return float(np.prod([1 + one.ratio for one in periods])) - 1

    assert product(monthly_returns(days, returns)) == pytest.approx(total_return(returns))
    assert product(yearly_returns(days, returns)) == pytest.approx(total_return(returns))


def test_periods_of_no_session_are_none() -> None:
    assert monthly_returns([], np.array([])) == []
