"""Call auctions: when one price serves all, and how much of it could have been ours."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from maemae.domain.intent import MILLION
from maemae.domain.text import Text
from maemae.krx.session import Phase
from maemae.venue.model import Model


class Auction(Model, Protocol):
    """In which phases do orders wait for one common price?"""

    @property
    def opens_at_one_price(self) -> bool:
        """Whether a bar's open is one price for all, whatever the phase."""

    def is_single_price(self, phase: Phase) -> bool:
        """Return whether every point of the path is an auction's print in that phase."""


class SinglePrice(msgspec.Struct, frozen=True):
    """
    A bar's open and the end of a call auction are one price for all orders at or through it.

    So a limit that the open jumped over fills at the open, and orders entered in the closing
    auction fill at its last print.
    """

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "봉의 시가와 동시호가 체결은 모두 한 가격이고, 시가보다 유리한 지정가도 시가에 "
            "체결됩니다.",
            "A bar's open and an auction's print are one price for all; a limit better than "
            "the open fills at the open.",
        )

    @property
    def opens_at_one_price(self) -> bool:
        """Yes."""
        return True

    def is_single_price(self, phase: Phase) -> bool:
        """Return whether the phase is a call auction."""
        return phase in _CALL_AUCTIONS


class NoSinglePrice(msgspec.Struct, frozen=True):
    """
    No auction at all, as at Nextrade: a limit that a price jumped over fills at the limit.

    Source: Nextrade trades continuously in all of its markets; notices quoted by the press, read
    2026-11-20. Its auctions after a VI and a halt since 2026-09-14 are not told apart.
    """

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "동시호가 없이 접속매매만 합니다. 시가가 건너뛴 지정가는 그 지정가에 체결됩니다.",
            "There are no auctions; a limit that the open jumped over fills at the limit.",
        )

    @property
    def opens_at_one_price(self) -> bool:
        """No."""
        return False

    def is_single_price(self, phase: Phase) -> bool:
        """Return False."""
        del phase
        return False


class AuctionShare(Model, Protocol):
    """How much of an auction's print could have been ours?"""

    def allowance(self, volume: int, usual: int) -> int:
        """
        Return the most that all our orders together fill in an auction [shares].

        Args:
            volume: Of the bar or print [shares].
            usual: What fills of such a volume outside of an auction [shares].
        """


class SameAuctionShare(msgspec.Struct, frozen=True):
    """As much as of any other volume."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "동시호가에서도 접속매매와 같은 몫까지 체결됩니다.",
            "Of an auction's volume as large a share fills as of any other.",
        )

    def allowance(self, volume: int, usual: int) -> int:
        """Return the usual."""
        del volume
        return usual


class FixedAuctionShare(msgspec.Struct, frozen=True):
    """
    A share of its own, cut down to whole shares.

    Attributes:
        ppm: Share of the volume [parts per million].
    """

    ppm: int = 20_000

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        share = f"{self.ppm / 10_000:g} %"
        return Text(
            f"동시호가에서는 그 체결량의 {share} 까지만 체결됩니다.",
            f"At most {share} of an auction's volume fills.",
        )

    def allowance(self, volume: int, usual: int) -> int:
        """Return that share of the volume [shares]."""
        del usual
        return volume * self.ppm // MILLION


_CALL_AUCTIONS: Final = frozenset(
    {
        Phase.PRE_OPEN_AUCTION,
        Phase.CLOSING_AUCTION,
        Phase.INTRADAY_AUCTION,
        Phase.AFTER_HOURS_SINGLE,
    }
)
