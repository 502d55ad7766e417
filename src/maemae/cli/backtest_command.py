"""`maemae backtest`: one strategy over the past."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.extras import require_extra
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import pairs_from_texts
from maemae.cli.run_options import RunOptions


class BacktestOptions(RunOptions, frozen=True, kw_only=True):
    """Options of `maemae backtest`."""

    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"STRATEGY NAME=VALUE …"',
            help=both(
                "같은 데이터로 함께 돌려 견줄 전략 (여러 번)",
                "run this one too and compare; repeat",
            ),
        ),
    ] = None
    benchmark: Annotated[
        str | None,
        typer.Option(
            metavar="SYMBOL|FILE.csv",
            help=both(
                "비교 지수: 데이터셋의 종목, 또는 date·close 열이 있는 CSV",
                "what to measure against: a symbol of the dataset, or a CSV of date and close",
            ),
        ),
    ] = None
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=both("HTML 보고서를 쓸 곳", "write an HTML report")),
    ] = None
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.xlsx|.csv|.parquet",
            help=both("표로 내보낼 곳", "write the tables of the run"),
        ),
    ] = None
    assume: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=MODEL",
            help=both(
                "시장 가정 바꾸기: impact=sqrt:2%, latency=100ms, limit_fill=through … (여러 번)",
                "another model of the market: impact=sqrt:2%, latency=100ms …; repeat",
            ),
        ),
    ] = None
    tape: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=both(
                "봉 안의 체결과 호가를 재생할 CSV·Parquet",
                "replay the trades and quotes of this CSV or Parquet within the bars",
            ),
        ),
    ] = None
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=both("모든 사건과 행동을 기록할 새 파일", "record every event in a new file"),
        ),
    ] = None
    dense: Annotated[
        bool,
        typer.Option(
            "--dense",
            help=both(
                "모든 봉을 방문한다 (느리고 결과는 같다)", "visit every bar: slower, same result"
            ),
        ),
    ] = False


def run(call: Invocation, options: BacktestOptions) -> None:
    """Run a backtest and show what came of it."""
    _require_extra(options)
    from maemae.app.backtests import set_up_backtest
    from maemae.cli.backtest_run import Wanted, run_and_show
    from maemae.cli.run_request import catalogue_of, request_of

    request = msgspec.structs.replace(
        request_of(options),
        dense=options.dense,
        benchmark=options.benchmark,
        assumed=pairs_from_texts("--assume", options.assume or []),
        tape=options.tape,
    )
    setup = set_up_backtest(catalogue_of(call, request), request)
    others = [setup.with_strategy(*_strategy_from_text(text)) for text in options.against or ()]
    wanted = Wanted(options.report, options.export, options.journal)
    run_and_show(call, setup, others, wanted)


def _require_extra(options: BacktestOptions) -> None:
    """See that what a report or an export is written with is installed."""
    asked = (("report", options.report, "jinja2"), ("export", options.export, "xlsxwriter"))
    for name, path, library in asked:
        if path is not None:
            require_extra(name, library)


def _strategy_from_text(text: str) -> tuple[str, dict[str, str]]:
    """Return the strategy and the parameters of `golden_cross fast=5 slow=20`."""
    spec, *values = text.split() or [text]
    return spec, pairs_from_texts("--against", values)


COMMAND: Final = (
    "backtest",
    both("전략을 과거 데이터로 돌려 봅니다.", "Run a strategy over the past."),
    command(BacktestOptions, run),
)
"""Name, help and function."""
