"""What a session has made so far is told for one instrument, without bars in which none traded."""

from __future__ import annotations

from datetime import date

from maemae.catalogue.interval import Interval
from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE
from maemae.trading.control.replies import MadeBar
from maemae.trading.session_bars import SessionBars
from maemae.trading.workers.bars import BarRow
from tests.builders import NOON

A, B = Symbol("000001"), Symbol("000002")


def a_row(at: int, volume: tuple[int, int]) -> BarRow:
    return BarRow(at, at + MINUTE, (1, 10), (4, 40), (1, 10), (2, 20), volume)


def test_bars_are_of_the_instrument_that_was_asked_for_and_in_order() -> None:
    made = SessionBars(date(2024, 3, 4), Interval(1), (A, B))
    made.add(a_row(NOON, (5, 0)))
    made.add(a_row(NOON + MINUTE, (6, 7)))

    assert made.of(A) == (MadeBar(NOON, 1, 4, 1, 2, 5), MadeBar(NOON + MINUTE, 1, 4, 1, 2, 6))
    assert made.of(B) == (MadeBar(NOON + MINUTE, 10, 40, 10, 20, 7),)
    assert made.of(Symbol("000003")) == ()
