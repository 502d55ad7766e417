"""Where a resting order stands among the others at its price, as far as quotes show them."""

from __future__ import annotations

from typing import Protocol

import msgspec

from maemae.domain.intent import MILLION
from maemae.domain.text import Text
from maemae.venue.model import Model


class Queue(Model, Protocol):
    """Who is before us at our price, and how do they leave?"""

    def joins(self, displayed: int | None) -> int | None:
        """
        Return how many shares are before an order that begins to rest.

        Args:
            displayed: What stands at its price [shares]; None where no quote shows it.

        Returns:
            Shares before it, 0 for the front; None if only a price beyond the limit fills it.
        """

    def shrinks(self, ahead: int, gone: int, displayed: int) -> int:
        """
        Return how many shares are before it once some at its price left without a trade.

        Args:
            ahead: Before it so far [shares].
            gone: What left [shares].
            displayed: What stood there before [shares].
        """


class NoQueue(msgspec.Struct, frozen=True):
    """Nobody is before us: a limit fills as `limit_fill` says."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "같은 가격에 먼저 낸 남의 주문은 없다고 봅니다(대기열 없음).",
            "Nobody else waits at our price (no queue).",
        )

    def joins(self, displayed: int | None) -> int | None:
        """Return 0."""
        del displayed
        return 0

    def shrinks(self, ahead: int, gone: int, displayed: int) -> int:
        """Return 0."""
        del ahead, gone, displayed
        return 0


class BehindDisplayed(msgspec.Struct, frozen=True):
    """
    An order begins behind everything that the book shows at its price.

    Trades at the price take from the front. Of what leaves without a trade, a share was before
    us. Where no quote shows the price, only a trade beyond the limit fills.

    Attributes:
        cancel_ppm: Share of what is canceled that stood before us, as far as as much did [parts per
            million]; 0 is the most unkind. 1,000,000 takes from the front first.
    """

    cancel_ppm: int = 0

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        share = f"{self.cancel_ppm / 10_000:g} %"
        return Text(
            "지정가는 그 가격에 보이는 잔량 뒤에 서고, 그 가격의 체결만큼 앞으로 갑니다. 체결 없이 "
            f"빠진 잔량의 {share} 는 앞에 있던 것으로 봅니다. 잔량을 모르는 가격은 지나가야 "
            "체결됩니다.",
            "A limit order stands behind the size shown at its price and moves up with trades "
            f"there; {share} of what leaves without a trade was before it. Where no size is shown "
            "the price must trade through it.",
        )

    def joins(self, displayed: int | None) -> int | None:
        """Return what is displayed."""
        return displayed

    def shrinks(self, ahead: int, gone: int, displayed: int) -> int:
        """Return what is left before us, 0 or more."""
        del displayed
        return max(0, ahead - gone * self.cancel_ppm // MILLION)


class Proportional(msgspec.Struct, frozen=True):
    """As `BehindDisplayed`, but what is canceled stood before and behind us alike."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "지정가는 그 가격에 보이는 잔량 뒤에 서고, 체결 없이 빠진 잔량은 앞뒤에서 고르게 빠진 "
            "것으로 봅니다. 잔량을 모르는 가격은 지나가야 체결됩니다.",
            "A limit order stands behind the size shown at its price; what leaves without a trade "
            "left evenly before and behind it. Where no size is shown the price must trade "
            "through it.",
        )

    def joins(self, displayed: int | None) -> int | None:
        """Return what is displayed."""
        return displayed

    def shrinks(self, ahead: int, gone: int, displayed: int) -> int:
        """Return what is left before us, rounded up."""
        if displayed <= 0:
            return ahead
        return max(0, ahead - gone * ahead // displayed)
