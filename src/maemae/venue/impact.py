"""What our own order does to the price: the more of the volume it is, the worse it fills."""

from __future__ import annotations

from math import isqrt
from typing import Protocol

import msgspec

from maemae.domain.intent import MILLION
from maemae.domain.text import Text
from maemae.venue.model import Model


class Impact(Model, Protocol):
    """How far does an order that takes liquidity move the price against itself?"""

    def distance(self, price: int, qty: int, volume: int) -> int:
        """
        Return how far the fill is from the price without us [won, >= 0], rounded against us.

        The venue keeps the answer on the tick, inside the band and inside the order's limit; it
        may lie outside of the bar, which traded without us.

        Args:
            price: Price after slippage [won].
            qty: What fills [shares].
            volume: Of the bar or print [shares, > 0].
        """


class NoImpact(msgspec.Struct, frozen=True):
    """The market does not notice us."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "우리 주문은 시세를 움직이지 않습니다(시장 충격 없음).",
            "Our orders do not move the price (no market impact).",
        )

    def distance(self, price: int, qty: int, volume: int) -> int:
        """Return 0."""
        del price, qty, volume
        return 0


class SquareRootImpact(msgspec.Struct, frozen=True):
    """
    By the square root of the share of the volume.

    Source: general knowledge of the literature on meta-orders (square-root law); the constant is
    yours to measure.

    Attributes:
        ppm: Distance of an order as big as the volume [parts per million of the price]; a daily
            volatility of 2 % suggests 20,000.
    """

    ppm: int = 20_000

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        whole = f"{self.ppm / 10_000:g} %"
        return Text(
            "바로 체결되는 주문은 거래량에서 차지하는 몫의 제곱근에 비례해 시세를 "
            f"밀어냅니다(전량일 때 {whole}).",
            "An order that trades at once moves the price by the square root of its share of the "
            f"volume ({whole} for all of it).",
        )

    def distance(self, price: int, qty: int, volume: int) -> int:
        """Return price x ppm x sqrt(qty / volume), rounded up [won]."""
        root = isqrt(qty * _FINE * _FINE // volume)  # of the share, in billionths
        return -(-price * self.ppm * root // (MILLION * _FINE))


class LinearImpact(msgspec.Struct, frozen=True):
    """
    In proportion to the share of the volume.

    Attributes:
        ppm: Distance of an order as big as the volume [parts per million of the price].
    """

    ppm: int = 100_000

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        whole = f"{self.ppm / 10_000:g} %"
        return Text(
            "바로 체결되는 주문은 거래량에서 차지하는 몫에 비례해 시세를 "
            f"밀어냅니다(전량일 때 {whole}).",
            "An order that trades at once moves the price in proportion to its share of the "
            f"volume ({whole} for all of it).",
        )

    def distance(self, price: int, qty: int, volume: int) -> int:
        """Return price x ppm x qty / volume, rounded up [won]."""
        return -(-price * self.ppm * qty // (MILLION * volume))


_FINE = 1_000_000_000
