"""Where the market of an emulated broker comes from."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import previous_session
from maemae.krx.instrument import Instrument
from maemae.strategy.panel import Panel


class SyntheticSource(msgspec.Struct, frozen=True, tag="SYNTHETIC"):
    """
    The synthetic market of a seed, from the first session to the last one that is played.

    Attributes:
        symbols: Instruments; None for all.
        minutes: Length of the bars that its trades are drawn from.
    """

    seed: int
    first: date
    last: date
    symbols: tuple[Symbol, ...] | None = None
    minutes: int = 1


class CatalogueSource(msgspec.Struct, frozen=True, tag="CATALOGUE"):
    """
    Bars of a dataset; its first session only gives the base prices of the next one.

    Attributes:
        root: Folder of the catalogue.
        symbols: Instruments; None for all.
        first, last: Days to read; None for all.
    """

    root: str
    dataset: str
    symbols: tuple[Symbol, ...] | None = None
    first: date | None = None
    last: date | None = None


class MarketData(msgspec.Struct, frozen=True, eq=False):
    """Bars, and what is listed; what the master does not know counts as a KOSPI stock."""

    panel: Panel
    instruments: dict[Symbol, Instrument]


def load_market(source: SyntheticSource | CatalogueSource) -> MarketData:
    """
    Return what a source describes.

    Raises:
        MissingDataError, UnknownSymbolError, UnknownRuleError: As the catalogue says.
    """
    if isinstance(source, SyntheticSource):
        return _synthetic(source)
    catalogue = Catalogue(Path(source.root))
    panel = catalogue.panel(source.dataset, source.symbols, source.first, source.last)
    return MarketData(panel, catalogue.instruments(source.dataset))


def _synthetic(source: SyntheticSource) -> MarketData:
    interval = Interval(source.minutes)
    made = synthetic_market(
        source.seed,
        first=previous_session(source.first),
        last=source.last,
        interval=interval,
        symbols=source.symbols,
    )
    spec = ImportSpec(dataset=_NAME, basis=PriceBasis.RAW, interval=interval)
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(folder))
        catalogue.import_frame(made.bars, spec, _NAME, made.master)
        return MarketData(catalogue.panel(_NAME, source.symbols), made.instruments)


_NAME: Final = "synthetic"
