"""The book in a worker says what the sleeve's own book says."""

from __future__ import annotations

from maemae.domain.position import Position
from maemae.strategy.book import Book
from maemae.trading.workers.book_state import ToldBook, state_of
from tests.strategy_runs import A, B, C, FakeBook


def test_told_book_says_what_the_book_said() -> None:
    book = FakeBook({A: Position(3, 300)}, frozenset({B}))

    told: Book = ToldBook(state_of(book, (A, B, C)))

    assert (told.cash, told.equity) == (book.cash, book.equity)
    assert told.positions == {A: Position(3, 300)}
    assert [told.position(symbol).qty for symbol in (A, B)] == [3, 0]
    assert [told.is_buying(symbol) for symbol in (A, B, C)] == [False, True, False]


def test_state_when_the_book_changes_stays_as_it_was() -> None:
    held = {A: Position(3, 300)}
    state = state_of(FakeBook(held), (A,))

    held.clear()

    assert state.positions == {A: Position(3, 300)}
