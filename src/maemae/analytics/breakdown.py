"""A run taken apart: by year, month, symbol and sleeve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

import msgspec
import numpy as np

from maemae.analytics.costs import Costs, Execution, costs_of
from maemae.analytics.drawdown import underwater
from maemae.analytics.returns import daily_returns, sharpe, total_return, wealth
from maemae.analytics.summary import Curve
from maemae.analytics.trades import RoundTrip, TradeStats, trade_stats
from maemae.domain.instant import kst_date


class Part(msgspec.Struct, frozen=True):
    """
    One part of a run.

    Attributes:
        key: The year `2024`, month `2024-01`, symbol or sleeve.
        profit: Change of the equity net of flows in a period; of closed trades after all
            costs for a symbol or sleeve [won].
        costs: Of its fills.
        trades: Its closed trades; in a period, those that were closed in it.
        total_return: Compounded [ratio]; None for a symbol or sleeve.
        sharpe: Of its sessions; None for a symbol or sleeve, or without spread.
        max_drawdown: Deepest fall from a high within the period [ratio, <= 0]; None for a
            symbol or sleeve.
    """

    key: str
    profit: int
    costs: Costs
    trades: TradeStats
    total_return: float | None = None
    sharpe: float | None = None
    max_drawdown: float | None = None


def by_year(
    curve: Curve, executions: Iterable[Execution], trips: Iterable[RoundTrip]
) -> list[Part]:
    """Return a part for each calendar year with a session, oldest first."""
    return _by_period(curve, executions, trips, lambda day: f"{day:%Y}")


def by_month(
    curve: Curve, executions: Iterable[Execution], trips: Iterable[RoundTrip]
) -> list[Part]:
    """Return a part for each calendar month with a session, oldest first."""
    return _by_period(curve, executions, trips, lambda day: f"{day:%Y-%m}")


def by_symbol(executions: Iterable[Execution], trips: Iterable[RoundTrip]) -> list[Part]:
    """Return a part for each instrument that was traded, the most profitable first."""
    return _by_owner(_grouped(executions, trips, _symbol, _symbol))


def by_sleeve(executions: Iterable[Execution], trips: Iterable[RoundTrip]) -> list[Part]:
    """Return a part for each sleeve that traded, the most profitable first."""
    return _by_owner(_grouped(executions, trips, _sleeve, _sleeve))


class _Group(msgspec.Struct):
    """Fills and closed trades that belong together."""

    fills: list[Execution] = []
    closed: list[RoundTrip] = []


def _symbol(one: Execution | RoundTrip) -> str:
    return one.symbol


def _sleeve(one: Execution | RoundTrip) -> str:
    return one.sleeve_id


def _grouped(
    executions: Iterable[Execution],
    trips: Iterable[RoundTrip],
    of_fill: Callable[[Execution], str],
    of_trip: Callable[[RoundTrip], str],
) -> defaultdict[str, _Group]:
    groups: defaultdict[str, _Group] = defaultdict(_Group)
    for one in executions:
        groups[of_fill(one)].fills.append(one)
    for trip in trips:
        groups[of_trip(trip)].closed.append(trip)
    return groups


def _by_period(
    curve: Curve,
    executions: Iterable[Execution],
    trips: Iterable[RoundTrip],
    key: Callable[[date], str],
) -> list[Part]:
    groups = _grouped(
        executions,
        trips,
        lambda fill: key(kst_date(fill.at)),
        lambda trip: key(kst_date(trip.closed_at)),
    )
    keys = [key(day) for day in curve.days]
    returns = daily_returns(curve.start, curve.equity, curve.flows)
    before = np.concatenate(([curve.start], curve.equity[:-1]))
    changes = curve.equity - before - curve.flows
    parts = []
    for name in dict.fromkeys(keys):
        where = np.array([each == name for each in keys])
        own = returns[where]
        parts.append(
            Part(
                key=name,
                profit=int(changes[where].sum()),
                costs=costs_of(groups[name].fills),
                trades=trade_stats(groups[name].closed),
                total_return=total_return(own),
                sharpe=sharpe(own),
                max_drawdown=float(underwater(wealth(own)).min()),
            )
        )
    return parts


def _by_owner(groups: defaultdict[str, _Group]) -> list[Part]:
    parts = [
        Part(
            key=name,
            profit=sum(trip.pnl for trip in group.closed),
            costs=costs_of(group.fills),
            trades=trade_stats(group.closed),
        )
        for name, group in groups.items()
    ]
    return sorted(parts, key=lambda part: (-part.profit, part.key))
