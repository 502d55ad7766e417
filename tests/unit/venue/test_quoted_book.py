"""The simulated market's book shows what its matching believes, inside ticks and band."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.band import PriceBand
from maemae.krx.instrument import Instrument
from maemae.krx.status import InstrumentState
from maemae.venue.assumptions import TickSlippage, VolumeShare
from maemae.venue.listing import Listing, listing_of
from maemae.venue.quoted_book import LEVELS, quoted_book

DAY = date(2026, 11, 30)
STOCK = Instrument(
    symbol=Symbol("005930"), name="삼성전자", market=Market.KOSPI, product=Product.STOCK
)


def a_listing(
    band: PriceBand | None = None, *states: InstrumentState, base: int | None = 70_000
) -> Listing:
    return listing_of(STOCK, DAY, base, band, states)


def test_book_has_the_models_price_and_size_first_and_no_claim_behind() -> None:
    book = quoted_book(a_listing(), 70_000, 1_000)

    assert [level.price for level in book.asks[:3]] == [70_100, 70_200, 70_300]
    assert [level.price for level in book.bids[:3]] == [69_900, 69_800, 69_700]
    assert {level.qty for level in (book.asks[0], book.bids[0])} == {100}
    assert {level.qty for level in (*book.asks[1:], *book.bids[1:])} == {None}
    assert len(book.asks) == len(book.bids) == LEVELS


def test_book_when_the_models_are_others_follows_them() -> None:
    book = quoted_book(a_listing(), 70_000, 1_000, TickSlippage(3), VolumeShare(500_000))

    assert (book.asks[0].price, book.asks[0].qty) == (70_300, 500)
    assert TickSlippage(3).sentence in book.sentences


def test_book_crosses_a_change_of_ticks_on_valid_prices() -> None:
    book = quoted_book(a_listing(base=50_000), 50_000, 10)

    assert book.bids[0].price == 49_950
    assert book.asks[0].price == 50_100


@pytest.mark.parametrize(("last", "side"), [(91_000, "asks"), (49_000, "bids")])
def test_book_when_at_the_limit_has_nothing_beyond_it(last: int, side: str) -> None:
    book = quoted_book(a_listing(PriceBand(49_000, 91_000)), last, 10)

    assert getattr(book, side) == ()


def test_book_when_low_ends_at_the_lowest_price() -> None:
    book = quoted_book(a_listing(base=3), 3, 10)
    assert [level.price for level in book.bids] == [2, 1]


@pytest.mark.parametrize("listing", [a_listing(None, InstrumentState.HALTED), a_listing()])
def test_book_when_nothing_trades_is_empty(listing: Listing) -> None:
    assert quoted_book(listing, 0 if not listing.is_halted else 70_000, 10).asks == ()
