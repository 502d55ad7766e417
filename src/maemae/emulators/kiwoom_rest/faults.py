"""What goes wrong at the emulated server: by count, by share, or until it is switched off."""

from __future__ import annotations

from collections.abc import Iterable
from enum import unique
from typing import Generic, TypeVar

import msgspec

from maemae.domain.terms import Term
from maemae.emulators.unreliable_line import UnreliableLine

_Frame = TypeVar("_Frame")


@unique
class LostReply(Term):
    """What becomes of the connection when an answer is lost."""

    SILENT = "SILENT"  # it stays, the answer never comes
    CUT = "CUT"  # it is cut before the first byte


class Faults(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What is wrong; the default is nothing. Shares are parts per million, drawn from the seed.

    Attributes:
        slow_by: How long every REST answer waits [ns of wall time].
        tail: How long an order is in no list after it was taken [ns of wall time].
        lose_next, lose_ppm: Orders that are carried out and never answered.
        lost_reply: How.
        rate_next: Requests that are refused with 429 although the quota is kept.
        refuse_next: Orders that are refused by the order system, nothing done.
        ghosts: Whether an order that is refused with 429 is taken all the same.
        frames_first: Whether order frames leave before the answer to the request.
        duplicate_ppm, drop_ppm: Order frames that come twice, and never.
        drop_next: Order frames that never come, by count.
        reorder: Order frames that are held and told in another order; 0 or 1 for none.
        late_by: How long every order frame waits [ns of wall time].
        frozen: No price is streamed; the socket answers and pings.
        silent: Nothing leaves any socket any more while it stays open.
        closes_early: Every new socket is closed with code 1000 at once.
        mid_next: Prints that are told off the tick, between the best bid and ask.
        fail_page: Number of the page, from 1, that every list fails at; 0 for none.
        stuck_page: Number of the page, from 1, that every list leaves empty and says there is more,
            under the key that it was asked by; 0 for none.
        sentinel: Charts end in a page with one blank row that says there is more.
        bad_device: Every request is refused with 8050.
        maintenance: Every request gets a page of HTML, sockets are closed.
    """

    slow_by: int = 0
    tail: int = 0
    lose_next: int = 0
    lose_ppm: int = 0
    lost_reply: LostReply = LostReply.SILENT
    rate_next: int = 0
    refuse_next: int = 0
    ghosts: bool = False
    frames_first: bool = False
    duplicate_ppm: int = 0
    drop_ppm: int = 0
    drop_next: int = 0
    reorder: int = 0
    late_by: int = 0
    frozen: bool = False
    silent: bool = False
    closes_early: bool = False
    mid_next: int = 0
    fail_page: int = 0
    stuck_page: int = 0
    sentinel: bool = False
    bad_device: bool = False
    maintenance: bool = False


class FaultSwitch(Generic[_Frame]):
    """
    The faults that are on.

    Args:
        faults: From the start.
        seed: Of what is drawn.

    Attributes:
        now: The faults, counts as they were set.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self._line = UnreliableLine[_Frame](seed)
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """Have these faults from now on; release what is held before."""
        self.now = faults
        self._left = {
            name: getattr(faults, name)
            for name in faults.__struct_fields__
            if name.endswith("_next")
        }

    def takes(self, name: str) -> bool:
        """Return whether a fault that counts down is due once more, and count it."""
        if not self._left[name]:
            return False
        self._left[name] -= 1
        return True

    def take_loss(self) -> LostReply | None:
        """Return how the answer to an order is lost, None if it is not."""
        is_due = self.takes("lose_next") or self._line.draws(self.now.lose_ppm)
        return self.now.lost_reply if is_due else None

    def distort(self, frames: Iterable[_Frame]) -> list[_Frame]:
        """Return which of these order frames leave now: dropped, twice, held back."""
        now, left = self.now, [frame for frame in frames if not self._is_dropped()]
        return self._line.passed(left, duplicate_ppm=now.duplicate_ppm, reorder=now.reorder)

    def release(self) -> list[_Frame]:
        """Return what was held back, in an order of its own."""
        return self._line.release()

    def _is_dropped(self) -> bool:
        return self.takes("drop_next") or self._line.draws(self.now.drop_ppm)
