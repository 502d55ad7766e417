"""
The order book that the simulated market shows: what its own matching believes, and no more.

Nobody else's orders are simulated, so there is no depth to show. What there is: an order that
takes liquidity trades at the price that the slippage model says, for as much as the participation
model lets it; behind that price are the valid prices of the day, about whose sizes nothing is
claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.venue.assumptions import Participation, Slippage, TickSlippage, VolumeShare
from maemae.venue.listing import Listing

_ONE_TICK: Final = TickSlippage(1)
_SLIPPAGE: Final = TickSlippage()
_PARTICIPATION: Final = VolumeShare()

LEVELS: Final = 10
"""Price levels of a side; as many as KRX shows."""


class Level(msgspec.Struct, frozen=True):
    """
    One price of a side.

    Attributes:
        price: A valid price [won].
        qty: What the model lets trade there now [shares]; None where nothing is claimed.
    """

    price: int
    qty: int | None


class QuotedBook(msgspec.Struct, frozen=True):
    """
    Both sides, each from the best price on; empty where nothing can trade.

    Attributes:
        bids: Where one can sell, falling.
        asks: Where one can buy, rising.
        sentences: What is assumed.
    """

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    sentences: tuple[Text, ...]


def quoted_book(
    listing: Listing,
    last: int,
    volume: int,
    slippage: Slippage = _SLIPPAGE,
    participation: Participation = _PARTICIPATION,
) -> QuotedBook:
    """
    Return the book around the last price.

    Args:
        listing: What holds for the instrument on that day.
        last: Its last price [won]; 0 if it has not traded.
        volume: Of the print that the allowance is counted from [shares].
        slippage: The model that the market trades by.
        participation: The model that the market trades by.
    """
    if last <= 0 or listing.is_halted:
        return QuotedBook((), (), (_STILL,))
    allowance = participation.allowance(volume)
    bids, asks = (
        tuple(_side(listing, side, last, allowance, slippage)) for side in (Side.SELL, Side.BUY)
    )
    return QuotedBook(bids, asks, (_DEPTH, slippage.sentence, participation.sentence))


def _side(
    listing: Listing, taker: Side, last: int, allowance: int, slippage: Slippage
) -> Iterator[Level]:
    """Yield the prices at which whoever takes can trade, the best first."""
    price = slippage.price(taker, last, listing.table)
    for level in range(LEVELS):
        if listing.band is not None and price not in listing.band:
            return
        yield Level(price, None if level else allowance)
        beyond = _ONE_TICK.price(taker, price, listing.table)
        if beyond == price:
            return
        price = beyond


_DEPTH: Final = Text(
    "내장 거래소는 남의 주문을 흉내 내지 않아 첫 호가 뒤의 잔량은 알 수 없습니다.",
    "The simulated market has no orders of others: sizes behind the first price are not known.",
)
_STILL: Final = Text(
    "거래가 없었거나 멈춰 있어 호가가 없습니다.",
    "It has not traded, or it stands still: there is no book.",
)
