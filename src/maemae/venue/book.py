"""Our own resting orders in one instrument, and the bar that it is in."""

from __future__ import annotations

from bisect import insort
from operator import attrgetter
from typing import Final

import msgspec

from maemae.domain.terms import Side
from maemae.venue.listing import Listing
from maemae.venue.tape_view import TapeView
from maemae.venue.working_order import WorkingOrder

_BUY: Final = Side.BUY
_by_rank = attrgetter("rank")


class Wake(msgspec.Struct, frozen=True, gc=False):
    """
    What a driver must not skip for the sake of resting orders.

    Attributes:
        any_next_bar: Whether the very next bar may fill something, whatever its prices.
        buy_at: Highest resting buy limit [won], 0 for none: visit bars whose low reaches it.
        sell_at: Lowest resting sell limit [won], 0 for none: visit bars whose high reaches it.
    """

    any_next_bar: bool
    buy_at: int
    sell_at: int


class Book(msgspec.Struct):
    """
    Resting orders by price-time priority, and where the bar stands.

    Attributes:
        buys, sells: Market orders first, then the best price, then the earliest entry.
        last: Last price seen [won], 0 if none.
        price: Current price inside a bar [won]; 0 between bars and in one that fills nothing.
        in_bar: Whether a bar has begun and not ended.
        high, low, close: Of the bar [won].
        allowance: What our orders may still fill in it [shares].
        locked: Side that fills nothing in it, None for neither.
        immediates: Number of resting orders that live for one print only.
        volume: Of the bar [shares]; only where orders have an impact.
        tape: What replayed trades and quotes have shown; None before the first.
    """

    listing: Listing
    buys: list[WorkingOrder] = []
    sells: list[WorkingOrder] = []
    last: int = 0
    price: int = 0
    in_bar: bool = False
    high: int = 0
    low: int = 0
    close: int = 0
    allowance: int = 0
    locked: Side | None = None
    immediates: int = 0
    volume: int = 0
    tape: TapeView | None = None

    @property
    def is_live(self) -> bool:
        """Whether an order that lives for one print only has met it once it has entered."""
        return self.in_bar or self.tape is not None

    def add(self, order: WorkingOrder) -> None:
        """Rest an order behind its equals."""
        queue = self.buys if order.side is _BUY else self.sells
        if queue:
            insort(queue, order, key=_by_rank)
        else:
            queue.append(order)
        if order.is_immediate:
            self.immediates += 1

    def remove(self, order: WorkingOrder) -> None:
        """Take an order out."""
        queue = self.buys if order.side is _BUY else self.sells
        for index, resting in enumerate(queue):
            if resting is order:
                del queue[index]
                self.immediates -= order.is_immediate
                return

    def drop_filled(self) -> None:
        """Take out whatever has nothing left to fill."""
        if self.buys:
            self.buys = [order for order in self.buys if order.leaves_qty]
        if self.sells:
            self.sells = [order for order in self.sells if order.leaves_qty]
        if self.immediates:
            self.immediates = sum(order.is_immediate for order in self.buys + self.sells)

    def wake(self) -> Wake:
        """Return what the resting orders wait for."""
        buys, sells, last = self.buys, self.sells, self.last
        if not buys and not sells:
            return _NOTHING
        if (buys and buys[0].is_market) or (sells and sells[0].is_market):
            return _NEXT_BAR
        buy_at = _best_limit(buys) if buys else 0
        sell_at = _best_limit(sells) if sells else 0
        any_next_bar = self.immediates > 0 or (last > 0 and (buy_at >= last or 0 < sell_at <= last))
        return Wake(any_next_bar, buy_at, sell_at)


def _best_limit(queue: list[WorkingOrder]) -> int:
    """Return the first limit of a queue [won]; 0 if it has none."""
    for order in queue:
        if not order.is_market:
            return order.limit
    return 0


_NEXT_BAR = Wake(any_next_bar=True, buy_at=0, sell_at=0)
_NOTHING = Wake(any_next_bar=False, buy_at=0, sell_at=0)
