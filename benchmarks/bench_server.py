"""
What an order over the API costs, how long the whole stack takes to start, and what it keeps.

Broker, executor and server are processes, started as `maemae run` starts them. Each order is
measured in turn with a route that does nothing and a bare commit, in the same run on the same
machine. Everything goes to `var/bench/server.json`; `--docs` also renews `docs/benchmarks.md`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "benchmarks.server.comparison", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=Path(__file__).parents[1]))
