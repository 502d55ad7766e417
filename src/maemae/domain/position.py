"""What is held of one instrument, at average cost."""

from __future__ import annotations

import msgspec


class Position(msgspec.Struct, frozen=True, gc=False):
    """
    Shares held by one sleeve.

    The cost of what is sold is cut down to whole won and the rest stays with what is held,
    so that costs never drift however often a position is sold in part.

    Attributes:
        qty: Shares held; negative only if the broker sold more than there was, which halts
            the sleeve but is never forgotten.
        cost: What they cost, without charges [won, >= 0].
        opened_at: First buy since the position was last empty [ns, UTC].
    """

    qty: int = 0
    cost: int = 0
    opened_at: int = 0

    @property
    def avg_px(self) -> int:
        """Average cost, cut down to whole won [won a share]; 0 when nothing is held."""
        return self.cost // self.qty if self.qty > 0 else 0

    def bought(self, qty: int, px: int) -> tuple[int, int]:
        """
        Return how cost changes, and the profit, when qty [shares] come at px [won].

        Only shares that close a short position bring profit, a negative one.
        """
        covered = min(qty, -self.qty) if self.qty < 0 else 0
        return (qty - covered) * px, -covered * px

    def sold(self, qty: int, px: int) -> tuple[int, int]:
        """Return how cost changes, and the profit before charges, when qty go at px [won]."""
        cost = self.cost if qty >= self.qty else self.cost * qty // self.qty
        return -cost, qty * px - cost
