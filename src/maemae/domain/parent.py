"""What a parent order waits for, and the parts in which it goes."""

from __future__ import annotations

import msgspec


class Crossing(msgspec.Struct, frozen=True, tag="CROSSING", gc=False):
    """
    Begin once the price is there; at once if it is already.

    Attributes:
        price: The level [won].
        above: Whether it is reached from below (at or above it) or from above (at or below).
    """

    price: int
    above: bool

    def is_reached(self, price: int) -> bool:
        """Return whether a price lies at the level or beyond."""
        return price >= self.price if self.above else price <= self.price


class Slice(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    One part of a parent order.

    Attributes:
        weight: Share of the whole, in proportion to the weights of the others [> 0].
        price: Limit [won]; None takes the parent's price or way.
        beyond: Limit as a distance from the last price when the parent begins [ppm]: below it
            for a buy, above it for a sale; None for none. Not together with `price`.
        after: How long after the part before it this one leaves [ns].
        follows: Whether it leaves only once the part before it has ended.
    """

    weight: int = 1
    price: int | None = None
    beyond: int | None = None
    after: int = 0
    follows: bool = False
