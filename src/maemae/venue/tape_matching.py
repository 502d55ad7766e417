"""
The exchange's matching where every trade and quote of the market is replayed.

A resting order has a place among the others at its price. A new one meets the quote: it trades for
what is shown at the other side's best price, and the rest takes its place. What is shown behind the
best price is not known, so no order trades through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from maemae.domain.terms import Side
from maemae.krx.halt import VI_AUCTION
from maemae.krx.session import Phase
from maemae.venue.assumptions import Assumptions
from maemae.venue.book import Book
from maemae.venue.interruption import Move, NoInterruption
from maemae.venue.listing import Listing
from maemae.venue.queue_position import NoQueue
from maemae.venue.tape_view import Quote, TapeView
from maemae.venue.working_order import Match, WorkingOrder


class Market(Protocol):
    """What the matching on a tape needs of the venue around it."""

    phase: Phase
    in_auction: bool

    def print_at_one_price(self, book: Book, price: int, allowance: int) -> list[Match]:
        """Fill every order at or through an auction's print, within an allowance [shares]."""

    def drop_filled(self, book: Book, matches: list[Match]) -> None:
        """Forget what was filled."""


class TapeMatching:
    """
    Trades and quotes of a tape against our resting orders.

    Of all that prints while something of ours rests, at most the share that the participation
    model says is ours.
    """

    def __init__(self, assumptions: Assumptions, market: Market) -> None:
        self._market = market
        self._is_followed = False
        self._reaches = assumptions.limit_fill.reaches
        self._allowance = assumptions.participation.allowance
        self._auction_allowance = assumptions.auction_share.allowance
        self._waits = assumptions.limit_queue.waits
        self._queue = assumptions.queue
        self._has_queue = not isinstance(assumptions.queue, NoQueue)
        self._interruption = assumptions.interruption
        self._interrupts = not isinstance(assumptions.interruption, NoInterruption)
        self._opens_at_one_price = assumptions.auction.opens_at_one_price

    def print_trade(self, book: Book, price: int, qty: int, at: int) -> list[Match]:
        """Let the market trade that many shares at a price [won], once."""
        view = self._view(book)
        if book.listing.is_halted or qty <= 0:
            return []
        if self._interrupts and self._is_held_up(book, view, price, at):
            return []
        single = view.single or self._market.in_auction or book.listing.is_call_auction
        view.single = False
        view.pausing = 0
        view.last_at = at
        view.printed += qty
        if single:
            view.auction_px = price
            usual = self._allowance(qty)
            allowance = self._auction_allowance(qty, usual)
            matches = self._market.print_at_one_price(book, price, allowance)
            view.filled += sum(match.qty for match in matches)
            self._join_again(book)
        else:
            book.last = price
            matches = self._meet(book, view, price, qty)
        return matches

    def quote(self, book: Book, quote: Quote) -> None:
        """Take in the best prices; what left at our price untraded may have been before us."""
        view = self._view(book)
        if self._has_queue:
            self._move_up(book.buys, view, quote, is_buy=True)
            self._move_up(book.sells, view, quote, is_buy=False)
        view.quote = None if book.listing.is_halted else quote
        view.at_bid = view.at_ask = 0

    def enter(self, book: Book, order: WorkingOrder, matches: list[Match]) -> None:
        """Let a new order trade with the quote, and give what is left its place."""
        view = self._view(book)
        if not book.buys and not book.sells:
            view.printed = view.filled = 0
        is_open = not (view.single or self._market.in_auction or book.listing.is_call_auction)
        quote = view.quote
        if quote is not None and is_open and order.at >= view.pausing:
            self._take(book, view, quote, order, matches)
        if order.leaves_qty and self._has_queue and not order.is_market:
            shown = None if view.quote is None else _size(view.quote, order)
            order.ahead = self._queue.joins(shown)

    def relist(self, book: Book, listing: Listing) -> None:
        """Wait for an auction's print on a new day and after a halt; a quote of before is void."""
        view = self._view(book)
        before = book.listing
        is_new_day = listing.session_date != before.session_date
        if is_new_day:
            view.auction_px = view.pausing = view.last_at = 0
        if is_new_day or listing.is_halted is not before.is_halted:
            view.quote = None
            view.single = self._opens_at_one_price

    def is_pausing(self, book: Book, at: int) -> bool:
        """Return whether orders only gather because of an interruption."""
        return book.tape is not None and at < book.tape.pausing

    def follow(self) -> None:
        """Expect single trades and quotes from now on, of every instrument."""
        self._is_followed = True

    def first_view(self) -> TapeView | None:
        """Return what is known of an instrument before its first trade; None where bars tell."""
        return TapeView(single=self._opens_at_one_price) if self._is_followed else None

    def _join_again(self, book: Book) -> None:
        """Put what an auction left unfilled behind all that quotes will show."""
        if self._has_queue:
            for order in (*book.buys, *book.sells):
                order.ahead = self._queue.joins(None)

    def _view(self, book: Book) -> TapeView:
        if book.tape is None:
            book.tape = TapeView(single=self._opens_at_one_price)
        return book.tape

    def _is_held_up(self, book: Book, view: TapeView, price: int, at: int) -> bool:
        """Return whether a price is only indicative, because it interrupts or one still goes on."""
        if at < view.pausing:
            return True
        if view.pausing:  # its print never interrupts
            view.single = True
            return False
        base = book.listing.base_price
        if base is None or (view.single and view.last_at == 0):
            return False
        move = Move(
            price=price,
            last=book.last or base,
            auction=view.auction_px or base,
            day=book.listing.session_date,
            phase=self._market.phase,
        )
        pause = self._interruption.pause(book.listing, move)
        if pause == 0:
            return False
        if at - view.last_at >= VI_AUCTION:  # the market itself was silent for the auction
            view.single = True
            return False
        view.pausing = at + pause
        view.quote = None
        return True

    def _meet(self, book: Book, view: TapeView, price: int, qty: int) -> list[Match]:
        """Fill what a trade of continuous trading reaches, in the order of the queue."""
        quote, matches = view.quote, list[Match]()
        if quote is not None:
            view.at_bid += qty if price == quote.bid else 0
            view.at_ask += qty if price == quote.ask else 0
        for side, queue in ((_SELL, book.sells), (_BUY, book.buys)):
            if queue and not self._stands(book, side, price):
                self._fill(view, queue, price, qty, matches)
        self._market.drop_filled(book, matches)
        return matches

    def _stands(self, book: Book, side: Side, price: int) -> bool:
        band = book.listing.band
        return band is not None and self._waits(side, price, band)

    def _fill(
        self,
        view: TapeView,
        queue: Sequence[WorkingOrder],
        price: int,
        qty: int,
        matches: list[Match],
    ) -> None:
        """Give our orders of one side what a print leaves for them."""
        left = qty
        allowance = self._allowance(view.printed) - view.filled
        for order in queue:
            is_buy = order.side is _BUY
            if order.is_market:
                can, px = (0 if is_buy and price > order.limit else left), price
            elif price < order.limit if is_buy else price > order.limit:
                can, px = left, order.limit  # traded through: all at the limit is gone
                order.ahead = 0
            elif price == order.limit:
                can, px = self._reached(order, left), price
            else:
                return
            filled = min(can, order.leaves_qty, allowance)
            if filled > 0 and not (order.is_all_or_none and filled < order.leaves_qty):
                order.leaves_qty -= filled
                left -= filled
                allowance -= filled
                view.filled += filled
                matches.append(Match(order, filled, px))

    def _reached(self, order: WorkingOrder, left: int) -> int:
        """Return how much of a trade at its limit comes to an order, and move it up."""
        if not self._has_queue:
            return left if self._reaches(order.side, order.limit, order.limit) else 0
        if order.ahead is None:
            return 0
        before = min(order.ahead, left)
        order.ahead -= before
        return left - before

    def _take(
        self, book: Book, view: TapeView, quote: Quote, order: WorkingOrder, matches: list[Match]
    ) -> None:
        """Trade a new order for what the other side shows."""
        is_buy = order.side is _BUY
        price, shown = (quote.ask, quote.ask_qty) if is_buy else (quote.bid, quote.bid_qty)
        if price == 0 or (price > order.limit if is_buy else price < order.limit):
            return
        band = book.listing.band
        if band is not None and price not in band:
            return
        qty = min(order.leaves_qty, shown)
        if qty == 0 or (order.is_all_or_none and qty < order.leaves_qty):
            return
        order.leaves_qty -= qty
        matches.append(Match(order, qty, price))
        view.quote = (
            Quote(quote.bid, quote.bid_qty, quote.ask, shown - qty)
            if is_buy
            else Quote(quote.bid, shown - qty, quote.ask, quote.ask_qty)
        )

    def _move_up(
        self, queue: Sequence[WorkingOrder], view: TapeView, quote: Quote, *, is_buy: bool
    ) -> None:
        """Bring the places of one side up to a new quote."""
        before = view.quote
        for order in queue:
            if order.is_market:
                continue
            now = quote.size_at(order.limit, is_buy=is_buy)
            if now is None:  # behind the best price: nothing is shown
                continue
            was = None if before is None else before.size_at(order.limit, is_buy=is_buy)
            if order.ahead is None:
                order.ahead = self._queue.joins(now)
                continue
            if was is not None:
                traded = view.at_bid if is_buy else view.at_ask
                gone = was - traded - now
                if gone > 0:
                    order.ahead = self._queue.shrinks(order.ahead, gone, was - traded)
            order.ahead = min(order.ahead, now)


def _size(quote: Quote, order: WorkingOrder) -> int | None:
    return quote.size_at(order.limit, is_buy=order.side is _BUY)


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
