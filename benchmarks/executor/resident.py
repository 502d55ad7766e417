"""What the present process has now: resident memory and open descriptors."""

from __future__ import annotations

import psutil


def resident_mb() -> float:
    """Return the resident memory [MB]."""
    size: int = psutil.Process().memory_info().rss
    return size / 1e6


def descriptors() -> int:
    """Return how many descriptors are open."""
    count: int = psutil.Process().num_fds()
    return count
