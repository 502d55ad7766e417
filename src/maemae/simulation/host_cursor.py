"""Where a strategy runs next on the time axis."""

from __future__ import annotations

from maemae.strategy.host import StrategyHost


class HostCursor:
    """
    Steps through the wakes of one host.

    Attributes:
        next: Index at which the strategy runs next; the axis's length once it has none left.
    """

    def __init__(self, host: StrategyHost, length: int) -> None:
        self.host = host
        self._wakes = host.wakes.data
        self._place = -1
        self._length = length
        self.next = -1
        self.advance()

    def advance(self) -> None:
        """Go to the next wake."""
        self._place += 1
        self.next = self._wakes[self._place] if self._place < len(self._wakes) else self._length
