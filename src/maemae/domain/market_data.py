"""What a market feed tells: trades as they are seen."""

from __future__ import annotations

import msgspec

from maemae.domain.ids import Symbol


class Trade(msgspec.Struct, frozen=True, gc=False):
    """
    One print of the exchange.

    Attributes:
        px: Price [won].
        qty: Shares, always positive; the sign that some feeds use for the aggressor is gone.
        at: When it traded, by the exchange [ns, UTC].
    """

    symbol: Symbol
    px: int
    qty: int
    at: int
