"""
The environment of a client that nobody here wrote.

Nothing of it gets into ours: its packages are locked in `requirements/peers`, installed by pip
under `var/peers`, and only ever run there.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).parents[2]


def python_of(name: str) -> Path:
    """Return the interpreter of a peer's environment; skip where it cannot be installed."""
    lock = REPOSITORY / "requirements" / "peers" / f"{name}.txt"
    home = REPOSITORY / "var" / "peers" / name
    python = home / "bin" / "python"
    content = lock.read_bytes() + str(home).encode()
    stamp = home / f"stamp-{hashlib.sha256(content).hexdigest()[:16]}"
    if stamp.exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    install = ["-m", "pip", "install", "-qq", "--no-deps", "--require-hashes", "-r", str(lock)]
    for command in ([sys.executable, "-m", "venv", str(home)], [str(python), *install]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{name} cannot be installed here: {done.stderr[-300:]}")
    stamp.touch()
    return python
