"""Runs a backtest for the command line: progress while it runs, figures and files after."""

from __future__ import annotations

from pathlib import Path

from maemae.app.backtests import BacktestSetup, backtest_journal
from maemae.cli.progress import progress
from maemae.cli.run_view import run_view
from maemae.cli.screen import QUIET, Screen
from maemae.research.backtest import BacktestResult
from maemae.research.report.file import require_writable, write_report
from maemae.research.report.model import RunReport


def run_and_show(
    screen: Screen, setup: BacktestSetup, report: Path | None, journal: Path | None
) -> None:
    """
    Run a backtest, show it, and write what was asked for.

    Raises:
        MaemaeError: It could not be run; nothing was written.
    """
    if report is not None:
        require_writable(report)
    result = _run(screen, setup, journal)
    told = setup.report(result, screen.language)
    run_view(screen, told)
    if report is not None:
        save(screen, told, report)
    else:
        screen.say(
            "HTML 보고서는 --report out.html 을 붙이면 씁니다.",
            "Add --report out.html for a report in HTML.",
            QUIET,
        )
    if journal is not None:
        screen.say(f"  저널: {journal}", f"  Journal: {journal}")


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


def _run(screen: Screen, setup: BacktestSetup, path: Path | None) -> BacktestResult:
    if path is None:
        return watched(screen, setup)
    what = screen.word("백테스트", "backtest")
    with (
        backtest_journal(setup, path) as journal,
        progress(screen, what, len(setup.panel)) as watch,
    ):
        return setup.run(journal=journal, watch=watch)
