"""What becomes of parent orders: taken, begun, sent part by part, ended, with every share told."""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.intent import ParentIntent
from maemae.domain.terms import Term


@unique
class ParentEnd(Term):
    """Why a parent order sends nothing more."""

    DONE = "DONE"  # every part has ended
    REFUSED = "REFUSED"  # it came to no share, or its sleeve is gone
    EXPIRED = "EXPIRED"  # its sessions are over
    WITHDRAWN = "WITHDRAWN"  # the strategy or a person took it back
    KILLED = "KILLED"  # the kill switch
    LEFT = "LEFT"  # the position is being left: nothing is added to it
    RESTATED = "RESTATED"  # a corporate action made its prices and shares void


class Part(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    A part of a parent order as it is to be sent.

    Attributes:
        qty: Shares [>= 0]; a part of 0 is passed over.
        price: Limit [won, on the tick]; None for the parent's own price or way.
        after: How long after the part before it [ns].
        follows: Whether only once the part before it has ended.
        is_again: Whether it is what an earlier part did not get in its session.
    """

    qty: int
    price: int | None = None
    after: int = 0
    follows: bool = False
    is_again: bool = False


class ParentTaken(msgspec.Struct, frozen=True, tag="PARENT_TAKEN"):
    """A parent order waits for its time, its price or the market."""

    intent: ParentIntent


class ParentBegun(msgspec.Struct, frozen=True, tag="PARENT_BEGUN"):
    """The first session in which a parent order may send is open; its sessions count from here."""

    intent_id: IntentId


class ParentStarted(msgspec.Struct, frozen=True, tag="PARENT_STARTED"):
    """
    A parent order was sized; its parts follow.

    Attributes:
        parts: They add up to the whole.
    """

    intent_id: IntentId
    parts: tuple[Part, ...]


class SliceSent(msgspec.Struct, frozen=True, tag="SLICE_SENT", gc=False):
    """
    A part of a parent order had its turn.

    Attributes:
        cl_ord_id: Its order; None if it was refused, or nothing was left to sell.
        qty: Shares of that order.
    """

    intent_id: IntentId
    cl_ord_id: ClOrdId | None
    qty: int
    at: int


class SliceEnded(msgspec.Struct, frozen=True, tag="SLICE_ENDED", gc=False):
    """
    An order of a parent is closed.

    Attributes:
        filled: What it got [shares].
        again: What is sent again in the next session [shares].
    """

    cl_ord_id: ClOrdId
    filled: int
    again: int


class ParentEnded(msgspec.Struct, frozen=True, tag="PARENT_ENDED"):
    """
    A parent order sends nothing more.

    Attributes:
        qty: The whole [shares]; 0 if it was never sized. It is what was filled, what still
            works, and what was missed.
        filled: Of it, bought or sold by parts that have ended.
        working: Of it, still at the broker, which fills or ends by itself.
    """

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    end: ParentEnd
    qty: int
    filled: int
    working: int
    at: int

    @property
    def missed(self) -> int:
        """What was refused, canceled, or never sent [shares]."""
        return self.qty - self.filled - self.working


ParentFact = ParentTaken | ParentBegun | ParentStarted | SliceSent | SliceEnded | ParentEnded
