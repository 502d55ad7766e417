"""
One measurement of vectorbt: `python vectorbt_signals.py BARS.npz FORM FAST,SLOW;…`.

It runs in the environment of `vectorbt.txt`, without maemae. Timed is what is timed of maemae:
the averages, the crossings, the simulation and a figure of each pair. Making the data frame is
not timed, nor is reading the bars, nor compiling: the first pair is run once before.

Forms:
    shares: Ten shares at each crossing, each instrument with cash of its own.
    weight: A tenth of the free cash, whole shares, a stop and a target within the bar; all
        instruments share ten million won.
"""

from __future__ import annotations

import json
import resource
import sys
from time import perf_counter, process_time

import numpy as np
import pandas as pd
import vectorbt as vbt

COST_RATE = 0.00115  # of each side: the commission and half of the tax on a sale


def main() -> None:
    """Run every pair and print what it took."""
    path, form, words = sys.argv[1:]
    pairs = [tuple(map(int, pair.split(","))) for pair in words.split(";")]
    with np.load(path) as file:
        frames = {
            name: pd.DataFrame(np.ascontiguousarray(file[name].T, float))
            for name in ("open", "high", "low", "close")
        }
    asked = settings(frames, form)
    run(frames["close"], asked, pairs[:1])
    wall, processor = perf_counter(), process_time()
    orders, profit = run(frames["close"], asked, pairs)
    print(
        json.dumps(
            {
                "seconds": perf_counter() - wall,
                "cpu_seconds": process_time() - processor,
                "bars": frames["close"].size * len(pairs),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
                "orders": orders,
                "end_equity": profit,
            }
        )
    )


def settings(frames: dict[str, pd.DataFrame], form: str) -> dict[str, object]:
    """Return what every pair is run with."""
    asked: dict[str, object] = {"price": frames["open"], "fees": COST_RATE}
    if form == "shares":
        return {**asked, "size": 10, "init_cash": 1e9}
    return {
        **asked,
        **{name: frames[name] for name in ("open", "high", "low")},
        "size": 0.1,
        "size_type": "percent",
        "size_granularity": 1,
        "sl_stop": 0.03,
        "tp_stop": 0.09,
        "stop_entry_price": "fillprice",
        "stop_exit_price": "stopmarket",
        "init_cash": 1e7,
        "cash_sharing": True,
        "group_by": True,
    }


def run(
    close: pd.DataFrame, asked: dict[str, object], pairs: list[tuple[int, ...]]
) -> tuple[int, float]:
    """Return orders and profit of all pairs."""
    windows = sorted({window for pair in pairs for window in pair})
    averages = vbt.MA.run(close, windows).ma.to_numpy()
    columns = close.shape[1]
    of = {
        window: averages[:, place * columns : (place + 1) * columns]
        for place, window in enumerate(windows)
    }
    orders, profit = 0, 0.0
    for fast, slow in pairs:
        one, two = of[fast], of[slow]
        entries, exits = crossings(one > two, ~np.isnan(one + two))
        book = vbt.Portfolio.from_signals(close, entries, exits, **asked)
        orders += len(book.order_records)
        profit += float(np.sum(book.total_profit()))
    return orders, profit


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


if __name__ == "__main__":
    main()
