"""The order book of an instrument, as far as anybody can say: made by the simulated market."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.krx.band import price_band
from maemae.server.market_data import MarketData
from maemae.server.models import Moment, Sentence, Told
from maemae.trading.control.watch import Quote
from maemae.venue.listing import listing_of
from maemae.venue.quoted_book import quoted_book


class BookLevel(Told):
    """A price of a side, and what is there; null where nobody can say."""

    price: int
    qty: int | None


class BookView(Told):
    """
    The order book.

    Without one `is_available` is false and `notes` says why. With one, `notes` says what it is
    made of.
    """

    symbol: Symbol
    is_available: bool
    at: Moment | None = Field(description="Of the print that it follows from.")
    bids: list[BookLevel]
    asks: list[BookLevel]
    notes: list[Sentence]


class Books:
    """
    The books of one executor's market.

    Args:
        market: Knows the instruments.
        mode: Whose market it is.
    """

    def __init__(self, market: MarketData, mode: Mode) -> None:
        self._market = market
        self._mode = mode

    def find(self, symbol: Symbol, quote: Quote | None) -> BookView:
        """Return the book of an instrument whose last print is known, or is not."""
        if self._mode is not Mode.SIM:
            return _no_book(symbol, _NOT_TOLD)
        found = self._market.find(symbol)
        if quote is None or found is None:
            return _no_book(symbol, _NOT_TRADED)
        instrument, base, day = found.instrument, quote.base_price, kst_date(quote.at)
        band = None if base is None else price_band(base, instrument, day)
        book = quoted_book(listing_of(instrument, day, base, band, ()), quote.px, quote.qty)
        return BookView.model_validate(
            {
                "symbol": symbol,
                "is_available": bool(book.bids or book.asks),
                "at": quote.at,
                "bids": book.bids,
                "asks": book.asks,
                "notes": book.sentences,
            }
        )

    def of(self, quote: Quote) -> BookView:
        """Return the book that follows from a print."""
        return self.find(quote.symbol, quote)


def _no_book(symbol: Symbol, why: Text) -> BookView:
    return BookView(
        symbol=symbol,
        is_available=False,
        at=None,
        bids=[],
        asks=[],
        notes=[Sentence.model_validate(why)],
    )


_NOT_TOLD: Final = Text(
    "이 증권사의 호가는 아직 받지 않습니다. 증권사 앱에서 보세요.",
    "This broker's order book is not taken in yet. See it in the broker's app.",
)
_NOT_TRADED: Final = Text(
    "이 종목은 오늘 거래가 없었거나 데이터에 없습니다.",
    "This instrument has not traded today, or is in no dataset.",
)
