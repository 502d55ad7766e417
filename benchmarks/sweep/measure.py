"""One measurement of ours: `python -m benchmarks.sweep.measure FORM PAIRS JOBS`."""

from __future__ import annotations

import resource
import sys
from time import perf_counter

import msgspec

from benchmarks.bar_files import read_bars
from benchmarks.bar_sets import MANY_DAILY
from benchmarks.peak_memory import peak_memory
from benchmarks.runs import Run
from benchmarks.sweep.grid import cells
from maemae import Strategy, Symbol, param, ta
from maemae.research.backtest import BACKTEST_LIMITS, BacktestPlan
from maemae.research.sweep.crew import local_crew
from maemae.research.sweep.field import Field, Machine, Runner


class Shares(Strategy):
    """Ten shares of whatever crosses."""

    fast = param(10, low=2, high=500)
    slow = param(30, low=2, high=500)

    def setup(self) -> None:
        """Watch both crossings."""
        fast, slow = self.indicator(ta.sma, self.fast), self.indicator(ta.sma, self.slow)
        self.when(fast.crosses_above(slow), self.enter)
        self.when(fast.crosses_below(slow), self.close)

    def enter(self, symbol: Symbol) -> None:
        """Buy ten shares."""
        self.buy(symbol, shares=10)


class Weight(Shares):
    """A tenth of the equity, with a stop and a target."""

    def enter(self, symbol: Symbol) -> None:
        """Buy."""
        self.buy(symbol, weight=0.1, stop_loss=0.03, take_profit=0.09)


_CASH = {"shares": 100_000_000_000, "weight": 10_000_000}


def measure(form: str, count: int, jobs: int) -> Run:
    """Sweep so many pairs; compiling and loading the kernel is not timed."""
    panel = read_bars(MANY_DAILY)
    kind = Shares if form == "shares" else Weight
    spec = f"{__file__}:{kind.__name__}"
    limits = msgspec.structs.replace(BACKTEST_LIMITS, max_positions=1_000)
    field = Field(spec, {}, panel, BacktestPlan(cash=_CASH[form], limits=limits))
    Runner(field).cell({"fast": 30, "slow": 200})
    pairs = cells(count)
    before, began = _processor(), perf_counter()
    runner = Runner(field)
    orders = equity = 0
    with local_crew(runner, field, jobs) as crew:
        for cell in crew(pairs):
            if cell.machine is not Machine.KERNEL:
                raise SystemExit(f"{cell.values}: the kernel did not run it")
            orders += cell.score.orders
            equity += cell.score.end_equity
    seconds = perf_counter() - began
    bars = panel.close.size * len(pairs)
    return Run(seconds, _processor() - before, bars, peak_memory(), orders, float(equity))


def _processor() -> float:
    """Return the processor time of this process and of its ended children [s]."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    print(msgspec.json.encode(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))).decode())
