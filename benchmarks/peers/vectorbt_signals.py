"""
One measurement of vectorbt: `python vectorbt_signals.py BARS.npz FAST,SLOW;FAST,SLOW;…`.

It runs in the environment of `vectorbt.txt`, without maemae. Timed is what is timed of maemae:
the averages, the crossings, the simulation and a figure of each pair. Making the data frame is
not timed, nor is reading the bars, nor compiling: the first pair is run once before.
"""

from __future__ import annotations

import json
import resource
import sys
from time import perf_counter, process_time

import numpy as np
import pandas as pd
import vectorbt as vbt

SHARES = 10
COST_RATE = 0.00115  # of each side: the commission and half of the tax on a sale


def crossings(above: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return entries and exits, moved to the bar after the crossing."""
    before = np.zeros_like(above)
    before[1:] = above[:-1]
    ready = np.zeros_like(known)
    ready[1:] = known[:-1]
    entries, exits = np.zeros_like(above), np.zeros_like(above)
    entries[1:] = (above & ~before & ready)[:-1]
    exits[1:] = (~above & before & ready)[:-1]
    return entries, exits


def main() -> None:
    """Run every pair and print what it took."""
    pairs = [tuple(map(int, pair.split(","))) for pair in sys.argv[2].split(";")]
    with np.load(sys.argv[1]) as file:
        close, opening = (np.ascontiguousarray(file[name].T, float) for name in ("close", "open"))
    frame, at = pd.DataFrame(close), pd.DataFrame(opening)
    run(frame, at, pairs[:1])
    wall, processor = perf_counter(), process_time()
    orders, profit = run(frame, at, pairs)
    print(
        json.dumps(
            {
                "seconds": perf_counter() - wall,
                "cpu_seconds": process_time() - processor,
                "bars": close.size * len(pairs),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
                "orders": orders,
                "end_equity": profit,
            }
        )
    )


def run(frame: pd.DataFrame, at: pd.DataFrame, pairs: list[tuple[int, ...]]) -> tuple[int, float]:
    """Return orders and profit of all pairs."""
    windows = sorted({window for pair in pairs for window in pair})
    averages = vbt.MA.run(frame, windows).ma.to_numpy()
    columns = frame.shape[1]
    of = {
        window: averages[:, place * columns : (place + 1) * columns]
        for place, window in enumerate(windows)
    }
    orders, profit = 0, 0.0
    for fast, slow in pairs:
        one, two = of[fast], of[slow]
        entries, exits = crossings(one > two, ~np.isnan(one + two))
        book = vbt.Portfolio.from_signals(
            frame, entries, exits, price=at, size=SHARES, fees=COST_RATE, init_cash=1e9
        )
        orders += len(book.order_records)
        profit += float(np.sum(book.total_profit().to_numpy()))
    return orders, profit


if __name__ == "__main__":
    main()
