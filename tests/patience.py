"""Waiting in an event loop until something is so, with an end to the patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 60.0
"""Seconds until a test gives up; never waited for when all is well."""


async def until(is_so: Callable[[], object], within: float = PATIENCE) -> None:
    """Let others run until something is so."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.002)
