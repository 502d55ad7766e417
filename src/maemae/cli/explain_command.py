"""`maemae explain`: why a strategy traded an instrument on a day, or why it did not."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import day_from_text
from maemae.cli.run_options import RunOptions
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol


class ExplainOptions(RunOptions, frozen=True, kw_only=True):
    """Options of `maemae explain`."""

    symbol: Annotated[
        str, typer.Option("--symbol", metavar="005930", help=both("종목", "the instrument"))
    ]
    day: Annotated[
        str, typer.Option("--day", metavar="DATE", help=both("거래일, 2024-01-02", "the session"))
    ]


def run(call: Invocation, options: ExplainOptions) -> None:
    """Run the strategy up to the day and show what it saw, wished and would have met."""
    from maemae.app.backtests import set_up_backtest
    from maemae.cli.explain_view import explanation_view
    from maemae.cli.run_request import catalogue_of, request_of
    from maemae.research.explain import explain

    day = day_from_text("--day", options.day)
    if day is None:
        raise InvalidValueError("--day 를 주세요.", "Give --day.")
    request = request_of(options)
    setup = set_up_backtest(catalogue_of(call, request), request)
    symbol = Symbol(options.symbol)
    found = explain(setup.strategy, setup.panel, setup.plan, symbol, day)
    known = setup.instruments.get(symbol)
    explanation_view(call.screen, found, setup.panel, "" if known is None else known.name)


COMMAND: Final = (
    "explain",
    both(
        "그날 그 종목을 왜 샀는지, 왜 사지 않았는지 보입니다.",
        "Show why an instrument was traded on a day, or why not.",
    ),
    command(ExplainOptions, run),
)
"""Name, help and function."""
