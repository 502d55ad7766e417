"""Single trades and quotes on their way into a house, in place of bars."""

from __future__ import annotations

from collections.abc import Callable

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import Symbol
from maemae.venue.matching import Venue
from maemae.venue.tape_view import Quote
from maemae.venue.working_order import Match


class TapeFeed:
    """
    How a house is told of every trade of the market.

    Bars and trades at once make no sense: a bar is the sum of its trades.
    """

    def __init__(self, venue: Venue, book: Callable[[Match, int], ExecutionReport]) -> None:
        self._venue = venue
        self._book = book

    def follow(self) -> None:
        """Expect trades and quotes; say so before the first instrument is set."""
        self._venue.tape.follow()

    def trade(self, symbol: Symbol, price: int, qty: int, at: int) -> list[ExecutionReport]:
        """
        Print one trade of the market: `qty` shares at a price [won].

        The first of a session, after a halt and after an interruption is an auction's print.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        matches = self._venue.tape.print_trade(self._venue.get_book(symbol), price, qty, at)
        return [self._book(match, at) for match in matches]

    def quote(self, symbol: Symbol, quote: Quote) -> None:
        """
        Show the best prices of both sides; they fill nothing that rests, only what enters.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        self._venue.tape.quote(self._venue.get_book(symbol), quote)

    def is_pausing(self, symbol: Symbol, at: int) -> bool:
        """
        Return whether an interruption (VI) lets orders only gather at an instant.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        return self._venue.tape.is_pausing(self._venue.get_book(symbol), at)
