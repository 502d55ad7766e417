"""Who leaves the outbox next, whatever is put in, held, freed and taken meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from maemae.core.actions import SubmitOrder
from maemae.ports import Lane
from maemae.trading.outbox import Outbox, Parcel
from tests.parcels import a_parcel


class Step(NamedTuple):
    """
    What happens to an outbox: a request comes, the next is taken, or an outcome frees a slot.

    Attributes:
        price: Of the order put in: equal ones look alike at the broker.
    """

    what: str
    lane: Lane = Lane.NEW
    price: int = 10_000
    lasts: int = 5


LANES = st.sampled_from([Lane.CANCEL, Lane.REDUCE, Lane.NEW])
PRICES = st.sampled_from([9_900, 10_000])
steps = st.lists(
    st.builds(Step, st.just("put"), LANES, PRICES, st.integers(1, 40))
    | st.builds(Step, st.sampled_from(["take", "take", "free"])),
    max_size=40,
)


def faults(outbox: Outbox, steps: Sequence[Step]) -> list[str]:
    """Run the steps, a unit of time each, and return which promise was broken."""
    waiting: dict[int, Parcel] = {}
    held: dict[int, str] = {}
    found: list[str] = []
    for now, step in enumerate(steps):
        if step.what == "put":
            parcel = a_parcel(now + 1, step.lane, price=step.price, expires_at=now + step.lasts)
            waiting[now + 1] = parcel
            outbox.put(parcel)
        elif step.what == "take":
            found += _take(outbox, waiting, held, now)
        elif held:
            number = min(held)
            del held[number]
            outbox.free(a_parcel(number).row.cl_ord_id)
    return found


def _take(outbox: Outbox, waiting: dict[int, Parcel], held: dict[int, str], now: int) -> list[str]:
    may_go = sorted(
        (parcel.row.lane, number)
        for number, parcel in waiting.items()
        if not _is_blocked(parcel, held)
        and (parcel.row.lane is Lane.CANCEL or parcel.row.expires_at > now)
    )
    taken = outbox.take(now)
    if taken is None:
        return [f"{may_go[0]} may go and does not"] if may_go else []
    number = taken.row.cl_ord_id
    was_waiting = waiting.pop(number, None)
    if isinstance(taken.request, SubmitOrder):
        outbox.hold(number, taken.row.fingerprint)
        held[number] = taken.row.fingerprint
    if was_waiting is None:
        return [f"{number} left twice"]
    key = (taken.row.lane, number)
    return [] if may_go and may_go[0] == key else [f"{key} left although {may_go[:1]} ought to"]


def _is_blocked(parcel: Parcel, held: dict[int, str]) -> bool:
    return isinstance(parcel.request, SubmitOrder) and parcel.row.fingerprint in held.values()


@given(steps)
def test_outbox_lets_go_by_lane_then_age_and_never_two_alike(steps: list[Step]) -> None:
    assert faults(Outbox(), steps) == []


@given(steps, st.integers(0, 60))
def test_outbox_when_time_passes_tells_each_request_once(steps: list[Step], later: int) -> None:
    outbox = Outbox()
    numbers = []
    for now, step in enumerate(steps):
        if step.what == "put":
            parcel = a_parcel(now + 1, step.lane, price=step.price, expires_at=now + step.lasts)
            numbers.append(parcel.row.cl_ord_id)
            outbox.put(parcel)

    gone = outbox.expired(later)
    left = []
    while (parcel_left := outbox.take(later)) is not None:
        left.append(parcel_left)

    assert all(parcel.row.expires_at <= later for parcel in gone)
    assert all(parcel.row.lane is not Lane.CANCEL for parcel in gone)
    assert sorted(parcel.row.cl_ord_id for parcel in (*gone, *left)) == numbers


class FifoOutbox(Outbox):
    """Lets everything go in the order it came."""

    def take(self, venue_now: int) -> Parcel | None:
        """Take the oldest."""
        parcels = sorted(
            (parcel for lane in self._lanes.values() for parcel in lane),
            key=lambda parcel: parcel.row.cl_ord_id,
        )
        for parcel in parcels:
            if not self._is_blocked(parcel):
                self._lanes[parcel.row.lane].remove(parcel)
                return parcel
        return None


class BlockingOutbox(Outbox):
    """Lets nobody pass an order that waits for its slot."""

    def take(self, venue_now: int) -> Parcel | None:
        """Take the first of the lowest lane, or nothing."""
        for lane in self._lanes.values():
            if lane:
                return None if self._is_blocked(lane[0]) else lane.pop(0)
        return None


class SlotlessOutbox(Outbox):
    """Lets orders go that cannot be told apart."""

    def hold(self, cl_ord_id: object, fingerprint: str) -> None:
        """Hold nothing."""


@pytest.mark.parametrize("mutant", [FifoOutbox, BlockingOutbox, SlotlessOutbox])
def test_checker_when_the_outbox_is_naive_finds_a_fault(mutant: type[Outbox]) -> None:
    found = find(
        steps,
        lambda steps: bool(faults(mutant(), steps)),
        settings=settings(max_examples=4_000, database=None, phases=[Phase.generate]),
    )

    assert faults(Outbox(), found) == []
