"""
What an order over the API costs while somebody attacks the server.

Quiet and attacked stretches take turns on one stack of processes, several rounds for each attack,
beside a row where nobody attacks: it shows how far two halves differ by themselves. Attacks come
from a process and an address of their own. Everything goes to `var/bench/attacks.json`; `--docs`
also renews `docs/benchmarks.md`. It takes nine minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "benchmarks.server.under_attack", *sys.argv[1:]]
    sys.exit(subprocess.call(command, cwd=Path(__file__).parents[1]))
