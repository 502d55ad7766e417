"""The accelerated trading day: both bundled strategies on one day of the synthetic market."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae.app.datasets import ensure_synthetic
from maemae.app.journals import forget_journal
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.interval import Interval
from maemae.domain.ids import SleeveId
from maemae.settings import Settings
from maemae.storage.journal import SqliteJournal
from maemae.strategies.call_limit import watchdog
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.momentum import Momentum
from maemae.trading.simulated_day.day import DayPlan, DayResult, StrategyPlan, TradingDay

SEED: Final = 20_261_102

DAYS: Final = (date(2026, 10, 29), date(2026, 11, 2))
"""Two sessions to warm up, and the first of a month, on which momentum rebalances."""

_CASH: Final = 10_000_000


class Resumed(msgspec.Struct, frozen=True):
    """
    What an earlier run of the day had left.

    Attributes:
        records: In the journal.
        at: Instant of the newest one [ns, UTC].
    """

    records: int
    at: int


class OpenDay(msgspec.Struct, frozen=True, eq=False):
    """
    A trading day over its open journal.

    Attributes:
        day: Ready to run.
        resumed: What is in the journal already; None for a day that begins.
    """

    day: TradingDay
    resumed: Resumed | None

    def run(self, watch: Callable[[TradingDay], None]) -> DayResult:
        """Run it under a watchdog; `watch` is called after every bar."""
        with watchdog(self.day.hosts):
            return self.day.run(watch)


def day_plan(settings: Settings, seed: int) -> DayPlan:
    """Return the day of a seed; its bars are made unless they are there already."""
    catalogue, dataset = Catalogue(settings.demo), f"day-{seed}"
    ensure_synthetic(catalogue, dataset, seed, DAYS, Interval(1))
    seats = (
        StrategyPlan(SleeveId("GoldenCross"), GoldenCross(fast=10, slow=40), _CASH),
        StrategyPlan(SleeveId("Momentum"), Momentum(lookback=120, hold=6), _CASH),
    )
    return DayPlan(catalogue.panel(dataset), seats, catalogue.instruments(dataset))


@contextmanager
def open_day(plan: DayPlan, journal: Path, *, fresh: bool) -> Iterator[OpenDay]:
    """
    Yield the day over its journal, which is closed afterwards whatever happens.

    Args:
        plan: The day.
        journal: File of the journal; made unless it is there.
        fresh: Whether to begin anew and forget what is in the journal.

    Raises:
        InvalidValueError: The file to forget is no journal.
        ConfigError: The journal is that of another day.
        StorageError: It cannot be opened.
    """
    if fresh:
        forget_journal(journal)
    header = plan.header(journal.stem, time.time_ns())
    with SqliteJournal(journal, header) as opened:
        newest = 0
        for record in opened.records():
            newest = record.event.at
        resumed = Resumed(opened.seq, newest) if opened.seq else None
        yield OpenDay(TradingDay(plan, opened), resumed)
