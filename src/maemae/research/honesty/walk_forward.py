"""
Would the parameters have been found in time?

The past is cut into folds. In each, the parameters are chosen by what came before it, and only
the fold itself counts. A rule that needed the future to find its parameters fails.

Every set of parameters is run once over the whole of the data: a strategy that does not look
ahead (`look_ahead` proves it) has done by any day what it would have done had the data ended
there, so each fold reads its own stretch of the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise, product
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.returns import Floats, daily_returns, sharpe
from maemae.analytics.summary import Curve
from maemae.domain.text import Text
from maemae.research.honesty.verdict import Check, Verdict
from maemae.strategy.author import Strategy
from maemae.strategy.parameters import AnyParam

Values = Mapping[str, float]
"""Parameters by name."""

FOLDS: Final = 4
"""Folds that are traded; as much again stands before the first one."""

EFFICIENCY: Final = 0.5
"""Least share of the Sharpe ratio found in training that must be left in the folds."""

SHARE_OF_GAINS: Final = 0.6
"""Least share of the folds that must end above where they began."""

MOST_SETS: Final = 9
"""Sets of parameters that are tried unless told otherwise."""

_STEPS: Final = (0.7, 1.0, 1.4)
_SHORTEST: Final = 20  # sessions of a fold


class Fold(msgspec.Struct, frozen=True):
    """
    One fold.

    Attributes:
        first, last: Its sessions.
        chosen: Parameters that were best before it.
        trained: Their Sharpe ratio before it [a year]; None without spread.
        tested: Their Sharpe ratio in it [a year]; None without spread.
        total_return: Of the fold [ratio].
    """

    first: date
    last: date
    chosen: Values
    trained: float | None
    tested: float | None
    total_return: float


class WalkForward(msgspec.Struct, frozen=True, eq=False):
    """
    What came of it.

    Attributes:
        folds: Oldest first.
        returns: Of all folds, end to end [n, ratio].
        sharpe: Of those [a year]; None without spread.
        efficiency: It, over the mean Sharpe ratio in training; None where that is not above 0.
        ratios: Sharpe ratio of every set of parameters over the whole of the data.
    """

    folds: Sequence[Fold]
    returns: Floats
    sharpe: float | None
    efficiency: float | None
    ratios: Sequence[float]


def neighbours(kind: type[Strategy], values: Values, most: int = MOST_SETS) -> list[Values]:
    """
    Return sets of parameters around the given ones, those themselves first.

    All combinations of a little less and a little more, or, where they are more than `most`,
    one parameter changed at a time.
    """
    params = kind.parameters()
    choices = {
        param.name: _choices(param, values.get(param.name, param.default)) for param in params
    }
    centre = {param.name: values.get(param.name, param.default) for param in params}
    sets: list[Values]
    if np.prod([len(each) for each in choices.values()]) <= most:
        sets = [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]
    else:
        sets = [{**centre, name: value} for name, some in choices.items() for value in some]
    unique: list[Values] = [centre]
    unique += [each for n, each in enumerate(sets) if each != centre and each not in sets[:n]]
    return unique[:most]


def walk_forward(
    run: Callable[[Values], Curve], sets: Sequence[Values], folds: int = FOLDS
) -> WalkForward | None:
    """
    Choose parameters in each fold by what came before it.

    Args:
        run: Runs the strategy with these parameters over the whole of the data.
        sets: Parameters to choose from.
        folds: How many.

    Returns:
        What came of it; None where a fold would be shorter than a month.
    """
    curves = [run(values) for values in sets]
    days = curves[0].days
    returns = [daily_returns(curve.start, curve.equity, curve.flows) for curve in curves]
    edges = [round(n) for n in np.linspace(len(days) / 2, len(days), folds + 1).tolist()]
    if edges[1] - edges[0] < _SHORTEST:
        return None
    found = [_fold(returns, sets, days, begin, end) for begin, end in pairwise(edges)]
    joined = np.concatenate([own for _, own in found])
    made = [fold for fold, _ in found]
    trained = [fold.trained for fold in made if fold.trained is not None]
    mean, ratio = (float(np.mean(trained)) if trained else 0.0), sharpe(joined)
    return WalkForward(
        folds=made,
        returns=joined,
        sharpe=ratio,
        efficiency=ratio / mean if ratio is not None and mean > 0 else None,
        ratios=[sharpe(each) or 0.0 for each in returns],
    )


def check_walk_forward(found: WalkForward | None) -> Verdict:
    """Judge a walk forward: it must earn, mostly, and about as in training."""
    if found is None:
        return Verdict(Check.WALK_FORWARD, passed=None, text=_TOO_SHORT)
    gains = sum(fold.total_return > 0 for fold in found.folds)
    share = gains / len(found.folds)
    ratio = found.sharpe or 0.0
    passed = (
        ratio > 0
        and share >= SHARE_OF_GAINS
        and found.efficiency is not None
        and found.efficiency >= EFFICIENCY
    )
    kept = "–" if found.efficiency is None else f"{found.efficiency:.0%}"
    return Verdict(
        Check.WALK_FORWARD,
        passed=passed,
        text=Text(
            f"앞에서 고른 매개변수로 뒤 {len(found.folds)}구간을 매매하니 샤프 지수 {ratio:.2f}, "
            f"훈련의 {kept}, 이익 구간 {gains}/{len(found.folds)} (기준: 0 초과, {EFFICIENCY:.0%}, "
            f"{SHARE_OF_GAINS:.0%} 이상).",
            f"With parameters chosen beforehand, {len(found.folds)} folds gave a Sharpe of "
            f"{ratio:.2f}, {kept} of that in training, {gains} of {len(found.folds)} folds up "
            f"(above 0, {EFFICIENCY:.0%} and {SHARE_OF_GAINS:.0%} pass).",
        ),
    )


def _choices(param: AnyParam, centre: float) -> list[float]:
    kind = param.kind
    found = {
        kind(min(max(kind(round(centre * step, 6)), param.low), param.high)) for step in _STEPS
    }
    return sorted(found)


def _fold(
    returns: Sequence[Floats],
    sets: Sequence[Values],
    days: Sequence[date],
    begin: int,
    end: int,
) -> tuple[Fold, Floats]:
    trained = [sharpe(each[:begin]) for each in returns]
    best = int(np.argmax([-np.inf if each is None else each for each in trained]))
    own = returns[best][begin:end]
    fold = Fold(
        first=days[begin],
        last=days[end - 1],
        chosen=sets[best],
        trained=trained[best],
        tested=sharpe(own),
        total_return=float(np.prod(1 + own) - 1),
    )
    return fold, own


_TOO_SHORT: Final = Text(
    f"구간 하나가 {_SHORTEST}거래일보다 짧아 판단할 수 없습니다. 더 긴 데이터를 주세요.",
    f"A fold would be shorter than {_SHORTEST} sessions: give longer data.",
)
