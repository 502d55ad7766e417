"""Runs a sweep for the command line: progress while it runs, the best cells and a map after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.table import Table

from maemae.app.backtests import BacktestSetup
from maemae.app.trials import memory_of
from maemae.cli.progress import progress
from maemae.cli.screen import QUIET, WARNING, Screen, tone
from maemae.cli.session import Session
from maemae.research.honesty.trials import check_deflated
from maemae.research.report.figures import number, percent
from maemae.research.report.file import require_writable, write_report
from maemae.research.report.words import words_in
from maemae.research.reporting import parameters_of
from maemae.research.sweep.grid import cells_of, grid_from_texts
from maemae.research.sweep.run import Cell, Field, best_first, sweep

_SHOWN: Final = 10


def sweep_and_show(
    session: Session,
    setup: BacktestSetup,
    asked: tuple[str, Mapping[str, str], int],
    report: Path | None,
) -> None:
    """
    Run every cell, count each as a trial, show the best and say how much of them is luck.

    Args:
        session: Settings and screen.
        setup: Data, costs, and the parameters that stay.
        asked: The strategy as it was typed, the grid, and the number of processes.
        report: Where a heat map goes; None for none.

    Raises:
        MaemaeError: It cannot be run.
    """
    screen, (spec, texts, jobs) = session.screen, asked
    grid = grid_from_texts(type(setup.strategy), texts)
    cells = cells_of(grid)
    if report is not None:
        require_writable(report)
    fixed = parameters_of(setup.strategy)
    field = Field(spec, fixed, setup.panel, setup.plan)
    screen.step(
        f"{len(cells):,}가지를 {min(jobs, len(cells))}개 프로세스로 돌립니다",
        f"Running {len(cells):,} combinations in {min(jobs, len(cells))} process(es)",
    )
    with progress(screen, screen.word("훑기", "sweep"), len(cells)) as watch:
        done = list(sweep(field, cells, min(jobs, len(cells)), watch))
    ranked = best_first(done)
    screen.show(_table(screen, ranked[:_SHOWN], list(grid)))
    tried = [({**fixed, **cell.values}, cell.summary.sharpe or 0.0) for cell in done]
    verdict = check_deflated(ranked[0].returns, memory_of(session.settings, setup)(tried))
    screen.say_text(verdict.text, QUIET if verdict.passed else WARNING)
    if report is not None:
        from maemae.research.sweep.surface import render_surface  # Jinja2 comes with an extra

        title = f"{type(setup.strategy).__name__} · {setup.manifest.dataset}"
        write_report(report, render_surface(title, grid, done, screen.language))
        screen.say(f"  열지도: {report}", f"  Heat map: {report}")


def _table(screen: Screen, cells: Sequence[Cell], names: Sequence[str]) -> Table:
    t = words_in(screen.language)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (*names, t["sharpe"], t["total_return"], t["max_drawdown"], t["closed_trades"]):
        table.add_column(name, justify="right", no_wrap=True)
    for cell in cells:
        summary = cell.summary
        table.add_row(
            *(f"{value:g}" for value in cell.values.values()),
            number(summary.sharpe, 2),
            percent(summary.total_return, signed=True),
            percent(summary.max_drawdown, 1),
            number(summary.trades.count),
            style=tone(summary.total_return),
        )
    return table
