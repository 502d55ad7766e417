"""Does the result survive worse fills, dearer trading and more money?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from maemae.analytics.costs import costs_of
from maemae.domain.intent import MILLION
from maemae.domain.terms import PriceBasis
from maemae.domain.text import Text
from maemae.krx.costs import CostSchedule
from maemae.research.backtest import BacktestPlan, BacktestResult
from maemae.research.honesty.verdict import Check, Verdict
from maemae.venue.assumptions import (
    RELAXED_ADJUSTED,
    STRICT_KRX,
    Assumptions,
    ProportionalSlippage,
    ThroughFill,
    TickSlippage,
    VolumeShare,
)

_FINE: Final = 1_000_000_000  # unit of a commission that is made of several
_WORSE: Final = _FINE // 1_000  # 0.1 % a side, the openings included, which slippage leaves out


class Scenario(msgspec.Struct, frozen=True):
    """
    One worse world and what came of it.

    Attributes:
        name: What is worse.
        total_return: Of the run in it [ratio]; None for everything lost.
        is_required: Whether the run must still earn in it.
    """

    name: Text
    total_return: float | None
    is_required: bool


def stress(
    run: Callable[[BacktestPlan], BacktestResult],
    base: BacktestResult,
    plan: BacktestPlan,
    basis: PriceBasis,
) -> list[Scenario]:
    """
    Run the strategy again in worse worlds.

    Args:
        run: Runs it under a plan.
        base: What came of it under `plan`.
        plan: Cash, costs, assumptions, limits.
        basis: Of the prices; decides how slippage is counted.
    """
    worlds = [
        (_DOUBLE_COSTS, _dearer(plan, _doubled(base)), True),
        (_WORSE_FILLS, _dearer(_worse_fills(plan, basis), _WORSE), True),
        (_TEN_TIMES, msgspec.structs.replace(plan, cash=plan.cash * 10), False),
    ]
    return [
        Scenario(name, run(world).summary.total_return, is_required)
        for name, world, is_required in worlds
    ]


def check_stress(scenarios: list[Scenario]) -> Verdict:
    """Judge the scenarios: those that are required must earn."""
    failed = [one for one in scenarios if one.is_required and (one.total_return or -1.0) <= 0]
    ko = ", ".join(f"{one.name.ko} {_percent(one)}" for one in scenarios)
    en = ", ".join(f"{one.name.en} {_percent(one)}" for one in scenarios)
    return Verdict(
        Check.STRESS,
        passed=not failed,
        text=Text(f"더 나쁜 조건에서: {ko}.", f"In worse worlds: {en}."),
    )


def _doubled(base: BacktestResult) -> int:
    """Return the commission that doubles what trading cost altogether [billionths]."""
    traded = base.summary.traded
    return max(costs_of(base.executions).total, 0) * _FINE // traded if traded else 0


def _dearer(plan: BacktestPlan, extra: int) -> BacktestPlan:
    """Return the plan with so much more commission [billionths of the value traded]."""
    old = plan.schedule
    schedule = CostSchedule(
        name=old.name,
        rate=old.rate * _FINE // old.rate_unit + extra,
        rate_unit=_FINE,
        cut=old.cut,
        rounding=old.rounding,
    )
    return msgspec.structs.replace(plan, schedule=schedule)


def _worse_fills(plan: BacktestPlan, basis: PriceBasis) -> BacktestPlan:
    is_raw = basis is PriceBasis.RAW
    given: Assumptions = plan.assumptions or (STRICT_KRX if is_raw else RELAXED_ADJUSTED)
    worse = msgspec.structs.replace(
        given,
        limit_fill=ThroughFill(),
        slippage=TickSlippage(3) if is_raw else ProportionalSlippage(6_000),
        participation=VolumeShare(MILLION // 50),
    )
    return msgspec.structs.replace(plan, assumptions=worse)


def _percent(one: Scenario) -> str:
    return "–" if one.total_return is None else f"{one.total_return:+.1%}"


_DOUBLE_COSTS: Final = Text("비용 두 배", "costs doubled")
_WORSE_FILLS: Final = Text(
    "체결이 한 번에 0.1 % 씩 나쁘고 슬리피지 세 배", "fills 0.1 % worse and slippage threefold"
)
_TEN_TIMES: Final = Text("자금 열 배", "ten times the money")
