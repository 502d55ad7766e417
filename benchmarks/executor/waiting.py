"""Waits for what an executor comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_LOOK: Final = 0.0005  # s between two looks
_PATIENCE: Final = 60.0  # s


async def until(is_so: Callable[[], object], *, look: float = _LOOK) -> None:
    """
    Return once something is so.

    Args:
        is_so: Asked again and again.
        look: Between two times that it is asked [s].

    Raises:
        TimeoutError: It is not within a minute.
    """
    async with asyncio.timeout(_PATIENCE):
        while True:
            if is_so():
                return
            await asyncio.sleep(look)
