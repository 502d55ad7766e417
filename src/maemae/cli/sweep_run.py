"""Runs a sweep for the command line: progress while it runs, the best cells and a map after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from rich.table import Table

from maemae.app.backtests import BacktestSetup
from maemae.app.trials import market_of, memory_of
from maemae.cli.invocation import Invocation
from maemae.cli.progress import progress
from maemae.cli.screen import QUIET, WARNING, Screen, tone
from maemae.domain.errors import InvalidValueError
from maemae.research.honesty.trials import check_deflated, code_hash
from maemae.research.report.figures import number, percent
from maemae.research.report.file import require_writable, write_report
from maemae.research.report.words import words_in
from maemae.research.reporting import parameters_of
from maemae.research.sweep.checking import checked_in_engine
from maemae.research.sweep.cluster import cluster_crew
from maemae.research.sweep.crew import Crew, best_first, local_crew
from maemae.research.sweep.field import Cell, Field, Machine, Runner
from maemae.research.sweep.grid import Grid, cells_of, grid_from_texts
from maemae.research.sweep.plateau import describe_ridge, ridge_of
from maemae.research.sweep.search import Search, search

_SHOWN: Final = 10


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks a sweep for, besides what is run on what.

    Attributes:
        strategy: As it was typed.
        texts: Values by parameter, as they were typed.
        jobs: Cores of this machine.
        in_engine: Whether to leave the kernel aside.
        cluster: Address of a cluster's scheduler; None for this machine.
        trials: How many trials a search is to have; None runs the whole grid.
        storage: Where the search is kept; None keeps it in memory.
        seed: Of the search.
    """

    strategy: str
    texts: Mapping[str, str]
    jobs: int
    in_engine: bool = False
    cluster: str | None = None
    trials: int | None = None
    storage: str | None = None
    seed: int = 1


def sweep_and_show(
    call: Invocation, setup: BacktestSetup, asked: Asked, report: Path | None
) -> None:
    """
    Run the cells, count each as a trial, show the best and say how much of them is luck.

    Args:
        call: Settings and screen.
        setup: Data, costs, and the parameters that stay.
        asked: What is swept, and who runs it.
        report: Where a heat map goes; None for none.

    Raises:
        MaemaeError: It cannot be run.
    """
    screen, kind = call.screen, type(setup.strategy)
    _require_whole(asked, report)
    grid: Grid = {}
    if asked.texts or asked.trials is None:
        grid = grid_from_texts(kind, asked.texts)
    if report is not None:
        require_writable(report)
    fixed = parameters_of(setup.strategy)
    machine = Machine.ENGINE if asked.in_engine else Machine.KERNEL
    field = Field(asked.strategy, fixed, setup.panel, setup.plan, machine)
    runner = Runner(field)
    if runner.beyond is not None and not asked.in_engine:
        why = runner.beyond
        screen.say(f"  엔진으로 돌립니다. {why.ko}", f"  It runs in the engine. {why.en}", QUIET)
    with _crew(runner, field, asked) as crew:
        done = _run(screen, setup, grid, asked, crew)
    ranked = best_first(done)
    best = checked_in_engine(runner, field, ranked[0])
    names = list(ranked[0].values)
    screen.show(_table(screen, ranked[:_SHOWN], names))
    tried = [({**fixed, **cell.values}, cell.score.sharpe or 0.0) for cell in done]
    verdict = check_deflated(best, memory_of(call.settings, setup)(tried))
    screen.say_text(verdict.text, QUIET if verdict.passed else WARNING)
    if asked.trials is None:
        _show_ridge(screen, grid, done)
    if report is not None:
        from maemae.research.sweep.surface import render_surface  # Jinja2 comes with an extra

        title = f"{kind.__name__} · {setup.manifest.dataset}"
        write_report(report, render_surface(title, grid, done, screen.language))
        screen.say(f"  열지도: {report}", f"  Heat map: {report}")


def _require_whole(asked: Asked, report: Path | None) -> None:
    if asked.trials is None and asked.storage is not None:
        raise InvalidValueError(
            "--storage 는 --search 와 함께 씁니다: --search 200 --storage sqlite:///search.db",
            "--storage goes with --search: --search 200 --storage sqlite:///search.db",
        )
    if asked.trials is not None and report is not None:
        raise InvalidValueError(
            "탐색은 칸을 드문드문 찾아 열지도를 그릴 수 없습니다. --report 를 빼세요.",
            "A search visits too few cells for a heat map. Leave --report out.",
        )


@contextmanager
def _crew(runner: Runner, field: Field, asked: Asked) -> Iterator[Crew]:
    if asked.cluster is not None:
        with cluster_crew(field, asked.cluster) as crew:
            yield crew
        return
    with local_crew(runner, field, asked.jobs) as crew:
        yield crew


def _run(screen: Screen, setup: BacktestSetup, grid: Grid, asked: Asked, crew: Crew) -> list[Cell]:
    jobs, where = asked.jobs, asked.cluster
    ko = f"코어 {jobs}개로" if where is None else f"{where} 에서"
    en = f"on {jobs} core(s)" if where is None else f"at {where}"
    word = screen.word("훑기", "sweep")
    if asked.trials is None:
        cells = cells_of(grid)
        screen.step(
            f"{len(cells):,}가지를 {ko} 돌립니다", f"Running {len(cells):,} combinations {en}"
        )
        with progress(screen, word, len(cells)) as watch:
            done = []
            for place, cell in enumerate(crew(cells)):
                done.append(cell)
                if watch is not None:
                    watch(place)
            return done
    screen.step(
        f"{asked.trials:,}번 찾아봅니다, {ko}", f"Searching with {asked.trials:,} trials {en}"
    )
    wanted = Search(asked.trials, asked.storage, _study_of(setup), asked.seed, 4 * jobs)
    with progress(screen, word, asked.trials) as watch:
        return search(type(setup.strategy), grid, wanted, crew, watch)


def _study_of(setup: BacktestSetup) -> str:
    """Return the name of a study: equal for the same strategy, bars, cash and costs."""
    panel, plan = setup.panel, setup.plan
    period = (int(panel.opened[0]), int(panel.opened[-1]), plan.cash, plan.schedule.name)
    code = code_hash(type(setup.strategy))
    whole = repr((code, market_of(setup), parameters_of(setup.strategy), period))
    return f"{type(setup.strategy).__name__}-{hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def _show_ridge(screen: Screen, grid: Grid, done: Sequence[Cell]) -> None:
    ridge = ridge_of(grid, done)
    if ridge is not None and len(done) > 1:
        screen.say_text(describe_ridge(ridge), WARNING if ridge.is_lonely else QUIET)


def _table(screen: Screen, cells: Sequence[Cell], names: Sequence[str]) -> Table:
    t = words_in(screen.language)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (*names, t["sharpe"], t["total_return"], t["max_drawdown"], t["closed_trades"]):
        table.add_column(name, justify="right", no_wrap=True)
    for cell in cells:
        score = cell.score
        table.add_row(
            *(f"{cell.values[name]:g}" for name in names),
            number(score.sharpe, 2),
            percent(score.total_return, signed=True),
            percent(score.max_drawdown, 1),
            number(score.trades),
            style=tone(score.total_return),
        )
    return table
