"""What a strategy is told: a bar, a fill."""

from __future__ import annotations

from datetime import datetime

import msgspec

from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.terms import Side


class Bar(msgspec.Struct, frozen=True):
    """
    One bar of one instrument.

    Attributes:
        open, high, low, close: Prices [won].
        volume: Shares traded [shares].
        known: Instant at which it was complete [ns, UTC].
    """

    open: int
    high: int
    low: int
    close: int
    volume: int
    known: int

    @property
    def time(self) -> datetime:
        """When it was complete, Korean time."""
        return kst_datetime(self.known)


class Filled(msgspec.Struct, frozen=True, gc=False):
    """
    Shares of the strategy's that changed hands.

    Attributes:
        qty: How many [shares].
        px: At which price [won].
        at: When, at the exchange [ns, UTC].
        cl_ord_id: Our number of the order.
    """

    symbol: Symbol
    side: Side
    qty: int
    px: int
    at: int
    cl_ord_id: ClOrdId
