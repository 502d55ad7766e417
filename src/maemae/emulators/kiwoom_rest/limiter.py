"""How many requests of one kind and key are taken: a bucket that fills with the wall's time."""

from __future__ import annotations

from collections.abc import Hashable

from maemae.domain.instant import SECOND
from maemae.emulators.kiwoom_rest.config import Rate
from maemae.ports import WallClock


class Limiter:
    """
    Buckets of requests.

    Args:
        wall: The machine's clock.
    """

    def __init__(self, wall: WallClock) -> None:
        self._wall = wall
        self._full_at: dict[Hashable, int] = {}

    def takes(self, key: Hashable, rate: Rate) -> bool:
        """Return whether one more request is taken, and count it if so."""
        now, each = self._wall.monotonic(), SECOND // rate.per_sec
        full_at = max(now, self._full_at.get(key, now))
        if full_at + each - now > rate.burst * each:
            return False
        self._full_at[key] = full_at + each
        return True
