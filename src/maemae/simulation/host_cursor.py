"""Where a strategy runs next on the time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.intent import Intent
from maemae.strategy.news import Filled
from maemae.strategy.panel import Ints


class Host(Protocol):
    """A strategy's host, or one that repeats what a journal says the strategy wished."""

    @property
    def account_id(self) -> AccountId:
        """Account of its orders."""

    @property
    def sleeve_id(self) -> SleeveId:
        """Sleeve of its orders."""

    @property
    def wakes(self) -> Ints:
        """Time indexes at which it has anything to do [int64, rising]."""

    @property
    def hears_fills(self) -> bool:
        """Whether it may wish anything upon a fill; any other is not told of them."""

    def run(self, k: int) -> Sequence[Intent]:
        """Return what is wished at a barrier."""

    def fill(self, fill: Filled) -> Sequence[Intent]:
        """Return what is wished upon a fill."""


class HostCursor:
    """
    Steps through the wakes of one host.

    Attributes:
        next: Index at which the strategy runs next; the axis's length once it has none left.
    """

    def __init__(self, host: Host, length: int) -> None:
        self._run = host.run
        self._ahead = iter(host.wakes.data)
        self._length = length
        self.next = next(self._ahead, length)

    def run(self, index: int) -> Sequence[Intent]:
        """Run the strategy at its wake, and go on to the next one."""
        self.next = next(self._ahead, self._length)
        return self._run(index)
