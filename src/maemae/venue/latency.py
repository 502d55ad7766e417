"""How long a request is on its way to the exchange."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from maemae.domain.text import Text
from maemae.venue.model import Model


class Latency(Model, Protocol):
    """How much later does a request reach the exchange?"""

    @property
    def delay(self) -> int:
        """From the decision to the exchange [ns, >= 0]."""


class NoLatency(msgspec.Struct, frozen=True):
    """A request is there as soon as it is made."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "주문은 낸 순간부터 체결에 참여합니다(지연 없음).",
            "An order takes part from the moment it is sent (no latency).",
        )

    @property
    def delay(self) -> int:
        """Nothing."""
        return 0


class FixedLatency(msgspec.Struct, frozen=True):
    """
    Always the same, for orders, changes and cancels alike.

    A bar does not say what it cost at which instant, so a request that arrives within one meets the
    opening of the next.

    Attributes:
        ms: Milliseconds, more than 0.
    """

    ms: int = 100

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            f"주문·정정·취소는 {self.ms:,} ms 뒤에 거래소에 닿습니다. 봉 안에서 닿으면 다음 봉의 "
            "시가부터 참여합니다.",
            f"Orders, changes and cancels reach the exchange {self.ms:,} ms later; within a bar "
            "they take part from the next one's open.",
        )

    @property
    def delay(self) -> int:
        """The same in nanoseconds."""
        return self.ms * _MS


_MS: Final = 1_000_000
