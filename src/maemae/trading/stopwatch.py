"""How long requests take from hop to hop on the path of an order; counted, never stored."""

from __future__ import annotations

from bisect import bisect_left
from enum import unique
from typing import Final

import msgspec

from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.domain.terms import Term

BOUNDS: Final = tuple(
    SECOND * bound // 10_000
    for bound in (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
)
"""Upper bounds of the buckets [ns]: half a millisecond to a second; the last one has none."""

_MOST_FOLLOWED: Final = 10_000


@unique
class Stage(Term):
    """One hop of a request."""

    COMMITTED = "COMMITTED"  # from its arrival in the mailbox until its cause is durable
    SENT = "SENT"  # from there until it leaves
    ACKNOWLEDGED = "ACKNOWLEDGED"  # from there until the broker's answer


class StageTimes(msgspec.Struct, frozen=True):
    """
    How long a stage took, of all requests so far.

    Attributes:
        counts: How many fell into each bucket of `BOUNDS`, and beyond the last bound.
        total: Sum of all times [ns].
    """

    stage: Stage
    counts: tuple[int, ...]
    total: int


class Stopwatch:
    """Follows requests by their numbers; what it says is lost with the process."""

    def __init__(self) -> None:
        self._since: dict[ClOrdId, int] = {}
        self._counts = {stage: [0] * (len(BOUNDS) + 1) for stage in Stage}
        self._totals = dict.fromkeys(Stage, 0)

    def committed(self, number: ClOrdId, arrived: int, now: int) -> None:
        """Take note that the cause of a request is durable [ns, monotonic]."""
        if len(self._since) >= _MOST_FOLLOWED:
            self._since.clear()  # requests that never left; the figures go on with newer ones
        self._since[number] = now
        self._count(Stage.COMMITTED, now - arrived)

    def sent(self, number: ClOrdId, now: int) -> None:
        """Take note that it leaves."""
        since = self._since.get(number)
        if since is not None:
            self._since[number] = now
            self._count(Stage.SENT, now - since)

    def acknowledged(self, number: ClOrdId, now: int) -> None:
        """Take note of the broker's answer."""
        since = self._since.pop(number, None)
        if since is not None:
            self._count(Stage.ACKNOWLEDGED, now - since)

    def times(self) -> tuple[StageTimes, ...]:
        """Return what was counted so far, each stage."""
        return tuple(
            StageTimes(stage, tuple(self._counts[stage]), self._totals[stage]) for stage in Stage
        )

    def _count(self, stage: Stage, nanos: int) -> None:
        self._counts[stage][bisect_left(BOUNDS, nanos)] += 1
        self._totals[stage] += nanos
