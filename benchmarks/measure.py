"""
One measurement of maemae in a process of its own: `python -m benchmarks.measure SET FORM [LENGTH]`.

Timed is all that a person waits for once the bars are in memory: the strategy's set-up, the
run with every check of the gate, the encoding of every journal record and its link in the
chain of hashes, the books, the equity curve and the figures of the report. Not timed: imports,
reading the bars, the disk.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from time import perf_counter, process_time
from typing import Final

from benchmarks.bar_files import read_bars
from benchmarks.bar_sets import SETS
from benchmarks.crossings import FORMS
from benchmarks.peak_memory import peak_memory
from maemae.core.actions import Action
from maemae.core.events import Event
from maemae.core.limits import Limits
from maemae.research.backtest import BacktestPlan, backtest
from maemae.storage.records import encode, is_worth_a_record, next_hash

_CASH: Final = 10_000_000_000  # won; no order is refused for want of it
_LIMITS: Final = Limits(
    max_positions=1_000,
    max_daily_loss=_CASH,
    max_orders_per_sec=5_000,
    max_orders_per_day=1_000_000,
)
"""Every check has something to compute, and none refuses."""


class EncodedJournal:
    """
    The journal without its disk.

    Attributes:
        records: Records so far.
        size: Their length [bytes].
    """

    def __init__(self) -> None:
        self.records = 0
        self.size = 0
        self._hash = b""

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Encode a record and link it to the one before."""
        if is_worth_a_record(event, actions):
            told, followed = encode(event), encode(actions)
            self.records += 1
            self.size += len(told) + len(followed)
            self._hash = next_hash(self._hash, self.records, told, followed)

    def commit(self) -> None:
        """Keep nothing: a journal lets go of what is durable."""


def measure(name: str, form: str, length: str = "") -> dict[str, object]:
    """Run one form of the strategy over one set, or its beginning, and return the measures."""
    panel = read_bars(SETS[name])
    if length and int(length) < len(panel):
        panel = panel.until(int(length))
    plan = BacktestPlan(cash=_CASH, limits=_LIMITS)
    import_module("talib")  # an indicator imports it, and with it pandas, once it computes
    journal = EncodedJournal()
    start, cpu_start = perf_counter(), process_time()
    result = backtest(FORMS[form](), panel, plan, journal=journal)
    seconds, cpu_seconds = perf_counter() - start, process_time() - cpu_start
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "bars": panel.close.size,
        "peak_mb": peak_memory(),
        "orders": result.orders,
        "refused": sum(result.refusals.values()),
        "order_hash": result.order_hash,
        "end_equity": result.summary.end_equity,
        "journal_records": journal.records,
        "journal_bytes": journal.size,
    }


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
