"""All figures of one run in one value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isfinite

import msgspec
import numpy as np

from maemae.analytics.drawdown import Drawdown, drawdowns
from maemae.analytics.returns import (
    MIN_SESSIONS_TO_ANNUALIZE,
    SESSIONS_PER_YEAR,
    Floats,
    Ints,
    cagr,
    calmar,
    daily_returns,
    sharpe,
    sortino,
    total_return,
    volatility,
    wealth,
)
from maemae.analytics.trades import RoundTrip, TradeStats, trade_stats
from maemae.domain.errors import InvalidValueError


class Curve(msgspec.Struct, frozen=True, eq=False):
    """
    The book at the close of each session.

    Attributes:
        start: Equity before the first session [won].
        days: Sessions [n, oldest first].
        equity: Cash and holdings at the close [n, won].
        invested: Holdings at the close [n, won].
        flows: Deposits (> 0) and withdrawals (< 0) of the session [n, won].
    """

    start: int
    days: Sequence[date]
    equity: Ints
    invested: Ints
    flows: Ints


class Activity(msgspec.Struct, frozen=True):
    """
    What the run did at the market.

    Attributes:
        orders: Orders sent.
        fills: Fills received.
        traded: Purchases and sales together [won].
        commission: Paid [won].
        tax: Paid [won].
    """

    orders: int
    fills: int
    traded: int
    commission: int
    tax: int


class Summary(msgspec.Struct, frozen=True):
    """
    The figures of a run; what cannot be said is None, and nothing is ever NaN or infinite.

    Attributes:
        first_day: First session.
        last_day: Last session.
        sessions: Sessions of the run.
        start_equity: Equity before the first session [won].
        end_equity: Equity at the last close [won].
        net_flows: Deposits less withdrawals [won].
        profit: `end_equity - start_equity - net_flows` [won].
        total_return: `returns.total_return` [ratio].
        cagr: `returns.cagr` [ratio a year].
        volatility: `returns.volatility` [ratio a year].
        sharpe: `returns.sharpe`.
        sortino: `returns.sortino`.
        calmar: `returns.calmar`.
        max_drawdown: Depth of the deepest drawdown [ratio, <= 0]; 0 if there was none.
        drawdown_start: Session of its high; a high before the first session is the first.
        drawdown_trough: Session of its lowest close.
        drawdown_recovery: Session that saw the high again; None while under water.
        drawdown_sessions: Length of the deepest drawdown [sessions].
        longest_drawdown: Length of the longest drawdown, maybe another one [sessions].
        best_day: Largest daily return [ratio].
        worst_day: Smallest daily return [ratio].
        exposure: Mean of `invested / equity` over sessions with equity above zero [ratio].
        max_exposure: Largest of the same [ratio].
        turnover: `traded / 2 / mean equity` over the whole run [ratio]; None if the mean is <= 0.
        annual_turnover: `turnover * 252 / sessions` [ratio a year]; None where `cagr` is.
        orders: Orders sent.
        fills: Fills received.
        traded: Purchases and sales together [won].
        commission: Paid [won].
        tax: Paid [won].
        trades: Figures of the closed trades.
    """

    first_day: date
    last_day: date
    sessions: int
    start_equity: int
    end_equity: int
    net_flows: int
    profit: int
    total_return: float | None
    cagr: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float | None
    drawdown_start: date | None
    drawdown_trough: date | None
    drawdown_recovery: date | None
    drawdown_sessions: int
    longest_drawdown: int
    best_day: float | None
    worst_day: float | None
    exposure: float | None
    max_exposure: float | None
    turnover: float | None
    annual_turnover: float | None
    orders: int
    fills: int
    traded: int
    commission: int
    tax: int
    trades: TradeStats


def summarize(
    curve: Curve, activity: Activity, trips: Sequence[RoundTrip], risk_free: float = 0.0
) -> Summary:
    """
    Return the figures of a run.

    Args:
        curve: The book at each close.
        activity: Orders, fills and costs.
        trips: Closed trades.
        risk_free: What cash would have earned [ratio a year].

    Raises:
        InvalidValueError: The run has no session, or the arrays of the curve differ in length.
    """
    _require_sessions(curve)
    with np.errstate(over="ignore", invalid="ignore"):
        returns = daily_returns(curve.start, curve.equity, curve.flows)
        falls = drawdowns(wealth(returns))
        growth = _finite(cagr(returns))
        deepest = min(falls, key=lambda one: one.depth, default=None)
        exposure, max_exposure = _exposure(curve)
        turnover = _turnover(curve, activity)
        end, flows = int(curve.equity[-1]), int(curve.flows.sum())
        return Summary(
            first_day=curve.days[0],
            last_day=curve.days[-1],
            sessions=len(curve.days),
            start_equity=curve.start,
            end_equity=end,
            net_flows=flows,
            profit=end - curve.start - flows,
            total_return=_finite(total_return(returns)),
            cagr=growth,
            volatility=_finite(volatility(returns)),
            sharpe=_finite(sharpe(returns, risk_free)),
            sortino=_finite(sortino(returns, risk_free)),
            calmar=_finite(calmar(growth, deepest.depth if deepest else None)),
            max_drawdown=_finite(deepest.depth) if deepest else 0.0,
            drawdown_start=_day(curve, deepest.peak) if deepest else None,
            drawdown_trough=_day(curve, deepest.trough) if deepest else None,
            drawdown_recovery=_recovery(curve, deepest),
            drawdown_sessions=deepest.length if deepest else 0,
            longest_drawdown=max((fall.length for fall in falls), default=0),
            best_day=_finite(float(returns.max())),
            worst_day=_finite(float(returns.min())),
            exposure=exposure,
            max_exposure=max_exposure,
            turnover=turnover,
            annual_turnover=_per_year(turnover, returns),
            orders=activity.orders,
            fills=activity.fills,
            traded=activity.traded,
            commission=activity.commission,
            tax=activity.tax,
            trades=trade_stats(trips),
        )


def _require_sessions(curve: Curve) -> None:
    lengths = {len(curve.days), curve.equity.size, curve.invested.size, curve.flows.size}
    if lengths == {0}:
        raise InvalidValueError(
            "거래일이 하나도 없어 요약할 수 없습니다. 기간과 데이터를 확인하세요.",
            "There is no session to summarize. Check the period and the data.",
        )
    if len(lengths) > 1:
        raise InvalidValueError(
            f"날짜·자산·투자금·입출금의 길이가 다릅니다: {sorted(lengths)}. 날짜를 맞추세요.",
            f"Days, equity, invested and flows differ in length: {sorted(lengths)}. Align them.",
        )


def _day(curve: Curve, point: int) -> date:
    """Return the session of a point of the wealth series, whose point 0 precedes the first."""
    return curve.days[max(point - 1, 0)]


def _recovery(curve: Curve, fall: Drawdown | None) -> date | None:
    return None if fall is None or fall.recovery is None else _day(curve, fall.recovery)


def _exposure(curve: Curve) -> tuple[float | None, float | None]:
    funded = curve.equity > 0
    if not funded.any():
        return None, None
    share = curve.invested[funded] / curve.equity[funded]
    return float(share.mean()), float(share.max())


def _turnover(curve: Curve, activity: Activity) -> float | None:
    mean_equity = float(curve.equity.mean())
    return None if mean_equity <= 0 else activity.traded / 2 / mean_equity


def _per_year(turnover: float | None, returns: Floats) -> float | None:
    if turnover is None or returns.size < MIN_SESSIONS_TO_ANNUALIZE:
        return None
    return turnover * SESSIONS_PER_YEAR / returns.size


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
