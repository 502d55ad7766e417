"""`maemae` as a process of its own, in a home of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = (sys.executable, "-m", "maemae")


def environment(home: Path, shared_data: Path | None = None) -> dict[str, str]:
    """Return the environment of a process with this home, and real data if told where."""
    kept = {name: value for name, value in os.environ.items() if name != "MAEMAE_LANG"}
    where = home / "nowhere" if shared_data is None else shared_data
    return {
        **kept,
        "MAEMAE_HOME": str(home),
        "MAEMAE_SHARED_DATA": str(where),
        "COLUMNS": "80",
        "PYTHONIOENCODING": "utf-8",
    }


def maemae(
    home: Path,
    *words: str,
    shared_data: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `maemae` with these words to its end, and with more in its environment if told."""
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(home, shared_data) | dict(more or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def order_hash(told: str) -> str:
    """Return the only order hash in what was printed."""
    (found,) = re.findall(r"(?:주문 지문|Order hash) ([0-9a-f]{64})", told)
    return str(found)
