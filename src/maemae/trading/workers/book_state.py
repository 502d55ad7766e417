"""What a worker is told of its strategy's sleeve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.position import Position
from maemae.strategy.book import Book

_EMPTY = Position()


class BookState(msgspec.Struct, frozen=True):
    """
    A sleeve at one instant.

    Attributes:
        cash: Cash that new buys may use [won].
        equity: Cash and holdings at the last prices [won].
        positions: What is held, nothing empty.
        buying: Instruments of which an open buy could still fill.
    """

    cash: int
    equity: int
    positions: dict[Symbol, Position]
    buying: frozenset[Symbol] = frozenset()


def state_of(book: Book, symbols: Iterable[Symbol]) -> BookState:
    """
    Return a book as it stands.

    Args:
        book: The strategy's sleeve.
        symbols: The instruments that the strategy may buy.
    """
    buying = frozenset(symbol for symbol in symbols if book.is_buying(symbol))
    return BookState(book.cash, book.equity, dict(book.positions), buying)


class ToldBook:
    """
    The book that a strategy in a worker sees (`maemae.strategy.book.Book`).

    Attributes:
        state: The newest that was told.
    """

    def __init__(self, state: BookState) -> None:
        self.state = state

    @property
    def cash(self) -> int:
        """Cash that new buys may use [won]."""
        return self.state.cash

    @property
    def equity(self) -> int:
        """Cash and holdings at the last prices [won]."""
        return self.state.equity

    @property
    def positions(self) -> Mapping[Symbol, Position]:
        """What is held, nothing empty."""
        return self.state.positions

    def position(self, symbol: Symbol) -> Position:
        """Return what is held of an instrument; an empty position if nothing."""
        return self.state.positions.get(symbol, _EMPTY)

    def is_buying(self, symbol: Symbol) -> bool:
        """Return whether an open buy could still fill."""
        return symbol in self.state.buying
