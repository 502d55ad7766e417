"""
The backtests whose orders are kept: the bundled strategies on a synthetic market and on real data.

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
from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis, Product
from maemae.krx.instrument import Instrument
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.strategies.loading import BUNDLED, load_strategy
from maemae.strategy.panel import Panel
from tests.shared_data import shared

STRATEGIES: Final = tuple(BUNDLED)


class Source(msgspec.Struct, frozen=True):
    """A file of real bars, what is declared about it, and what of it is used; None is all."""

    file: str
    spec: ImportSpec
    symbols: tuple[str, ...] | None = None


REAL: Final = {
    "invest_kr": Source(
        "daily_invest_kr_2023_2025.parquet",
        ImportSpec(dataset="invest_kr", basis=PriceBasis.ADJUSTED),
    ),
    "arclien": Source(
        "daily_arclien_adj_2015_2022.parquet",
        ImportSpec(dataset="arclien", basis=PriceBasis.ADJUSTED),
    ),
    "etf": Source(  # stocks here and abroad, dividends, bonds of three and of ten years
        "daily_krx_hyungsoo_etf_2020_2025.parquet",
        ImportSpec(dataset="etf", basis=PriceBasis.RAW, product=Product.ETF),
        ("114260", "133690", "148020", "148070", "161510", "360750"),
    ),
    "minutes": Source(
        "bars5m_greatbps_yahoo_2025_2026.parquet",
        ImportSpec(dataset="minutes", basis=PriceBasis.RAW, interval=Interval(5)),
    ),
}
CASES: Final = (
    *((name, "synthetic") for name in STRATEGIES),
    *((name, "invest_kr") for name in ("golden_cross", "momentum", "mean_reversion", "pairs")),
    *((name, "arclien") for name in ("golden_cross", "momentum", "mean_reversion", "pairs")),
    ("asset_allocation", "etf"),
    ("volatility_breakout", "minutes"),
)

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
            catalogue.import_file(shared(REAL[dataset].file), REAL[dataset].spec)
        instruments = catalogue.instruments(dataset)
        wanted = REAL[dataset].symbols if dataset in REAL else None
        listed = sorted(instruments) if wanted is None else [Symbol(each) for each in wanted]
        chosen = None if symbols is None and wanted is None else listed[:symbols]
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
