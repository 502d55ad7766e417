"""`maemae sweep`: one strategy with many parameters, on every core or on a cluster."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import count_from_text, pairs_from_texts
from maemae.cli.run_options import RunOptions


class SweepOptions(RunOptions, frozen=True, kw_only=True):
    """Options of `maemae sweep`."""

    grid: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=5,10|5:20:5",
            help=both("훑을 매개변수와 값 (여러 번)", "a parameter and its values; repeat"),
        ),
    ] = None
    jobs: Annotated[
        str | None,
        typer.Option(metavar="N", help=both("쓸 코어 수 (모두)", "cores to use (all)")),
    ] = None
    engine: Annotated[
        bool,
        typer.Option(
            "--engine",
            help=both(
                "컴파일한 커널 대신 엔진으로 (결과는 같고 느립니다)",
                "in the engine, not the compiled kernel: the same, slower",
            ),
        ),
    ] = False
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help=both("Dask 클러스터의 스케줄러", "scheduler of a Dask cluster"),
        ),
    ] = None
    search: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help=both("모두 훑는 대신 N번 찾아보기 (Optuna)", "search with N trials (Optuna)"),
        ),
    ] = None
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help=both(
                "탐색을 둘 곳: sqlite:///search.db, postgresql+psycopg://… (여러 대가 함께 씁니다)",
                "where the search is kept: sqlite:///search.db, postgresql+psycopg://…",
            ),
        ),
    ] = None
    seed: Annotated[
        str, typer.Option(metavar="N", help=both("탐색의 난수 씨앗", "seed of the search"))
    ] = "1"
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=both("HTML 열지도를 쓸 곳", "write a heat map")),
    ] = None


def run(call: Invocation, options: SweepOptions) -> None:
    """Run the combinations and show the best ones, and how much of that is luck."""
    from maemae.app.backtests import set_up_backtest
    from maemae.cli.run_request import catalogue_of, request_of
    from maemae.cli.sweep_run import Asked, sweep_and_show
    from maemae.research.sweep.search import MOST_TRIALS

    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    asked = Asked(
        strategy=options.strategy,
        texts=pairs_from_texts("--grid", options.grid or []),
        jobs=cores if options.jobs is None else count_from_text("--jobs", options.jobs, 1, 256),
        in_engine=options.engine,
        cluster=options.cluster,
        trials=None
        if options.search is None
        else count_from_text("--search", options.search, 1, MOST_TRIALS),
        storage=options.storage,
        seed=count_from_text("--seed", options.seed, 0, 2**31 - 1),
    )
    request = request_of(options)
    setup = set_up_backtest(catalogue_of(call, request), request)
    sweep_and_show(call, setup, asked, options.report)


COMMAND: Final = (
    "sweep",
    both(
        "매개변수를 바꿔 가며 모두 돌려 봅니다.",
        "Run a strategy with every combination of parameters.",
    ),
    command(SweepOptions, run),
)
"""Name, help and function."""
