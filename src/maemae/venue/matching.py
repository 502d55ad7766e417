"""
The exchange's matching on bars: which resting order fills, when, how much and at what price.

A driver walks each bar as a path of prices: its open, then any points up to its end. Our
orders trade with the bar, never with each other, and share its allowance.
"""

from __future__ import annotations

from collections.abc import KeysView
from typing import Final, TypeVar

from maemae.domain.errors import UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from maemae.venue.assumptions import Assumptions, ThroughFill
from maemae.venue.book import Book
from maemae.venue.daily_limit import LimitTouch
from maemae.venue.impact import NoImpact
from maemae.venue.listing import Listing
from maemae.venue.queue_position import NoQueue
from maemae.venue.tape_matching import TapeMatching
from maemae.venue.working_order import Match, WorkingOrder

M = TypeVar("M")


class Venue:
    """
    Fills orders by price-time priority; knows no money.

    It changes `leaves_qty` of the orders it fills and forgets the ones it has filled.

    Attributes:
        phase: Phase of the market.
        in_auction: Whether every print is one price for all.
        tape: Matches where single trades and quotes are replayed instead of bars.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        is_alone = isinstance(assumptions.queue, NoQueue)  # bars show nobody else's place
        self._reaches = (assumptions.limit_fill if is_alone else ThroughFill()).reaches
        self._allowance = assumptions.participation.allowance
        self._is_still = assumptions.halt.is_still
        self._is_locked = assumptions.lock.is_locked
        self._auction_allowance = assumptions.auction_share.allowance
        self._opens_at_one_price = assumptions.auction.opens_at_one_price
        self._waits = _unless(assumptions.limit_queue, LimitTouch)
        self._impact = _unless(assumptions.impact, NoImpact)
        self._books: dict[Symbol, Book] = {}
        self._resting: dict[Symbol, Book] = {}
        self.tape = TapeMatching(assumptions, self)
        self.phase = Phase.CLOSED
        self.in_auction = False

    @property
    def resting_symbols(self) -> KeysView[Symbol]:
        """Instruments with resting orders, in the order in which they began to rest."""
        return self._resting.keys()

    def list_instrument(self, listing: Listing) -> None:
        """Say what holds for an instrument from now on; its orders and bar stay."""
        symbol = listing.instrument.symbol
        book = self._books.get(symbol)
        if book is None:
            self._books[symbol] = Book(listing, tape=self.tape.first_view())
        else:
            if book.tape is not None:
                self.tape.relist(book, listing)
            book.listing = listing
            if listing.is_halted:
                book.price = 0

    def set_phase(self, phase: Phase) -> None:
        """Say which phase the market is in; inside a call auction only prints fill."""
        self.phase = phase
        self.in_auction = self._assumptions.auction.is_single_price(phase)

    def find_book(self, symbol: Symbol) -> Book | None:
        """Return the resting orders and the bar of an instrument, None if it is not listed."""
        return self._books.get(symbol)

    def get_book(self, symbol: Symbol) -> Book:
        """
        Return the resting orders and the bar of an instrument.

        Raises:
            UnknownSymbolError: It was never listed.
        """
        book = self._books.get(symbol)
        if book is None:
            raise UnknownSymbolError(
                f"{symbol} 은 이 거래소에 없습니다. 먼저 set_instrument 로 등록하세요.",
                f"{symbol} is not listed here. Call set_instrument first.",
            )
        return book

    def retell(self, symbol: Symbol, up: int, down: int) -> None:
        """Tell the last price of an instrument in new shares, `up / down` of what it was."""
        book = self._books.get(symbol)
        if book is not None:
            book.last = max(min(book.last, 1), book.last * up // down)

    def begin_bar(
        self, book: Book, open_price: int, high: int, low: int, close: int, volume: int
    ) -> list[Match]:
        """Print the open [won]: one price for every order at or through it."""
        book.in_bar = True
        if book.listing.is_halted or self._is_still(open_price, volume):
            book.price = 0
            return []
        book.price = book.last = open_price
        book.high = high
        book.low = low
        book.close = close
        book.allowance = self._allowance(volume)
        if self.in_auction:
            book.allowance = self._auction_allowance(volume, book.allowance)
        book.locked = None
        if high == low:
            self._lock(book, high, low)
        if self._impact is not None:
            book.volume = volume
        if not book.buys and not book.sells:
            return []
        if self._opens_at_one_price:
            return self._fill(book, open_price, open_price)
        return self._fill(book, 0, open_price)

    def move(self, book: Book, price: int) -> list[Match]:
        """Walk to a price [won]: limits on the way fill at their limit."""
        before = book.price
        if before == 0:
            return []
        book.price = book.last = price
        if not book.buys and not book.sells:
            return []
        return self._fill(book, price if self.in_auction else before, price)

    def end_bar(self, book: Book) -> None:
        """Leave the bar; the next price is the next bar's open."""
        if book.price:
            book.last = book.close
            book.price = 0
        book.in_bar = False

    def enter(self, book: Book, order: WorkingOrder) -> list[Match]:
        """Take a new order: it trades at once if it can, and what is left rests."""
        matches: list[Match] = []
        if book.price:
            if not self.in_auction and not book.listing.is_call_auction:
                self._take(book, order, matches)
        elif book.tape is not None:
            self.tape.enter(book, order, matches)
        if order.leaves_qty and not (order.is_immediate and book.is_live):
            book.add(order)
            self._resting[order.symbol] = book
        return matches

    def remove(self, order: WorkingOrder) -> None:
        """Forget a resting order."""
        book = self._books[order.symbol]
        book.remove(order)
        if not book.buys and not book.sells:
            self._resting.pop(order.symbol)

    def resting(self, symbol: Symbol) -> list[WorkingOrder]:
        """Return the resting orders of an instrument, sells first, each side by priority."""
        book = self._resting.get(symbol)
        return [] if book is None else book.sells + book.buys

    def _lock(self, book: Book, high: int, low: int) -> None:
        for side in Side:
            if self._is_locked(side, high, low, book.listing.band):
                book.locked = side

    def print_at_one_price(self, book: Book, price: int, allowance: int) -> list[Match]:
        """Fill every order at or through an auction's print, within an allowance [shares]."""
        book.last = price
        book.allowance, book.locked = allowance, None
        return self._fill(book, price, price) if book.buys or book.sells else []

    def drop_filled(self, book: Book, matches: list[Match]) -> None:
        """Forget what was filled."""
        if matches:
            book.drop_filled()
            if not book.buys and not book.sells:
                self._resting.pop(matches[0].order.symbol)

    def _fill(self, book: Book, before: int, price: int) -> list[Match]:
        """
        Fill what the path from `before` to `price` reaches, sells before buys.

        A print is the path from a price to itself: every order fills at that price. From 0 on, each
        fills at its own limit: what lies between came one after the other.
        """
        matches: list[Match] = []
        queues = self._waits is not None
        if book.sells and book.locked is not _SELL:
            fills = not queues or not self._stands(book, _SELL, max(before, price))
            if fills:
                self._fill_sells(book, before, price, matches)
        if book.buys and book.locked is not _BUY:
            fills = not queues or not self._stands(book, _BUY, min(before or price, price))
            if fills:
                self._fill_buys(book, before, price, matches)
        self.drop_filled(book, matches)
        return matches

    def _stands(self, book: Book, side: Side, price: int) -> bool:
        """Return whether a side queues at the daily limit at the best price of a path."""
        band = book.listing.band
        return self._waits is not None and band is not None and self._waits.waits(side, price, band)

    def _fill_sells(self, book: Book, before: int, price: int, matches: list[Match]) -> None:
        highest = max(before, price)
        for order in book.sells:
            if order.is_market:
                px = price if self._impact is None else self._pushed(book, order, price)
                self._trade(book, order, px, matches)
            elif self._reaches(_SELL, order.limit, highest):
                self._trade(book, order, max(order.limit, before), matches)
            else:
                return

    def _fill_buys(self, book: Book, before: int, price: int, matches: list[Match]) -> None:
        lowest = min(before, price) if before else price
        for order in book.buys:
            if order.is_market:
                if price <= order.limit:
                    px = price if self._impact is None else self._pushed(book, order, price)
                    self._trade(book, order, px, matches)
            elif self._reaches(_BUY, order.limit, lowest):
                self._trade(book, order, min(order.limit, before or order.limit), matches)
            else:
                return

    def _take(self, book: Book, order: WorkingOrder, matches: list[Match]) -> None:
        """Trade a new order against the current price, slippage included."""
        if book.locked is order.side:
            return
        side, price = order.side, book.price
        if self._waits is not None and self._stands(book, side, price):
            return
        if order.is_market:
            crosses = side is _SELL or price <= order.limit
        else:
            crosses = self._reaches(side, order.limit, price)
        if crosses:
            px = self._slipped(book, order)
            if self._impact is not None:
                px = self._pushed(book, order, px)
            self._trade(book, order, px, matches)

    def _slipped(self, book: Book, order: WorkingOrder) -> int:
        """Return the current price moved against us, inside bar, band and limit."""
        listing = book.listing
        band = listing.band
        slipped = self._assumptions.slippage.price(order.side, book.price, listing.table)
        if order.side is _BUY:
            ceiling = book.high if band is None else min(book.high, band.upper)
            return min(max(book.price, min(slipped, ceiling)), order.limit)
        floor = book.low if band is None else max(book.low, band.lower)
        return max(min(book.price, max(slipped, floor)), order.limit)

    def _pushed(self, book: Book, order: WorkingOrder, px: int) -> int:
        """Return a price after the impact of taking it, on the tick, inside band and limit."""
        qty = min(order.leaves_qty, book.allowance)
        if self._impact is None or qty == 0:
            return px
        distance = self._impact.distance(px, qty, book.volume)
        table, band = book.listing.table, book.listing.band
        if order.side is _BUY:
            moved = px + distance if table is None else table.ceil(px + distance)
            return min(moved, order.limit, moved if band is None else band.upper)
        moved = max(1, px - distance)
        if table is not None:
            moved = table.floor(max(moved, table.lowest))
        return max(moved, order.limit, moved if band is None else band.lower)

    def _trade(self, book: Book, order: WorkingOrder, px: int, matches: list[Match]) -> None:
        qty = order.leaves_qty
        if qty > book.allowance:
            qty = 0 if order.is_all_or_none else book.allowance
        if qty == 0:
            return
        book.allowance -= qty
        order.leaves_qty -= qty
        matches.append(Match(order, qty, px))


def _unless(model: M, unused: type) -> M | None:
    """Return a model, None where it is the one that does nothing: most runs have that."""
    return None if isinstance(model, unused) else model


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
