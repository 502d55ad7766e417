"""The best cell of a sweep once more in the engine: what is believed is what the engine says."""

from __future__ import annotations

from maemae.analytics.returns import Floats, daily_returns
from maemae.domain.errors import StrategyError
from maemae.research.backtest import backtest
from maemae.research.sweep.field import Cell, Field, Runner
from maemae.research.sweep.score import score_of_summary


def checked_in_engine(runner: Runner, field: Field, cell: Cell) -> Floats:
    """
    Run a cell in the engine and return its daily returns [n, ratio].

    Raises:
        StrategyError: The engine comes to another result: the strategy's code or the kernel is
            not what it should be.
    """
    result = backtest(runner.strategy(cell.values), field.panel, field.plan)
    score = score_of_summary(result.summary)
    if score != cell.score:
        raise StrategyError(
            f"엔진의 결과가 훑은 것과 다릅니다({score.end_equity:,}원, 훑기 "
            f"{cell.score.end_equity:,}원). 같은 값에 늘 같은 결과를 내는 전략인지 보고, --engine "
            "으로 다시 돌린 뒤 알려 주세요.",
            f"The engine differs from the sweep ({score.end_equity:,} won, sweep "
            f"{cell.score.end_equity:,}). See that the strategy gives equal results for equal "
            "values, run it again with --engine, and tell us.",
        )
    curve = result.curve
    return daily_returns(curve.start, curve.equity, curve.flows)
