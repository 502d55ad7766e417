"""
One measurement of backtesting.py: `python backtesting_py.py BARS.npz LENGTH FORM`.

It runs in the environment of `backtesting.txt`, without maemae. Timed is what is timed of
maemae: the strategy's set-up, the run, and the figures of the result. Making the data frame
is not timed, nor is reading the bars.

Forms:
    idiomatic: As its manual: two averages through `self.I`, and `crossover` at every bar.
    fastest: Where they cross is computed beforehand for all bars at once; a bar takes one number.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

FAST, SLOW, SHARES = 10, 30, 10
COST_RATE = 0.00115  # of each side: the commission and half of the tax on a sale


def average(values: np.ndarray, window: int) -> np.ndarray:
    """Return the moving average, NaN before it is full."""
    found: np.ndarray = pd.Series(values).rolling(window).mean().to_numpy()
    return found


def crossings(values: np.ndarray) -> np.ndarray:
    """Return 1 where the fast average has crossed above the slow one, -1 below, 0 elsewhere."""
    side = np.sign(average(values, FAST) - average(values, SLOW))
    before = np.concatenate([[np.nan], side[:-1]])
    return np.where((side > 0) & (before <= 0), 1, np.where((side < 0) & (before >= 0), -1, 0))


class Idiomatic(Strategy):
    """Compares the averages at every bar."""

    def init(self) -> None:
        """Declare both averages."""
        self.fast = self.I(average, self.data.Close, FAST)
        self.slow = self.I(average, self.data.Close, SLOW)

    def next(self) -> None:
        """Buy at a crossing up, sell at a crossing down."""
        if crossover(self.fast, self.slow):
            self.buy(size=SHARES)
        elif crossover(self.slow, self.fast):
            self.position.close()


class Fastest(Strategy):
    """Takes one number a bar."""

    def init(self) -> None:
        """Compute every crossing at once, and start at the bar of the first `next`."""
        self.signals = iter(crossings(np.asarray(self.data.Close)).tolist()[1:])

    def next(self) -> None:
        """Buy at a crossing up, sell at a crossing down."""
        signal = next(self.signals)
        if signal > 0:
            self.buy(size=SHARES)
        elif signal < 0:
            self.position.close()


def read_bars(path: str, length: int) -> pd.DataFrame:
    """Return the first bars of the first instrument as the frame that it asks for."""
    with np.load(path) as file:
        columns = {
            name.title(): file[name][0, :length].astype(float)
            for name in ("open", "high", "low", "close", "volume")
        }
        return pd.DataFrame(columns, index=pd.to_datetime(file["opened"][:length]))


def measure(path: str, length: int, form: str) -> dict[str, object]:
    """Run one form of the strategy and return what was measured."""
    warnings.simplefilter("ignore")  # it remarks upon the size of prices, which is as meant
    frame = read_bars(path, length)
    start, cpu_start = perf_counter(), process_time()
    figures = Backtest(
        frame,
        {"idiomatic": Idiomatic, "fastest": Fastest}[form],
        cash=10_000_000_000,
        commission=COST_RATE,
        finalize_trades=True,
    ).run()
    seconds, cpu_seconds = perf_counter() - start, process_time() - cpu_start
    trades = figures["_trades"]  # one a purchase; one sale closes all that were open
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "bars": length,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "orders": len(trades) + trades["ExitBar"].nunique(),
        "end_equity": float(figures["Equity Final [$]"]),
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
