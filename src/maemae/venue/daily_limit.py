"""Trading at the day's limits, where one side of the book is a queue and the other is empty."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.krx.band import PriceBand
from maemae.venue.model import Model


class Lock(Model, Protocol):
    """When is a side of the book empty because the price is locked at a limit?"""

    def is_locked(self, side: Side, high: int, low: int, band: PriceBand | None) -> bool:
        """Return whether no order of that side fills in a bar."""


class LockedLimit(msgspec.Struct, frozen=True):
    """A bar that never left the upper limit fills no buy, one at the lower limit no sell."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "봉 내내 상한가이면 매수가, 하한가이면 매도가 체결되지 않습니다.",
            "A bar locked at the upper limit fills no buy, one at the lower limit no sell.",
        )

    def is_locked(self, side: Side, high: int, low: int, band: PriceBand | None) -> bool:
        """Return whether the bar is one price, at that side's limit."""
        if band is None or high != low:
            return False
        return high == (band.upper if side is _BUY else band.lower)


class LimitQueue(Model, Protocol):
    """Does a price that stands at the day's limit fill the side that queues there?"""

    def waits(self, side: Side, price: int, band: PriceBand) -> bool:
        """Return whether orders of that side wait while the market is at that price [won]."""


class LimitTouch(msgspec.Struct, frozen=True):
    """A bar that touches the limit and leaves it again fills as at any other price."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "상·하한가에 닿았다가 풀린 봉에서는 다른 가격과 똑같이 체결됩니다.",
            "A bar that leaves the daily limit again fills there as at any other price.",
        )

    def waits(self, side: Side, price: int, band: PriceBand) -> bool:
        """Return False."""
        del side, price, band
        return False


class BehindLimitQueue(msgspec.Struct, frozen=True):
    """
    Whoever buys at the upper limit or sells at the lower one stands behind the whole queue.

    Such an order fills only once the price has left the limit, which proves that the queue before
    it is gone.
    """

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "상한가의 매수와 하한가의 매도는 줄 맨 뒤에 서고, 가격이 상·하한가에서 풀려야 "
            "체결됩니다.",
            "A buy at the upper limit and a sell at the lower one fill only once the price has "
            "left the limit: they stand behind the whole queue.",
        )

    def waits(self, side: Side, price: int, band: PriceBand) -> bool:
        """Return whether the price stands at that side's limit."""
        return price == (band.upper if side is _BUY else band.lower)


_BUY: Final = Side.BUY
