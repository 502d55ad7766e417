"""
Speed of the backtest, and of the fastest class-strategy peers in the same run on the same bars.

Run by `make bench`, or as any other script; `--help` lists its options.

The strategy is SMA 10/30 of the close: ten shares at the next bar's open when the fast
average crosses above, everything sold when it crosses below, long only, with Kiwoom's
commission and the securities transaction tax. Three sets of seeded random walks: one
instrument with a million minutes, 200 with ten years of days, 20 with a year of minutes.

How to read the first table, each figure the median of several processes, ✔ or ✘ beside the
target:

- quiet: the triggers are computed and never fire. Set-up, run and report.
- calls only: they fire as often as in a run with orders, but nothing is wished.
- trigger and on_bar: the same orders, asked for from `when` and from `on_bar`; the runs
  fail unless the hash over all requests and reports is the same.
- an order: the time of the trigger run less the quiet one, over the orders. The strategy's
  calls, every check of the gate, the simulated broker's books, the journal's records encoded
  and chained, the equity curve and the closed trades are all in it.
- peak memory: the whole process, imports and bars included; the largest of the forms.

The second table has the peers: the first set, each in its idiomatic and its fastest
form, in turn with ours; orders should agree but for ties of the averages. Its last columns
say how many times as fast as the row's program ours is, for each of our forms. Peers do less:
no risk gate, no journal, no broker's books, one cost rate for both sides.

Times are wall times, so the machine should have nothing else to do; where it has, a line
says so. `--clock cpu` counts processor time. Everything goes to `var/bench/backtest.json`;
`--docs` also renews the figures in `docs/benchmarks.md`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "benchmarks.comparison", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=Path(__file__).parents[1]))
