"""From the options of a person to the request of a run."""

from __future__ import annotations

from maemae.app.backtests import FEES, BacktestRequest
from maemae.cli.parsing import (
    choice_from_text,
    day_from_text,
    pairs_from_texts,
    symbols_from_text,
    won_from_text,
)
from maemae.cli.run_options import RunOptions


def request_of(options: RunOptions) -> BacktestRequest:
    """
    Return what the options ask for.

    Raises:
        InvalidValueError: One of them cannot be understood.
    """
    return BacktestRequest(
        strategy=options.strategy,
        values=pairs_from_texts("--set", options.values or []),
        dataset=options.data,
        symbols=symbols_from_text(options.symbols),
        first=day_from_text("--from", options.first),
        last=day_from_text("--to", options.last),
        cash=won_from_text("--cash", options.cash),
        fees=choice_from_text("--fees", options.fees, FEES),
    )
