"""
The exchange's matching on bars: which resting order fills, when, how much and at what price.

A driver walks each bar as a path of prices: its open, then any points up to its end. Our
orders trade with the bar, never with each other, and share its allowance.
"""

from __future__ import annotations

from collections.abc import KeysView
from typing import Final

from maemae.domain.errors import UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from maemae.venue.assumptions import Assumptions
from maemae.venue.book import Book
from maemae.venue.listing import Listing
from maemae.venue.working_order import Match, WorkingOrder


class Venue:
    """
    Fills orders by price-time priority; knows no money.

    It changes `leaves_qty` of the orders it fills and forgets the ones it has filled.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._reaches = assumptions.limit_fill.reaches
        self._allowance = assumptions.participation.allowance
        self._is_still = assumptions.halt.is_still
        self._is_locked = assumptions.lock.is_locked
        self._books: dict[Symbol, Book] = {}
        self._resting: dict[Symbol, Book] = {}
        self._in_auction = False

    @property
    def resting_symbols(self) -> KeysView[Symbol]:
        """Instruments with resting orders, in the order in which they began to rest."""
        return self._resting.keys()

    def list_instrument(self, listing: Listing) -> None:
        """Say what holds for an instrument from now on; its orders and bar stay."""
        symbol = listing.instrument.symbol
        book = self._books.get(symbol)
        if book is None:
            self._books[symbol] = Book(listing)
        else:
            book.listing = listing
            if listing.is_halted:
                book.price = 0

    def set_phase(self, phase: Phase) -> None:
        """Say which phase the market is in; inside a call auction only prints fill."""
        self._in_auction = self._assumptions.auction.is_single_price(phase)

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
        book.locked = None
        if high == low:
            self._lock(book, high, low)
        if book.buys or book.sells:
            return self._fill(book, open_price, open_price)
        return []

    def move(self, book: Book, price: int) -> list[Match]:
        """Walk to a price [won]: limits on the way fill at their limit."""
        before = book.price
        if before == 0:
            return []
        book.price = book.last = price
        if not book.buys and not book.sells:
            return []
        return self._fill(book, price if self._in_auction else before, price)

    def end_bar(self, book: Book) -> None:
        """Leave the bar; the next price is the next bar's open."""
        if book.price:
            book.last = book.close
            book.price = 0
        book.in_bar = False

    def enter(self, book: Book, order: WorkingOrder) -> list[Match]:
        """Take a new order: it trades at once if it can, and what is left rests."""
        matches: list[Match] = []
        if book.price and not self._in_auction and not book.listing.is_call_auction:
            self._take(book, order, matches)
        if order.leaves_qty and not (order.is_immediate and book.in_bar):
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

    def _fill(self, book: Book, before: int, price: int) -> list[Match]:
        """
        Fill what the path from `before` to `price` reaches, sells before buys.

        A print is the path from a price to itself: every order fills at that price.
        """
        matches: list[Match] = []
        if book.sells and book.locked is not _SELL:
            self._fill_sells(book, before, price, matches)
        if book.buys and book.locked is not _BUY:
            self._fill_buys(book, before, price, matches)
        if matches:
            book.drop_filled()
            if not book.buys and not book.sells:
                self._resting.pop(matches[0].order.symbol)
        return matches

    def _fill_sells(self, book: Book, before: int, price: int, matches: list[Match]) -> None:
        highest = max(before, price)
        for order in book.sells:
            if order.is_market:
                self._trade(book, order, price, matches)
            elif self._reaches(_SELL, order.limit, highest):
                self._trade(book, order, max(order.limit, before), matches)
            else:
                return

    def _fill_buys(self, book: Book, before: int, price: int, matches: list[Match]) -> None:
        lowest = min(before, price)
        for order in book.buys:
            if order.is_market:
                if price <= order.limit:
                    self._trade(book, order, price, matches)
            elif self._reaches(_BUY, order.limit, lowest):
                self._trade(book, order, min(order.limit, before), matches)
            else:
                return

    def _take(self, book: Book, order: WorkingOrder, matches: list[Match]) -> None:
        """Trade a new order against the current price, slippage included."""
        if book.locked is order.side:
            return
        side, price = order.side, book.price
        if order.is_market:
            crosses = side is _SELL or price <= order.limit
        else:
            crosses = self._reaches(side, order.limit, price)
        if crosses:
            self._trade(book, order, self._slipped(book, order), matches)

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

    def _trade(self, book: Book, order: WorkingOrder, px: int, matches: list[Match]) -> None:
        qty = order.leaves_qty
        if qty > book.allowance:
            qty = 0 if order.is_all_or_none else book.allowance
        if qty == 0:
            return
        book.allowance -= qty
        order.leaves_qty -= qty
        matches.append(Match(order, qty, px))


# Python 3.11 looks a member up on its enumeration as slowly as it makes a report.
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
