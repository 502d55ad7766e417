"""A broker, a market and executors for tests of what goes wrong around an executor."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from maemae.brokers.sim.messages import PrintTrade
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.intent import Shares
from maemae.domain.terms import PriceBasis, Side
from maemae.emulators.ledger import LedgerOrder, Requested, ledger_orders
from maemae.emulators.market_source import CatalogueSource
from maemae.emulators.requests import Cancel, Submit
from maemae.krx.session import regular_close, regular_open
from maemae.trading.control.commands import PlaceOrder, PositionsQuery
from maemae.trading.control.replies import Accepted, Holding, Positions
from tests.brokers.sim_rig import ACCOUNT, DAYS, STILL, SimRig, make_market
from tests.crash.executor_rig import ExecutorRig
from tests.waiting import PATIENCE_SECS, until

FAR: Final = 9_000
"""A price at which nothing is bought while the market stands still [won]."""

_LOOK_SECS: Final = 0.02
_UNPAYABLE: Final = 10_000_000  # shares
_KEYS: Final = count(1)

Path_ = Callable[[int], int]
"""Price [won] at the minute of a session."""


class Street:
    """
    A broker that runs, and a folder for executors.

    Args:
        folder: Empty.
        market: Where prices come from; None for that of the broker's cards.
        settings: Of the broker, where they differ from the cards'.
    """

    def __init__(self, folder: Path, market: CatalogueSource | None, **settings: object) -> None:
        self.folder = folder
        self.broker = SimRig(folder, market or make_market(folder / "catalogue"), **settings)
        self._needed = (STILL,) if market is None else ()
        self._executors: list[ExecutorRig] = []

    def executor(self, name: str = "home", **settings: object) -> ExecutorRig:
        """Return an executor that is not started yet, on a data folder of its own."""
        executor = ExecutorRig(self.folder / name, self.broker.address.port, **settings)
        self._executors.append(executor)
        return executor

    def open(
        self,
        executor: ExecutorRig,
        failpoints: str = "",
        mutant: str = "",
        prints: Mapping[Symbol, int] | None = None,
    ) -> None:
        """Start an executor, let it trade, and wait until the market or prints tell of prices."""
        executor.start(failpoints, mutant)
        executor.open_trading()
        self.show(executor, prints)

    def show(self, executor: ExecutorRig, prints: Mapping[Symbol, int] | None = None) -> None:
        """Let an executor see prices [won]; None waits for those of the market."""
        for symbol, px in (prints or {}).items():
            self.print_trade(symbol, px)
        until(lambda: _has_seen_prices(executor, self._needed), said=lambda: executor.said[-4_000:])

    def close(self) -> None:
        """End whatever runs."""
        for executor in self._executors:
            executor.kill()
        self.broker.stop()

    @property
    def requests(self) -> list[Requested]:
        """Everything that was asked of the broker, oldest first."""
        return [record for record in self.broker.records() if isinstance(record, Requested)]

    @property
    def submits(self) -> list[Requested]:
        """New orders that were asked for, those among them that were refused too."""
        return [asked for asked in self.requests if isinstance(asked.request, Submit)]

    def submits_of(self, side: Side) -> list[Requested]:
        """Return what was asked for on one side of the market."""
        return [
            asked
            for asked in self.requests
            if isinstance(asked.request, Submit) and asked.request.side is side
        ]

    @property
    def cancels(self) -> list[Requested]:
        """Cancels that were taken."""
        return [
            asked
            for asked in self.requests
            if isinstance(asked.request, Cancel) and asked.code is None
        ]

    @property
    def orders(self) -> list[LedgerOrder]:
        """Orders that were taken, oldest first."""
        return ledger_orders(self.broker.records())

    def held(self, symbol: Symbol) -> int:
        """Return the shares of an instrument that the ledger's fills leave."""
        return self.holdings()[symbol]

    def holdings(self) -> Counter[Symbol]:
        """Return the shares that the ledger's fills leave of everything that traded."""
        held = Counter[Symbol]()
        for order in self.orders:
            for fill in order.fills:
                held[order.symbol] += fill.qty if order.side is Side.BUY else -fill.qty
        return held

    def set_faults(self, **faults: object) -> None:
        """Have the broker do these wrong, and nothing else."""
        asyncio.run(self.broker.set_faults(**faults))

    def print_trade(self, symbol: Symbol, px: int) -> None:
        """Stream a print that never happened."""
        asyncio.run(self.broker.manage(PrintTrade(1, symbol, px, 1)))


