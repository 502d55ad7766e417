"""Runs a backtest for the command line: progress while it runs, figures and files after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from maemae.app.backtests import BacktestSetup, backtest_journal
from maemae.app.trials import remember_runs
from maemae.cli.invocation import Invocation
from maemae.cli.progress import progress
from maemae.cli.run_view import run_view, side_by_side
from maemae.cli.screen import QUIET, Screen
from maemae.research.backtest import BacktestResult
from maemae.research.report.file import require_writable, write_report
from maemae.research.report.model import RunReport


class Wanted(msgspec.Struct, frozen=True):
    """Files to write; None for none."""

    report: Path | None = None
    export: Path | None = None
    journal: Path | None = None


def run_and_show(
    call: Invocation, setup: BacktestSetup, others: Sequence[BacktestSetup], wanted: Wanted
) -> None:
    """
    Run a backtest, and others to compare it with; show them, and write what was asked for.

    Raises:
        MaemaeError: It could not be run; nothing was written.
    """
    screen = call.screen
    _require_places(wanted)
    result = _run(screen, setup, wanted.journal)
    results = [result, *(watched(screen, other) for other in others)]
    remember_runs(call.settings, [setup, *others], results)
    compared = [
        one.report(each, screen.language)
        for one, each in zip([setup, *others], results, strict=True)
    ]
    told = compared[0]
    if others:
        side_by_side(screen, compared)
    else:
        run_view(screen, told)
    if wanted.report is None:
        screen.say(
            "HTML 보고서는 --report out.html 을 붙이면 씁니다.",
            "Add --report out.html for a report in HTML.",
            QUIET,
        )
    elif others:
        _save_comparison(screen, compared, wanted.report)
    else:
        save(screen, told, wanted.report)
    if wanted.export is not None:
        _export(screen, told, result, wanted.export)
    if wanted.journal is not None:
        screen.say(f"  저널: {wanted.journal}", f"  Journal: {wanted.journal}")


def watched(screen: Screen, setup: BacktestSetup) -> BacktestResult:
    """Run a backtest with a bar that shows how far it has come."""
    what = screen.word("백테스트", "backtest")
    with progress(screen, what, len(setup.panel)) as watch:
        return setup.run(watch=watch)


def save(screen: Screen, report: RunReport, path: Path) -> None:
    """Write a report and say where it is."""
    from maemae.research.report.render import render  # Jinja2 comes with an extra

    write_report(path, render(report, screen.language))
    screen.say(f"  보고서: {path}", f"  Report: {path}")


def _save_comparison(screen: Screen, reports: Sequence[RunReport], path: Path) -> None:
    from maemae.research.report.comparison import render_comparison

    write_report(path, render_comparison(reports, screen.language))
    screen.say(f"  비교 보고서: {path}", f"  Comparison: {path}")


def _export(screen: Screen, report: RunReport, result: BacktestResult, path: Path) -> None:
    from maemae.research.export.files import write_tables
    from maemae.research.export.tables import tables_of

    for written in write_tables(path, tables_of(report, result.executions, screen.language)):
        screen.say(f"  표: {written}", f"  Table: {written}")


def _require_places(wanted: Wanted) -> None:
    """See that files can be written, before a long run."""
    if wanted.export is not None:
        from maemae.research.export.files import require_format

        require_format(wanted.export)
    for path in (wanted.report, wanted.export):
        if path is not None:
            require_writable(path)


def _run(screen: Screen, setup: BacktestSetup, path: Path | None) -> BacktestResult:
    if path is None:
        return watched(screen, setup)
    what = screen.word("백테스트", "backtest")
    with (
        backtest_journal(setup, path) as journal,
        progress(screen, what, len(setup.panel)) as watch,
    ):
        return setup.run(journal=journal, watch=watch)
