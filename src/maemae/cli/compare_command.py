"""`maemae compare`: a recorded day beside a backtest of it, order by order."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, mode_of
from maemae.cli.executor_options import AccountOption, DatabaseOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import day_from_text, pairs_from_texts, symbols_from_text
from maemae.cli.trade_command import values_by_strategy
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import AccountId
from maemae.settings import database_from_text


class CompareOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae compare`."""

    day: Annotated[
        str, typer.Argument(metavar="DATE", help=both("거래일, 2026-11-02", "the session"))
    ]
    strategies: Annotated[
        list[str],
        typer.Option(
            "--strategy",
            metavar="NAME",
            help=both("그날 돌린 전략 (여러 번)", "a strategy that ran that day; repeat"),
        ),
    ]
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help=both("그때의 매개변수", "as it was set")),
    ] = None
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=both("그날의 봉이 있는 데이터셋", "that day's bars")),
    ] = None
    symbols: Annotated[
        str, typer.Option(metavar="005930,…|all", help=both("전략이 본 종목", "as they were set"))
    ] = "all"
    account: AccountOption = None
    database: DatabaseOption = None
    mode: ModeOption = None


def run(call: Invocation, options: CompareOptions) -> None:
    """Show what is equal, what is not, and why."""
    settings, day = call.settings, day_from_text("DATE", options.day)
    texts = values_by_strategy(options.strategies, pairs_from_texts("--set", options.values or []))
    symbols = symbols_from_text(options.symbols)
    database = None if options.database is None else database_from_text(options.database)
    from maemae.app.kiwoom.place import is_emulated
    from maemae.app.parity import compare_day
    from maemae.app.parity_request import ParityRequest
    from maemae.app.sim_place import find_place
    from maemae.app.trade_request import strategy_request
    from maemae.cli.parity_view import parity_view

    dataset = options.dataset or find_place(settings).dataset
    if dataset is None:
        raise InvalidValueError(
            "그날의 봉이 있는 데이터셋을 --dataset 으로 적으세요.",
            "Name the dataset that has the bars of that day with --dataset.",
        )
    mode = mode_of(call, options.mode)
    account_id = AccountId(options.account or settings.account_id)
    request = ParityRequest(
        mode=mode,
        day=day,
        account_id=account_id,
        strategies=[strategy_request(name, given, 0) for name, given in texts.items()],
        dataset=dataset,
        symbols=symbols,
        database=database,
        is_emulated=is_emulated(settings, mode, account_id),
    )
    report = compare_day(settings, request)
    parity_view(call.screen, report)
    if report.unexplained:
        raise typer.Exit(1)


COMMAND: Final = (
    "compare",
    both("기록된 하루를 같은 날의 백테스트와 견줍니다.", "Compare a recorded day with a backtest."),
    command(CompareOptions, run),
)
"""Name, help and function."""
