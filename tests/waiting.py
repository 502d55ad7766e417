"""Waiting until something is so, with an end to the patience: the test fails if it never is."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Final

PATIENCE_SECS: Final = 60.0
"""Until a test gives up; never waited for when all is well."""


def until(
    is_so: Callable[[], object],
    within_secs: float = PATIENCE_SECS,
    *,
    said: Callable[[], object] = lambda: "it did not come about in time",
) -> None:
    """Return once something is so; fail with what was said if it does not come about in time."""
    deadline = time.monotonic() + within_secs
    while not is_so():
        assert time.monotonic() < deadline, said()
        time.sleep(0.02)


async def until_async(is_so: Callable[[], object], within_secs: float = PATIENCE_SECS) -> None:
    """Let other tasks of the event loop run until something is so, or a coroutine says so."""
    deadline = time.monotonic() + within_secs
    while not (await told if inspect.isawaitable(told := is_so()) else told):
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.002)
