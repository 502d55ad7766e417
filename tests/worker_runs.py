"""Strategies in files, rows and a listener for the tests of workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import msgspec

from maemae.domain.instant import SECOND
from maemae.domain.intent import OrderIntent
from maemae.strategy.panel import FIELDS, Panel
from maemae.trading.workers.bars import BarRow
from maemae.trading.workers.book_state import BookState
from maemae.trading.workers.events import Failed, Intents, Printed, WorkerEvent, WorkerReady
from maemae.trading.workers.supervisor import StrategyWorker, WorkerConfig
from tests.strategy_runs import ACCOUNT, SLEEVE, A, B, a_panel

BOOK = BookState(10_000_000, 12_000_000, {})
PANEL = a_panel({A: [100, 200, 300, 400, 500, 600], B: [900, 800, 700, 600, 500, 400]})
WARM = 2
NO_PAUSE = 1_000_000  # 1 ms
PATIENCE = 60.0  # seconds; reached only by a test that fails


def a_row(panel: Panel, k: int) -> BarRow:
    """Return the bars of one time of a panel."""
    fields = {name: tuple(getattr(panel, name)[:, k].tolist()) for name in FIELDS}
    return BarRow(int(panel.opened[k]), int(panel.known[k]), **fields)


def a_strategy(folder: Path, body: str) -> str:
    """Write a strategy whose class has this body; return how to call it."""
    path = folder / "own.py"
    lines = ["from maemae import Strategy, ta", "class Own(Strategy):"]
    indented = [f"    {line}" for line in dedent(body).strip().splitlines()]
    path.write_text("\n".join([*lines, *indented, ""]), encoding="utf-8")
    return f"{path}:Own"


def a_config(strategy: str, **changes: object) -> WorkerConfig:
    """Return how to run a strategy; it is not started again unless the test says so."""
    plain = WorkerConfig(strategy, {}, ACCOUNT, SLEEVE, barrier_limit=10 * SECOND, pauses=())
    return msgspec.structs.replace(plain, **changes)


class Listener:
    """Keeps what a worker reports, and lets a test wait for it."""

    def __init__(self) -> None:
        self.events: list[WorkerEvent] = []
        self._came = asyncio.Event()

    def __call__(self, event: WorkerEvent) -> None:
        self.events.append(event)
        self._came.set()

    @property
    def failures(self) -> list[Failed]:
        return [event for event in self.events if isinstance(event, Failed)]

    @property
    def readies(self) -> int:
        return sum(isinstance(event, WorkerReady) for event in self.events)

    @property
    def printed(self) -> list[str]:
        told = [event.lines for event in self.events if isinstance(event, Printed)]
        return [line for lines in told for line in lines]

    @property
    def wished(self) -> list[str]:
        """The numbers of all orders wished, in order."""
        told = [event.intents for event in self.events if isinstance(event, Intents)]
        orders = [intent for intents in told for intent in intents]
        return [order.intent_id for order in orders if isinstance(order, OrderIntent)]

    async def until(self, is_so: Callable[[Listener], object]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not is_so(self):
                self._came.clear()
                await self._came.wait()


def a_worker(config: WorkerConfig, listener: Listener) -> StrategyWorker:
    """Return a worker over the first bars of the panel."""
    return StrategyWorker(config, PANEL.until(WARM), BOOK, listener)


def tell_all(worker: StrategyWorker) -> None:
    """Tell the worker of every bar after the warm-up."""
    for k in range(WARM, len(PANEL)):
        worker.barrier(a_row(PANEL, k), BOOK)
