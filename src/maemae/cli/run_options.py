"""Options of every command that runs a strategy over the past."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from maemae.cli.options import both


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is run on what; see `maemae.cli.run_request`."""

    strategy: Annotated[
        str,
        typer.Argument(
            help=both(
                "내장 전략(golden_cross, momentum …) 또는 my.py:MyStrategy",
                "a bundled one (golden_cross, momentum …), or my.py:MyStrategy",
            )
        ),
    ]
    symbols: Annotated[
        str,
        typer.Option(
            metavar="005930,…|all",
            help=both("매매할 종목", "what may be traded"),
        ),
    ] = "all"
    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=both(
                "데이터셋 (종목을 가진 것이 하나면 생략)", "dataset, if several have the symbols"
            ),
        ),
    ] = None
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help=both("첫날, 2024-01-02", "first day")),
    ] = None
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help=both("마지막 날", "last day")),
    ] = None
    cash: Annotated[
        str, typer.Option(metavar="WON", help=both("시작 자금 [원]", "cash at the start [won]"))
    ] = "10,000,000"
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=both("매개변수, 예: fast=5 (여러 번)", "parameter, such as fast=5; repeat"),
        ),
    ] = None
    fees: Annotated[
        str,
        typer.Option(
            metavar="kiwoom|paper|kis",
            help=both("수수료: 키움, 키움 모의투자, 한국투자", "whose commission"),
        ),
    ] = "kiwoom"
    universe: Annotated[
        str | None,
        typer.Option(
            metavar='"top=200 without=managed …"',
            help=both(
                "그날 살 수 있는 종목: market cap value price age top without condition",
                "who may be bought on a day: market cap value price age top without condition",
            ),
        ),
    ] = None
