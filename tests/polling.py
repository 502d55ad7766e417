"""Waiting for another process, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECS = 60.0


def until(is_so: Callable[[], object], within_secs: float = PATIENCE_SECS) -> None:
    """Return once it is so; fail if it does not come about in time."""
    deadline = time.monotonic() + within_secs
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
