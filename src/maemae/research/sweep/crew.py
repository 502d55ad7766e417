"""Who runs the cells: this process, or processes on every core of this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from maemae.domain.errors import StrategyStuckError
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.field import Cell, Field, Runner
from maemae.research.sweep.shared_bars import map_bars, write_bars

Crew = Callable[[Sequence[Values]], Iterator[Cell]]
"""Runs cells; yields them in the order in which they were given, as they are done."""

_MOST_AT_ONCE: Final = 64  # cells that a process takes at a time


def best_first(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells by their Sharpe ratio, the highest first; those without one last."""
    return sorted(cells, key=_rank)


def _rank(cell: Cell) -> float:
    ratio = cell.score.sharpe
    return inf if ratio is None else -ratio


@contextmanager
def local_crew(runner: Runner, field: Field, jobs: int) -> Iterator[Crew]:
    """
    Provide so many processes of this machine, all over the same bars in memory.

    Args:
        runner: Of the field, in this process.
        field: What is run.
        jobs: Processes; 1 runs in this one.

    Raises:
        StrategyError: The strategy's own code failed.
        StrategyStuckError: A process ended at once.
    """
    if jobs == 1:
        yield lambda cells: map(runner.cell, cells)
        return
    bare = msgspec.structs.replace(field, panel=field.panel.until(0))
    # Threads of libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with TemporaryDirectory(prefix="maemae-sweep-") as folder:
        write_bars(Path(folder), field.panel, runner.market)
        with ProcessPoolExecutor(jobs, context, _begin, (bare, Path(folder))) as pool:
            try:
                yield lambda cells: _spread(pool, runner, cells, jobs)
            except BrokenProcessPool as error:
                raise StrategyStuckError(
                    "훑던 프로세스가 갑자기 끝났습니다. 메모리가 모자라면 --jobs 를 줄이세요.",
                    "A process of the sweep ended at once. If memory is short, give fewer --jobs.",
                ) from error
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def chunks_of(cells: Sequence[Values], workers: int) -> list[Sequence[Values]]:
    """Return the cells in pieces: neighbors share indicators, and nobody waits for the last."""
    size = max(1, min(_MOST_AT_ONCE, len(cells) // (8 * workers)))
    return [cells[first : first + size] for first in range(0, len(cells), size)]


def _spread(
    pool: ProcessPoolExecutor, runner: Runner, cells: Sequence[Values], jobs: int
) -> Iterator[Cell]:
    """Run the first cell here, which compiles what is missing, and pieces of the rest beside."""
    first = [runner.cell(values) for values in cells[:1]]
    waiting = [pool.submit(_in_worker, chunk) for chunk in chunks_of(cells[1:], jobs)]
    return chain(first, chain.from_iterable(future.result() for future in waiting))


class _Worker:
    """What one process of the pool keeps between cells."""

    runner: Runner


def _begin(bare: Field, folder: Path) -> None:
    panel, market = map_bars(folder, bare.panel)
    _Worker.runner = Runner(msgspec.structs.replace(bare, panel=panel), market)


def _in_worker(cells: Sequence[Values]) -> list[Cell]:
    return [_Worker.runner.cell(values) for values in cells]
