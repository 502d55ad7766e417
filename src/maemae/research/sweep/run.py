"""
Runs a strategy once for every cell of a grid, on every core.

Each cell is a backtest of its own: the host, core, checks and costs of any other, so a cell of a
sweep and a backtest with the same parameters have the same orders, to the hash.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import inf

import msgspec
import numpy as np

from maemae.analytics.returns import daily_returns
from maemae.analytics.summary import Summary
from maemae.research.backtest import BacktestPlan, backtest
from maemae.research.honesty.walk_forward import Values
from maemae.strategies.loading import load_strategy
from maemae.strategy.author import Strategy
from maemae.strategy.panel import Panel


class Cell(msgspec.Struct, frozen=True, eq=False):
    """
    One set of parameters and what came of it.

    Attributes:
        values: Parameters of the grid; the others kept the values they were given.
        summary: The figures of the run.
        returns: Daily returns [n, ratio].
        order_hash: Equal for runs with equal orders.
    """

    values: Values
    summary: Summary
    returns: np.ndarray[tuple[int], np.dtype[np.float64]]
    order_hash: str


def best_first(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells by their Sharpe ratio, the highest first; those without one last."""
    return sorted(cells, key=_rank)


def _rank(cell: Cell) -> float:
    ratio = cell.summary.sharpe
    return inf if ratio is None else -ratio


class Field(msgspec.Struct, frozen=True, eq=False):
    """
    What a sweep runs over.

    Attributes:
        strategy: A bundled name, or `my.py:MyStrategy`; every process loads it for itself.
        fixed: Parameters that are the same in all cells.
        panel: Bars.
        plan: Cash, costs, assumptions, limits.
    """

    strategy: str
    fixed: Values
    panel: Panel
    plan: BacktestPlan


def sweep(
    field: Field,
    cells: Sequence[Values],
    jobs: int = 1,
    watch: Callable[[int], None] | None = None,
) -> Iterator[Cell]:
    """
    Yield the cells in the order of their parameters as they are done.

    Args:
        field: What is run.
        cells: Parameters of each run.
        jobs: Processes; 1 runs in this one.
        watch: Called with the number of each cell that is done.

    Raises:
        StrategyError: The strategy's own code failed.
    """
    if jobs == 1:
        done = (_run(field, load_strategy(field.strategy), values) for values in cells)
        yield from _watched(done, watch)
        return
    # Threads of libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _begin, (field,)) as pool:
        yield from _watched(pool.map(_in_worker, cells, chunksize=1), watch)


def _watched(cells: Iterator[Cell], watch: Callable[[int], None] | None) -> Iterator[Cell]:
    for number, cell in enumerate(cells):
        if watch is not None:
            watch(number)
        yield cell


def _run(field: Field, kind: type[Strategy], values: Values) -> Cell:
    result = backtest(kind(**{**field.fixed, **values}), field.panel, field.plan)
    curve = result.curve
    returns = daily_returns(curve.start, curve.equity, curve.flows)
    return Cell(values, result.summary, returns, result.order_hash)


class _Worker:
    """What one process of the pool keeps between cells."""

    field: Field
    kind: type[Strategy]


def _begin(field: Field) -> None:
    _Worker.field, _Worker.kind = field, load_strategy(field.strategy)


def _in_worker(values: Values) -> Cell:
    return _run(_Worker.field, _Worker.kind, values)
