"""What replayed trades and quotes have shown of one instrument."""

from __future__ import annotations

import msgspec


class Quote(msgspec.Struct, frozen=True, gc=False):
    """
    The best prices of both sides.

    Attributes:
        bid, ask: Prices [won]; 0 for an empty side.
        bid_qty, ask_qty: What stands there, our own orders left out [shares].
    """

    bid: int
    bid_qty: int
    ask: int
    ask_qty: int

    def size_at(self, price: int, *, is_buy: bool) -> int | None:
        """Return what a side shows at a price [shares]; None behind its best, 0 in front of it."""
        best, qty = (self.bid, self.bid_qty) if is_buy else (self.ask, self.ask_qty)
        if best == 0 or (price > best if is_buy else price < best):
            return 0
        return qty if price == best else None


class TapeView(msgspec.Struct):
    """
    The instrument as the tape has it.

    Attributes:
        quote: The newest; None before the first and while nothing trades.
        single: Whether the next trade is an auction's print: the first of a session, of the time
            after a halt, of an interruption's end.
        pausing: Until when an interruption lasts [ns]; 0 for none.
        auction_px: Last price of an auction of the day [won]; 0 before one.
        last_at: When it traded last [ns].
        printed: Shares printed since something of ours began to rest.
        filled: Shares of those that were ours.
        at_bid, at_ask: Shares printed at the best prices since the newest quote.
    """

    quote: Quote | None = None
    single: bool = True
    pausing: int = 0
    auction_px: int = 0
    last_at: int = 0
    printed: int = 0
    filled: int = 0
    at_bid: int = 0
    at_ask: int = 0
