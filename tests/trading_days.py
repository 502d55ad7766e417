"""A short simulated trading day with many orders, and strategies for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic import synthetic_market
from maemae.core.limits import Limits
from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.terms import PriceBasis, Side
from maemae.krx.instrument import Instrument
from maemae.storage.journal import SqliteJournal
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.news import Filled
from maemae.strategy.panel import FIELDS, Panel
from maemae.trading.simulated_day.day import DayPlan, DayResult, StrategyPlan, TradingDay
from maemae.venue.house import House

FIRST, DAY = date(2026, 3, 4), date(2026, 3, 5)
STARTED = 1_772_668_800 * 1_000_000_000
MORNING = 90
"""Bars of a day that ends early, for tests that run many."""

SYMBOLS = tuple(Symbol(f"Z{number:04d}0") for number in range(1, 9))


class Rotation(Strategy):
    """Hold the three strongest names and look again each quarter of an hour."""

    def setup(self) -> None:
        self.strength = self.indicator(ta.roc, 20)
        self.every("bar", self.rotate)

    def rotate(self) -> None:
        if self.now.minute % 15 == 0 and self.now.hour < 15:
            self.target_weights(dict.fromkeys(self.strength.latest().nlargest(3), 0.3))


class Scalper(Strategy):
    """Buy a little every few minutes, offer what was bought a little higher, cancel the rest."""

    def setup(self) -> None:
        self.every("bar", self.enter)

    def enter(self) -> None:
        symbol = self.symbols[0]
        if self.now.minute % 11 == 0 and self.has_traded(symbol) and self.equity > 0:
            self.buy(symbol, shares=150, within=0.001)

    def on_fill(self, fill: Filled) -> None:
        if fill.side is Side.BUY:
            self.sell(fill.symbol, shares=fill.qty, limit=fill.px // 1_000 * 1_000 + 2_000)
            self.cancel(fill.cl_ord_id)


def the_seats(crossing: Strategy | None = None) -> list[StrategyPlan]:
    """Return the strategies of the day; a strategy serves one run."""
    limits = Limits(max_orders_per_sec=1_000)
    cross = GoldenCross(fast=3, slow=10) if crossing is None else crossing
    return [
        StrategyPlan(SleeveId("cross"), cross, 30_000_000, limits),
        StrategyPlan(SleeveId("rotation"), Rotation(), 50_000_000, limits),
        StrategyPlan(SleeveId("scalper"), Scalper(), 100_000_000, limits),
    ]


class Market(msgspec.Struct, frozen=True):
    """Minute bars of the day and the one before, and what is listed."""

    panel: Panel
    instruments: dict[Symbol, Instrument]


def make_market(folder: Path, symbols: Sequence[Symbol] = SYMBOLS) -> Market:
    """Return the market of the day, by way of the catalogue."""
    made = synthetic_market(11, first=FIRST, last=DAY, interval=Interval(1), symbols=symbols)
    catalogue = Catalogue(folder)
    spec = ImportSpec(dataset="day", basis=PriceBasis.RAW, interval=Interval(1))
    catalogue.import_frame(made.bars, spec, "test")
    return Market(catalogue.panel("day"), made.instruments)


def a_morning(market: Market) -> Market:
    """Return the market up to the end of the day's first hour and a half."""
    until = market.panel.dates.index(DAY) + MORNING
    return Market(market.panel.until(until), market.instruments)


def save_market(market: Market, path: Path) -> None:
    """Write a market where a process that starts quickly can read it."""
    panel = market.panel
    names = ("opened", "known", *FIELDS)
    np.savez(path, **{name: getattr(panel, name) for name in names})
    path.with_suffix(".json").write_bytes(
        msgspec.json.encode((panel.symbols, panel.basis, market.instruments))
    )


def load_market(path: Path) -> Market:
    """Read a market back."""
    kinds = tuple[tuple[Symbol, ...], PriceBasis, dict[Symbol, Instrument]]
    symbols, basis, instruments = msgspec.json.decode(
        path.with_suffix(".json").read_bytes(), type=kinds
    )
    with np.load(path) as arrays:
        fields = {name: arrays[name] for name in FIELDS}
        panel = Panel(symbols, arrays["opened"], arrays["known"], fields, basis)
    return Market(panel, instruments)


def a_plan(market: Market, crossing: Strategy | None = None) -> DayPlan:
    """Return the plan of the day."""
    return DayPlan(market.panel, the_seats(crossing), market.instruments)


def run_day(
    plan: DayPlan, path: Path, *, house: House | None = None, snapshot_every: int = 50
) -> DayResult:
    """Run the day, or what is left of it, over a journal."""
    header = plan.header("test", STARTED)
    with SqliteJournal(path, header, snapshot_every=snapshot_every) as journal:
        return TradingDay(plan, journal, house).run()
