"""
The backtests whose orders are kept: two strategies on a synthetic market and on real data.

`python -m tests.golden.runs golden_cross synthetic` prints the order hash of one of them.
"""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.krx.instrument import Instrument
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.strategies.loading import load_strategy
from maemae.strategy.panel import Panel
from tests.shared_data import shared

STRATEGIES: Final = ("golden_cross", "momentum")
REAL: Final = {
    "invest_kr": "daily_invest_kr_2023_2025.parquet",
    "arclien": "daily_arclien_adj_2015_2022.parquet",
}
DATASETS: Final = ("synthetic", *REAL)
CASES: Final = tuple((name, dataset) for dataset in DATASETS for name in STRATEGIES)

EXPECTED: Final = Path(__file__).with_name("expected.json")


class Golden(msgspec.Struct, frozen=True):
    """What is kept of a run; `end_equity` in won."""

    order_hash: str
    orders: int
    end_equity: int


class Bars(msgspec.Struct, frozen=True, eq=False):
    """The bars of a run and what is listed."""

    panel: Panel
    instruments: dict[Symbol, Instrument]


@cache
def bars(dataset: str, symbols: int | None = None) -> Bars:
    """Return the bars of a dataset, of its first symbols if told how many; or skip the test."""
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(folder))
        if dataset == "synthetic":
            market = synthetic_market(20_240_102, first=date(2021, 1, 4), last=date(2025, 12, 30))
            spec = ImportSpec(dataset=dataset, basis=PriceBasis.RAW)
            catalogue.import_frame(market.bars, spec, "synthetic", market.master)
        else:
            spec = ImportSpec(dataset=dataset, basis=PriceBasis.ADJUSTED)
            catalogue.import_file(shared(REAL[dataset]), spec)
        instruments = catalogue.instruments(dataset)
        chosen = None if symbols is None else sorted(instruments)[:symbols]
        return Bars(catalogue.panel(dataset, chosen), instruments)


@cache
def sparse(strategy: str, dataset: str) -> BacktestResult:
    """Return the run of a strategy over the whole of a dataset."""
    return run(strategy, bars(dataset))


def run(strategy: str, given: Bars, *, dense: bool = False) -> BacktestResult:
    """Run a bundled strategy with its defaults."""
    plan = BacktestPlan(instruments=given.instruments, dense=dense)
    return backtest(load_strategy(strategy)(), given.panel, plan)


def golden(result: BacktestResult) -> Golden:
    """Return what is kept of a run."""
    return Golden(result.order_hash, result.orders, result.summary.end_equity)


def expected() -> dict[str, Golden]:
    """Return what was kept."""
    return msgspec.json.decode(EXPECTED.read_bytes(), type=dict[str, Golden])


if __name__ == "__main__":
    sys.stdout.write(sparse(sys.argv[1], sys.argv[2]).order_hash)
