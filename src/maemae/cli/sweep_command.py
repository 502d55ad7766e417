"""`maemae sweep`: one strategy with many parameters, on every core."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from maemae.cli.options import both, command
from maemae.cli.parsing import count_from_text, pairs_from_texts
from maemae.cli.run_options import RunOptions
from maemae.cli.session import Session


class SweepOptions(RunOptions, frozen=True, kw_only=True):
    """Options of `maemae sweep`."""

    grid: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=5,10|5:20:5",
            help=both("훑을 매개변수와 값 (여러 번)", "a parameter and its values; repeat"),
        ),
    ]
    jobs: Annotated[
        str | None,
        typer.Option(
            metavar="N", help=both("프로세스 수 (코어 수만큼)", "processes (as many as cores)")
        ),
    ] = None
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=both("HTML 열지도를 쓸 곳", "write a heat map")),
    ] = None


def run(session: Session, options: SweepOptions) -> None:
    """Run every combination and show the best ones, and how much of that is luck."""
    from maemae.app.backtests import set_up_backtest
    from maemae.app.datasets import open_catalogue
    from maemae.cli.run_request import request_of
    from maemae.cli.sweep_run import sweep_and_show

    setup = set_up_backtest(open_catalogue(session.settings), request_of(options))
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    jobs = cores if options.jobs is None else count_from_text("--jobs", options.jobs, 1, 256)
    texts = pairs_from_texts("--grid", options.grid)
    sweep_and_show(session, setup, (options.strategy, texts, jobs), options.report)


COMMAND: Final = (
    "sweep",
    both(
        "매개변수를 바꿔 가며 모두 돌려 봅니다.",
        "Run a strategy with every combination of parameters.",
    ),
    command(SweepOptions, run),
)
"""Name, help and function."""