@contextmanager
def a_street(
    folder: Path, market: CatalogueSource | None = None, **settings: object
) -> Iterator[Street]:
    """Give a street whose broker runs."""
    street = Street(folder, market, **settings)
    street.broker.start()
    try:
        yield street
    finally:
        street.close()


def _has_seen_prices(executor: ExecutorRig, symbols: Sequence[Symbol]) -> bool:
    """Whether an executor knows what things cost; what cannot be paid is refused, not counted."""
    status = executor.status()
    if status is None or status.last_tick_age is None:
        return False
    wishes = [an_order(symbol, _UNPAYABLE) for symbol in symbols]
    return not any("no price" in objection(executor, wish) for wish in wishes)


def an_order(
    symbol: Symbol = STILL,
    qty: int = 1,
    *,
    side: Side = Side.BUY,
    price: int | None = None,
    stop_loss: int | None = None,
    key: str = "",
) -> PlaceOrder:
    """Return a wish under a key of its own."""
    return PlaceOrder(
        key or f"order-{next(_KEYS)}",
        "test",
        ACCOUNT,
        symbol,
        side,
        Shares(qty),
        price=price,
        stop_loss=stop_loss,
    )


def place(executor: ExecutorRig, *wishes: PlaceOrder) -> None:
    """Have each wish taken by the gate; one that is refused for want of a price is said again."""
    for wish in wishes:
        deadline = time.monotonic() + PATIENCE_SECS
        while why_not := objection(executor, wish):
            assert time.monotonic() < deadline, (why_not, executor.said[-4_000:])
            time.sleep(_LOOK_SECS)


def objection(executor: ExecutorRig, wish: PlaceOrder) -> str:
    """Ask for an order under a key of its own; return why not, empty if it was taken."""
    reply = executor.ask(msgspec.structs.replace(wish, key=f"order-{next(_KEYS)}"))
    if not isinstance(reply, Accepted):
        return repr(reply)
    return " ".join(refusal.en for refusal in reply.refusals)


def holdings(executor: ExecutorRig) -> tuple[Holding, ...]:
    """Return what an executor believes to hold."""
    positions = executor.ask(PositionsQuery())
    return positions.holdings if isinstance(positions, Positions) else ()


def bars(root: Path, paths: Mapping[Symbol, Path_], volume: int = 50_000) -> CatalogueSource:
    """Write a market whose prices go these ways, every day alike."""
    rows = [row for day in DAYS for row in _rows(day, paths, volume)]
    columns = ("symbol", "datetime", "open", "high", "low", "close", "volume", "name", "market")
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        pl.col("datetime").cast(pl.Datetime("ns", "UTC"))
    )
    spec = ImportSpec(dataset="cards", basis=PriceBasis.RAW, interval=Interval(1))
    Catalogue(root).import_frame(frame, spec, "test")
    return CatalogueSource(str(root), "cards")


def _rows(day: date, paths: Mapping[Symbol, Path_], volume: int) -> Iterator[tuple[object, ...]]:
    opens = regular_open(day)
    minutes = (regular_close(day) - opens) // MINUTE
    for minute in range(minutes - 10):
        at = opens + minute * MINUTE
        for symbol, path in paths.items():
            px, following = path(minute), path(minute + 1)
            high, low = max(px, following), min(px, following)
            yield symbol, at, px, high, low, following, volume, symbol, "KOSPI"
