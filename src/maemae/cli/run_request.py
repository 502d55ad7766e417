"""From the options of a person to the request of a run."""

from __future__ import annotations

from maemae.app.backtests import FEES, BacktestRequest
from maemae.app.datasets import SYNTHETIC, SYNTHETIC_DAYS, ensure_synthetic, open_catalogue
from maemae.app.simulated_day import SEED
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.universe_text import universe_from_text
from maemae.cli.invocation import Invocation
from maemae.cli.parsing import (
    choice_from_text,
    day_from_text,
    pairs_from_texts,
    symbols_from_text,
    won_from_text,
)
from maemae.cli.run_options import RunOptions
from maemae.strategies.loading import whole_spec


def catalogue_of(call: Invocation, request: BacktestRequest) -> Catalogue:
    """Return the market data of this home; the made-up market is made if it is asked for."""
    catalogue = open_catalogue(call.settings)
    known = {manifest.dataset for manifest in catalogue.datasets()}
    if request.dataset == SYNTHETIC and SYNTHETIC not in known:
        call.screen.say(
            "지어낸 시장을 만듭니다(처음 한 번, 몇 초). 여기의 수익률은 뜻이 없습니다.",
            "Making the made-up market, once; returns on it mean nothing.",
        )
        ensure_synthetic(catalogue, SYNTHETIC, SEED, SYNTHETIC_DAYS)
    return catalogue


def request_of(options: RunOptions) -> BacktestRequest:
    """
    Return what the options ask for.

    Raises:
        InvalidValueError: One of them cannot be understood.
    """
    return BacktestRequest(
        strategy=whole_spec(options.strategy),
        values=pairs_from_texts("--set", options.values or []),
        dataset=options.data,
        symbols=symbols_from_text(options.symbols),
        first=day_from_text("--from", options.first),
        last=day_from_text("--to", options.last),
        cash=won_from_text("--cash", options.cash),
        fees=choice_from_text("--fees", options.fees, FEES),
        universe=None if options.universe is None else universe_from_text(options.universe),
    )
