"""
Requests that are durable and have not left yet, in the order in which they may leave.

The outbox decides who goes next and what goes no more; it sends nothing itself.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from typing import Final

import msgspec

from maemae.core.actions import CancelOrder, ReplaceOrder, SubmitOrder
from maemae.domain.ids import ClOrdId
from maemae.domain.order import Order
from maemae.ports import Lane, OutboxRow

UNSENT: Final = "UNSENT"
"""How the number of a report ends which says that an order never left."""


class Parcel(msgspec.Struct, frozen=True):
    """
    A request with all that its sending needs.

    Attributes:
        row: As the store keeps it.
        order: The order it is about, as it stood when the request was decided.
        request: What the core asked for.
    """

    row: OutboxRow
    order: Order
    request: SubmitOrder | CancelOrder | ReplaceOrder


class Outbox:
    """
    The queue in front of a broker: cancels first, then what reduces, then new risk.

    At a broker that keeps no number of ours two orders alike in their fingerprint cannot be
    told apart. So the fingerprint of an order is held from its sending until its outcome is
    known, and a new order that looks the same waits for that, letting the others pass.
    """

    def __init__(self) -> None:
        self._lanes: Final[dict[Lane, list[Parcel]]] = {lane: [] for lane in _ORDER}
        self._held: Final[dict[str, set[ClOrdId]]] = {}
        self._holds: Final[dict[ClOrdId, str]] = {}

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    def by_lane(self) -> dict[Lane, int]:
        """Return how many requests wait in each lane."""
        return {lane: len(waiting) for lane, waiting in self._lanes.items()}

    def put(self, parcel: Parcel) -> None:
        """Take a request in; one that waits here already is not taken twice."""
        lane = self._lanes[parcel.row.lane]
        if all(waiting.row.cl_ord_id != parcel.row.cl_ord_id for waiting in lane):
            insort(lane, parcel, key=_age)

    def take(self, venue_now: int) -> Parcel | None:
        """
        Remove and return the next request that may leave, None if none may.

        The lowest lane goes first, and the oldest within a lane. The slot of a new order is
        not taken by this: call `hold` before anything else happens.

        Args:
            venue_now: The exchange's time [ns, UTC].
        """
        for lane in self._lanes.values():
            for place, parcel in enumerate(lane):
                if not self._is_blocked(parcel) and not is_expired(parcel, venue_now):
                    return lane.pop(place)
        return None

    def expired(self, venue_now: int) -> list[Parcel]:
        """
        Remove and return what must not leave any more, oldest first.

        A cancel never is among them: late as it is, it can only take risk away.

        Args:
            venue_now: The exchange's time [ns, UTC].
        """
        return self.drop(lambda parcel: is_expired(parcel, venue_now))

    def drop(self, predicate: Callable[[Parcel], bool]) -> list[Parcel]:
        """Remove and return every request for which the predicate is true, oldest first."""
        dropped: list[Parcel] = []
        for lane in self._lanes.values():
            waiting, lane[:] = lane[:], ()
            for parcel in waiting:
                (dropped if predicate(parcel) else lane).append(parcel)
        return sorted(dropped, key=_age)

    def hold(self, cl_ord_id: ClOrdId, fingerprint: str) -> None:
        """Keep new orders that look like this one back until it is freed."""
        self.free(cl_ord_id)
        self._holds[cl_ord_id] = fingerprint
        self._held.setdefault(fingerprint, set()).add(cl_ord_id)

    def free(self, cl_ord_id: ClOrdId) -> None:
        """Give up what an order holds; one that holds nothing changes nothing."""
        fingerprint = self._holds.pop(cl_ord_id, None)
        if fingerprint is None:
            return
        holders = self._held[fingerprint]
        holders.discard(cl_ord_id)
        if not holders:
            del self._held[fingerprint]

    def _is_blocked(self, parcel: Parcel) -> bool:
        return isinstance(parcel.request, SubmitOrder) and parcel.row.fingerprint in self._held


_ORDER: Final = (Lane.CANCEL, Lane.REDUCE, Lane.NEW)


def _age(parcel: Parcel) -> ClOrdId:
    return parcel.row.cl_ord_id  # numbers are counted up as the core decides


def is_expired(parcel: Parcel, venue_now: int) -> bool:
    """Return whether a request is too late to leave [ns, UTC]; a cancel never is."""
    return parcel.row.lane is not Lane.CANCEL and parcel.row.expires_at <= venue_now
