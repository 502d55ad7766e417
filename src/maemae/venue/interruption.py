"""The volatility interruption (VI) of single instruments: two minutes of auction."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.text import Text
from maemae.krx.halt import VI_AUCTION, ViGroup, is_vi_exempt, vi_kind, vi_thresholds
from maemae.krx.session import Phase
from maemae.venue.listing import Listing
from maemae.venue.model import Model


class Move(msgspec.Struct, frozen=True):
    """
    A price that would be printed next.

    Attributes:
        price: That price [won].
        last: The trade before it, the base before the first [won].
        auction: Last price of a call auction of the day, the base before one [won].
        day, phase: When.
    """

    price: int
    last: int
    auction: int
    day: date
    phase: Phase


class Interruption(Model, Protocol):
    """Does a price interrupt trading, and for how long?"""

    def pause(self, listing: Listing, move: Move) -> int:
        """Return how long orders wait for one common price [ns]; 0 where trading goes on."""


class NoInterruption(msgspec.Struct, frozen=True):
    """Never; bars hold the pauses that the market made."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "변동성완화장치(VI)는 따로 흉내 내지 않습니다. 실제로 멈춘 시간은 봉에 이미 들어 "
            "있습니다.",
            "Volatility interruptions are not simulated; bars hold the pauses that really were.",
        )

    def pause(self, listing: Listing, move: Move) -> int:
        """Return 0."""
        del listing, move
        return 0


class TwoMinuteAuction(msgspec.Struct, frozen=True):
    """
    By KRX's rule (`maemae.krx.halt`): static and dynamic triggers, two minutes, no random end.

    For single trades only. A silence of two minutes before a price that far away was the auction
    itself: what follows it is its print.

    Attributes:
        narrow: Instruments of the narrow group (KOSPI200 shares and funds on broad indices); all
            others are in the wide one.
    """

    narrow: frozenset[Symbol] = frozenset()

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "체결 하나하나를 재생할 때 KRX 규칙대로 VI 가 걸리면 2분 동안 주문이 쌓였다가 한 "
            "가격에 체결됩니다.",
            "While single trades are replayed a VI by KRX's rule lets orders gather for two "
            "minutes and match at one price.",
        )

    def pause(self, listing: Listing, move: Move) -> int:
        """Return two minutes where the rule says so."""
        if any(is_vi_exempt(state) for state in listing.states):
            return 0
        symbol = listing.instrument.symbol
        group = ViGroup.NARROW if symbol in self.narrow else ViGroup.WIDE
        thresholds = vi_thresholds(group, move.phase, move.day)
        tick = 1 if listing.table is None else listing.table.tick(move.price)
        found = vi_kind(move.price, move.last, move.auction, thresholds, tick)
        return 0 if found is None else VI_AUCTION
