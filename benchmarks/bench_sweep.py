"""
Speed of the sweep over a grid of 1,000 pairs, 200 instruments and ten years, beside vectorbt.

The strategy is SMA fast/slow of the close over 40 x 25 pairs: bought at the next open when the
fast average crosses above, sold when it crosses below, long only. Both sides run all of the pairs,
with costs, in two forms:

- shares: ten shares each, ample cash; the orders are equal but for ties of the averages.
- weight: a tenth of the equity (of vectorbt, of the free cash), a stop and a target, ten million
  won that all instruments share: what a person sweeps.

vectorbt takes its fast way: averages of all windows at once, crossings by numpy, one call a pair of
`Portfolio.from_signals` over all instruments, and the profit of each. It knows one rate of costs,
no band, no ticks, no volume, no won.

Then the same pairs on two cores, and the peak memory as the grid grows. `--clock cpu` counts
processor time where the machine is busy. Everything goes to `var/bench/sweep.json`; `--docs`
also renews the figures in `docs/benchmarks.md`. It takes some six minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "benchmarks.sweep.comparison", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=Path(__file__).parents[1]))
