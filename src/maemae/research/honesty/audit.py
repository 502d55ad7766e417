"""All checks of honesty over one strategy, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from maemae.analytics.returns import daily_returns
from maemae.analytics.summary import Curve
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.research.honesty.bootstrap import check_entries
from maemae.research.honesty.critique import check_critique, critique
from maemae.research.honesty.look_ahead import check_look_ahead
from maemae.research.honesty.stress import check_stress, stress
from maemae.research.honesty.trials import check_deflated
from maemae.research.honesty.verdict import Verdict
from maemae.research.honesty.walk_forward import (
    Values,
    check_walk_forward,
    neighbours,
    walk_forward,
)
from maemae.research.honesty.warm_up import check_warm_up
from maemae.research.reporting import parts_of
from maemae.strategy.author import Strategy
from maemae.strategy.panel import Panel

Remember = Callable[[Sequence[tuple[Values, float]]], Sequence[float]]
"""Takes parameters and Sharpe ratios that were tried now; returns those of all trials ever."""


class Subject(msgspec.Struct, frozen=True, eq=False):
    """
    What is audited.

    Attributes:
        kind: The strategy's class.
        values: Parameters it is to be run with.
        panel: Bars.
        plan: Cash, costs, assumptions, limits.
    """

    kind: type[Strategy]
    values: Values
    panel: Panel
    plan: BacktestPlan

    def make(self) -> Strategy:
        """Return the strategy, made anew."""
        return self.kind(**self.values)

    def run(self, plan: BacktestPlan) -> BacktestResult:
        """Return the run of it under a plan."""
        return backtest(self.make(), self.panel, plan)

    def curve(self, values: Values) -> Curve:
        """Return the curve of it with other parameters."""
        return backtest(self.kind(**values), self.panel, self.plan).curve


def only_now(tried: Sequence[tuple[Values, float]]) -> Sequence[float]:
    """Return the ratios that were tried now, where no record of earlier ones is kept."""
    return [ratio for _, ratio in tried]


def audit(subject: Subject, remember: Remember = only_now) -> Iterator[Verdict]:
    """
    Yield the verdict of each check as soon as it is known.

    Args:
        subject: What is audited.
        remember: Where trials are written down.

    Raises:
        StrategyError: The strategy's own code failed.
    """
    panel, plan = subject.panel, subject.plan
    yield check_look_ahead(subject.make, panel, plan)
    yield check_warm_up(subject.make, panel)
    result = subject.run(plan)
    yield check_entries(panel, result.trips)
    sets = neighbours(subject.kind, subject.values)
    walked = walk_forward(subject.curve, sets)
    yield check_walk_forward(walked)
    tried = [] if walked is None else list(zip(sets, walked.ratios, strict=True))
    curve = result.curve
    returns = daily_returns(curve.start, curve.equity, curve.flows)
    yield check_deflated(returns, remember(tried))
    yield check_stress(stress(subject.run, result, plan, panel.basis))
    yield check_critique(critique(result, panel, parts_of(result)))
