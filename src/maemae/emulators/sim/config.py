"""What a simulated broker is started with."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from maemae.brokers.sim.messages import Faults
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import previous_session
from maemae.krx.costs import KIWOOM_REAL, CostSchedule
from maemae.krx.instrument import Instrument
from maemae.ports import ClientIdSupport
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


class SimBrokerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """
    One simulated broker.

    Attributes:
        ledger: File of its ledger; one that exists is gone on with.
        accounts: Cash that each was opened with [won].
        market: Where prices come from.
        port: On the loopback; 0 for any that is free.
        seed: Of the trades inside bars and of the faults.
        speed: Seconds of the exchange in a second of the wall.
        opens_at: Time of day in Korea at which the first session is entered; None for the
            beginning of its order entry.
        skips_nights: Whether the next session begins as soon as one has ended.
        page_size: Rows of a page of any list.
        orders_per_sec, queries_per_sec: What it takes in any second of the wall.
        quiet_period: What it says of the time until an order shows [ns of wall time].
        client_id: What it does with the client's number.
        schedule: What it charges.
        faults: What is wrong with it from the start.
    """

    ledger: str
    accounts: dict[AccountId, int]
    market: SyntheticSource | CatalogueSource
    port: int = 0
    seed: int = 0
    speed: int = 1
    opens_at: time | None = None
    skips_nights: bool = False
    page_size: int = 15
    orders_per_sec: int = 5
    queries_per_sec: int = 5
    quiet_period: int = 10 * SECOND
    client_id: ClientIdSupport = ClientIdSupport.NONE
    schedule: CostSchedule = KIWOOM_REAL
    faults: Faults = Faults()


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
