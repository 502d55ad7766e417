"""Where the real market data of the tests lies; absent data skips, and says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).parents[2] / "shared" / "data"


def shared(name: str) -> Path:
    """Return the path of a file of real data, or skip the test visibly."""
    path = Path(os.environ.get("MAEMAE_SHARED_DATA", _DEFAULT)) / name
    if not path.exists():
        pytest.skip(f"실데이터 없음 / real data absent: {name} (MAEMAE_SHARED_DATA)")
    return path
