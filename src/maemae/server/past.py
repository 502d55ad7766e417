"""
Running counts of what somebody ordered before; one more order updates them in constant time.

However much was ordered, looking at the next order costs the same: the last order of a busy day
waits no longer for it than the first.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import date
from ipaddress import ip_address, ip_network
from typing import Final, Generic, TypeVar

import msgspec

from maemae.domain.instant import HOUR, MINUTE, kst_date, kst_datetime

MOST: Final = 5_000
"""Orders of one user that are kept; the oldest go."""

_ANOTHER_TIME: Final = 12 * HOUR

T = TypeVar("T")


class Act(msgspec.Struct, frozen=True):
    """
    One order of somebody.

    Attributes:
        at: Wall time [ns, UTC].
        notional: What it was about [won]; None where it was not known.
        address: Where it came from; empty where it was not known.
    """

    at: int
    notional: int | None
    address: str


class _Tally(Generic[T]):
    """
    How many orders have a trait, of those that are of an age.

    Args:
        trait: Of an order; None where it has none.
        least_age: How old an order must be to count [ns].
    """

    def __init__(self, trait: Callable[[Act], T | None], least_age: int = 0) -> None:
        self._trait = trait
        self._least_age = least_age
        self.young: deque[Act] = deque()
        self.counts: Counter[T] = Counter()

    def advance(self, now: int) -> None:
        """Count what has come of age."""
        while self.young and self.young[0].at <= now - self._least_age:
            trait = self._trait(self.young.popleft())
            if trait is not None:
                self.counts[trait] += 1

    def drop(self, act: Act) -> None:
        """Take the oldest order out."""
        if self.young and self.young[0] is act:
            self.young.popleft()
            return
        trait = self._trait(act)
        if trait is not None:
            self.counts[trait] -= 1
            if not self.counts[trait]:
                del self.counts[trait]


class Past:
    """
    The orders of one user within a span of time.

    Args:
        span: How far back it reaches [ns].
        acts: Orders to begin with, oldest first.
    """

    def __init__(self, span: int, acts: Iterable[Act] = ()) -> None:
        self._span = span
        self._acts: deque[Act] = deque()
        self._minutes = _Tally(lambda act: act.at // MINUTE, MINUTE)
        self._sizes = _Tally(lambda act: act.notional)
        self._networks = _Tally(lambda act: network_of(act.address) or None)
        self._days = _Tally(lambda act: kst_date(act.at))
        self._hours = _Tally(lambda act: kst_datetime(act.at).hour, _ANOTHER_TIME)
        for act in acts:
            self.add(act)

    def __len__(self) -> int:
        """Return how many orders there are."""
        return len(self._acts)

    @property
    def lately(self) -> int:
        """Orders of the last minute."""
        return len(self._minutes.young)

    @property
    def busiest(self) -> int:
        """Most orders of one minute before the last."""
        return max(self._minutes.counts.values(), default=0)

    @property
    def sizes(self) -> Counter[int]:
        """What orders were about [won], where it is known."""
        return self._sizes.counts

    @property
    def networks(self) -> Counter[str]:
        """Whence orders came."""
        return self._networks.counts

    @property
    def days(self) -> int:
        """On how many days there were orders."""
        return len(self._days.counts)

    @property
    def hours(self) -> Counter[int]:
        """Hours of the day in which there were orders, half a day ago or longer."""
        return self._hours.counts

    def add(self, act: Act) -> None:
        """Take an order in; none before it is newer."""
        self._acts.append(act)
        for tally in self._tallies:
            tally.young.append(act)
        if len(self._acts) > MOST:
            self._drop_oldest()

    def advance(self, now: int) -> None:
        """Let time go on until an instant [ns, UTC]: what is too old is forgotten."""
        for tally in self._tallies:
            tally.advance(now)
        while self._acts and self._acts[0].at < now - self._span:
            self._drop_oldest()

    @property
    def _tallies(self) -> tuple[_Tally[int], _Tally[int], _Tally[str], _Tally[date], _Tally[int]]:
        return self._minutes, self._sizes, self._networks, self._days, self._hours

    def _drop_oldest(self) -> None:
        act = self._acts.popleft()
        for tally in self._tallies:
            tally.drop(act)


def network_of(address: str) -> str:
    """Return the network of an address: /24, or /64 of IPv6; the text itself if it is none."""
    try:
        wide = 24 if ip_address(address).version == 4 else 64
    except ValueError:
        return address
    return str(ip_network(f"{address}/{wide}", strict=False))
