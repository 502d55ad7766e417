"""
How the stream keeps up: a hundred clients at five hundred ticks a second, and some that never read.

Orders come from a real journal, over real sockets, to clients in a process of their own. Everything
goes to `var/bench/stream.json`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "benchmarks.stream.comparison", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=Path(__file__).parents[1]))
