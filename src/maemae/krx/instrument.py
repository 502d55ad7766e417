"""What the rules of the Korean market need to know about one listed instrument."""

from __future__ import annotations

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product


class Instrument(msgspec.Struct, frozen=True):
    """
    One listed instrument, as it stands on one day.

    Attributes:
        symbol: KRX short code.
        name: Korean name, for screens only.
        market: Board on which it is listed; ETFs and ETNs are on KOSPI, gold counts as if it were.
        product: Kind; decides tick, band and tax.
        listed_shares: Shares outstanding [shares]; 0 where unknown.
        leverage: Signed multiple of an ETF or ETN (2 leveraged, -1 inverse, -2 double
            inverse); 1 for everything else. Multiples below 1 are listed as 1.
    """

    symbol: Symbol
    name: str
    market: Market
    product: Product
    listed_shares: int = 0
    leverage: int = 1
