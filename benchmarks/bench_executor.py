"""
What an order costs the executor, and how it keeps up, starts, and stays the same over the years.

Run by `make bench`, or as any other script; `--help` lists its options. `docs/benchmarks.md`
says what each figure means. The executor is a whole one in the process that is measured, on a
real store on a real disk; broker and feed are doubles in the same process that answer at once.

Every figure is the median of several processes, one after the other; a count is the largest of
them. Everything goes to `var/bench/executor.json`; `--docs` also renews the figures in
`docs/benchmarks.md`. The soak is another matter: `make soak`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "benchmarks.executor.comparison", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=Path(__file__).parents[1]))
