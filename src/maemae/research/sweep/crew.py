"""
Who runs the cells: this process alone, or every core of this machine.

The kernel leaves the interpreter alone while it runs, so threads are enough for it: they start at
once and share bars, rules and indicators. What only the engine knows goes to processes, which are
started when the first such cell comes up.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from itertools import chain
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final

import msgspec

from maemae.domain.errors import StrategyStuckError
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.field import Cell, Field, Machine, Runner
from maemae.research.sweep.shared_bars import map_bars, write_bars

Crew = Callable[[Sequence[Values]], Iterator[Cell]]
"""Runs cells; yields them in the order in which they were given, as they are done."""

_MOST_AT_ONCE: Final = 64  # cells that a thread or a worker takes at a time


def best_first(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells by their Sharpe ratio, the highest first; those without one last."""
    return sorted(cells, key=_rank)


def _rank(cell: Cell) -> float:
    ratio = cell.score.sharpe
    return inf if ratio is None else -ratio


@contextmanager
def local_crew(runner: Runner, field: Field, jobs: int) -> Iterator[Crew]:
    """
    Provide so many cores of this machine, all over the same bars in memory.

    Args:
        runner: Of the field.
        field: What is run.
        jobs: Cells that run at a time; 1 runs them in this thread.

    Raises:
        StrategyError: The strategy's own code failed.
        StrategyStuckError: A process ended at once.
    """
    if jobs == 1:
        yield lambda cells: map(runner.cell, cells)
        return
    if runner.beyond is None:
        runner.state({})  # compiles what is missing, once for all threads
    with ThreadPoolExecutor(jobs) as threads, _Engines(field, jobs) as engines:

        def run(chunk: Sequence[Values]) -> list[Cell]:
            return [runner.kernel_cell(values) or engines.cell(values) for values in chunk]

        try:
            yield lambda cells: chain.from_iterable(threads.map(run, chunks_of(cells, jobs)))
        except BrokenProcessPool as error:
            raise StrategyStuckError(
                "훑던 프로세스가 갑자기 끝났습니다. 메모리가 모자라면 --jobs 를 줄이세요.",
                "A process of the sweep ended at once. If memory is short, give fewer --jobs.",
            ) from error
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def chunks_of(cells: Sequence[Values], workers: int) -> list[Sequence[Values]]:
    """Return the cells in pieces: neighbors share indicators, and nobody waits for the last."""
    size = max(1, min(_MOST_AT_ONCE, len(cells) // (32 * workers)))
    return [cells[first : first + size] for first in range(0, len(cells), size)]


class _Engines:
    """Processes that run cells in the engine, none before the first cell."""

    def __init__(self, field: Field, jobs: int) -> None:
        self._field = field
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._is_over = False
        self._lock = Lock()
        self._stack = ExitStack()

    def __enter__(self) -> _Engines:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
        self._stack.close()

    def cell(self, values: Values) -> Cell:
        """Run one cell in some process, and wait for it."""
        with self._lock:
            if self._is_over:
                raise CancelledError
            pool = self._pool = self._pool or self._started()
        return pool.submit(_in_worker, values).result()

    def _started(self) -> ProcessPoolExecutor:
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="maemae-sweep-")))
        field = self._field
        write_bars(folder, field.panel)
        bare = msgspec.structs.replace(field, panel=field.panel.until(0), machine=Machine.ENGINE)
        # Threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self._jobs, context, _begin, (bare, folder))
        self._stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        return pool


class _Worker:
    """What one process keeps between cells."""

    runner: Runner


def _begin(bare: Field, folder: Path) -> None:
    panel = map_bars(folder, bare.panel)
    _Worker.runner = Runner(msgspec.structs.replace(bare, panel=panel))


def _in_worker(values: Values) -> Cell:
    return _Worker.runner.cell(values)
