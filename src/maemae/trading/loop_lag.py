"""How late the executor's loop is: whatever blocks it delays every stop by as much."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from maemae.domain.instant import SECOND

_EVERY_SECS: Final = 0.5


class LoopLag:
    """
    Looks at itself twice a second.

    Attributes:
        newest: How late the last look was [ns of the machine's clock].
        worst: How late the latest of all was, since the process began [ns].
    """

    def __init__(self) -> None:
        self.newest = 0
        self.worst = 0

    async def watch(self) -> None:
        """Look until canceled."""
        while True:
            due = time.monotonic() + _EVERY_SECS
            await asyncio.sleep(_EVERY_SECS)
            self.newest = max(0, round((time.monotonic() - due) * SECOND))
            self.worst = max(self.worst, self.newest)
