"""
What the simulated market assumes where bars do not tell: named, documented, replaceable models.

Each model answers one question and carries the sentence that a report prints. Whatever has
the same methods may take its place: `Assumptions(limit_fill=ThroughFill())`. Models that need
more than a few lines stand in modules of their own beside this one.
"""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from maemae.domain.intent import MILLION
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.krx.band import NO_UPPER_LIMIT, PriceBand
from maemae.krx.tick import TickTable
from maemae.venue.auction import (
    Auction,
    AuctionShare,
    NoSinglePrice,
    SameAuctionShare,
    SinglePrice,
)
from maemae.venue.daily_limit import BehindLimitQueue, LimitQueue, LimitTouch, Lock, LockedLimit
from maemae.venue.impact import Impact, NoImpact
from maemae.venue.interruption import Interruption, NoInterruption, TwoMinuteAuction
from maemae.venue.latency import Latency, NoLatency
from maemae.venue.model import Model
from maemae.venue.queue_position import BehindDisplayed, NoQueue, Queue


class LimitFill(Model, Protocol):
    """When does a price fill a limit order that nobody sees in the data?"""

    def reaches(self, side: Side, limit: int, price: int) -> bool:
        """Return whether a trade at `price` [won] fills an order with that limit [won]."""


class TouchFill(msgspec.Struct, frozen=True):
    """A trade at the limit fills: our order is ahead of everyone else's at its price."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "지정가는 가격이 닿기만 해도 체결됩니다.",
            "A limit order fills as soon as its price is touched.",
        )

    def reaches(self, side: Side, limit: int, price: int) -> bool:
        """Return whether the price is at the limit or better."""
        return price <= limit if side is _BUY else price >= limit


class ThroughFill(msgspec.Struct, frozen=True):
    """
    Only a trade beyond the limit fills: our order is behind everyone else's at its price.

    By price priority such a trade proves that nothing was left at the limit.
    """

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "지정가는 가격이 한 호가 이상 지나가야 체결됩니다.",
            "A limit order fills only when the price trades at least one tick through it.",
        )

    def reaches(self, side: Side, limit: int, price: int) -> bool:
        """Return whether the price is better than the limit."""
        return price < limit if side is _BUY else price > limit


class Participation(Model, Protocol):
    """How much of what traded could have been ours?"""

    def allowance(self, volume: int) -> int:
        """Return the most that all our orders together fill in a bar [shares]."""


class VolumeShare(msgspec.Struct, frozen=True):
    """
    A fixed share of the bar's volume, cut down to whole shares; the rest waits.

    Attributes:
        ppm: Share of the volume [parts per million].
    """

    ppm: int = 100_000

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        share = f"{self.ppm / 10_000:g} %"
        return Text(
            f"봉 거래량의 {share} 까지만 체결되고 남은 수량은 다음 봉을 기다립니다.",
            f"At most {share} of a bar's volume fills; the rest waits for the next bar.",
        )

    def allowance(self, volume: int) -> int:
        """Return that share of the volume [shares]."""
        return volume * self.ppm // MILLION


class Slippage(Model, Protocol):
    """What does taking liquidity inside a bar cost? Prints of an auction cost nothing."""

    def price(self, side: Side, price: int, table: TickTable | None) -> int:
        """
        Return the price paid or received instead of the current one [won].

        The venue keeps the answer inside the bar, the band and the order's limit.

        Args:
            side: Ours.
            price: The current price [won].
            table: Ticks of the day; None where no claim about ticks is made.
        """


class TickSlippage(msgspec.Struct, frozen=True):
    """
    A fixed number of ticks against us; won instead of ticks where ticks are not known.

    Attributes:
        ticks: How many, 0 or more.
    """

    ticks: int = 1

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            f"봉 안에서 바로 체결되는 주문은 {self.ticks}호가 불리하게 체결됩니다.",
            f"An order that trades at once inside a bar pays {self.ticks} tick(s).",
        )

    def price(self, side: Side, price: int, table: TickTable | None) -> int:
        """Return the price that many ticks away [won]."""
        if table is None:
            return price + self.ticks if side is _BUY else max(1, price - self.ticks)
        if side is _BUY:
            return table.step(price, self.ticks)
        if price - self.ticks * table.tick(price) < table.lowest:
            return table.lowest
        return table.step(price, -self.ticks)


class ProportionalSlippage(msgspec.Struct, frozen=True):
    """
    A fixed share of the price against us, at least 1 won; for prices without ticks.

    Attributes:
        ppm: Share of the price [parts per million]. KRX ticks above 2,000 won are 500 to
            2,500 of it.
    """

    ppm: int = 2_000

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        share = f"{self.ppm / 10_000:g} %"
        return Text(
            f"봉 안에서 바로 체결되는 주문은 {share} 불리하게 체결됩니다.",
            f"An order that trades at once inside a bar pays {share} of the price.",
        )

    def price(self, side: Side, price: int, table: TickTable | None) -> int:
        """Return the price that share away, rounded against us [won]."""
        distance = -(-price * self.ppm // MILLION)
        moved = price + distance if side is _BUY else max(1, price - distance)
        if table is None:
            return moved
        return table.ceil(moved) if side is _BUY else table.floor(max(table.lowest, moved))


class Halt(Model, Protocol):
    """Which bars say that nothing traded?"""

    def is_still(self, open_price: int, volume: int) -> bool:
        """Return whether the bar fills nothing at all."""


class EmptyBarHalt(msgspec.Struct, frozen=True):
    """A bar without volume or without an open traded nothing, whatever its prices say."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "거래량이나 시가가 0인 봉에서는 아무것도 체결되지 않습니다.",
            "Nothing fills in a bar whose volume or open is zero.",
        )

    def is_still(self, open_price: int, volume: int) -> bool:
        """Return whether open or volume is missing."""
        return volume <= 0 or open_price <= 0


class MarketHold(Model, Protocol):
    """At which price does the broker set cash aside for a market buy?"""

    def price(self, band: PriceBand | None, last: int) -> int | None:
        """
        Return the price of the hold [won], None if none follows.

        A market buy never fills above it: that is what 100 % margin means.

        Args:
            band: The day's price limits, None where not known.
            last: Last price seen [won], 0 if none.
        """


class UpperLimitHold(msgspec.Struct, frozen=True):
    """
    The upper limit; 130 % of the last price where no limit is known.

    Source: general knowledge of Korean brokers' screens (시장가 매수는 상한가로 증거금 산정),
    not re-checked.
    """

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
        return Text(
            "시장가 매수는 상한가(모르면 직전 가격의 130 %)로 증거금을 잡고 그 위에서는 "
            "체결되지 않습니다.",
            "A market buy is held at the upper limit, or 130 % of the last price, and never "
            "fills above it.",
        )

    def price(self, band: PriceBand | None, last: int) -> int | None:
        """Return the upper limit or 130 % of the last price [won]."""
        if band is not None and band.upper < NO_UPPER_LIMIT:
            return band.upper
        return last * 130 // 100 if last > 0 else None


class Assumptions(msgspec.Struct, frozen=True):
    """Everything the venue assumes, one model a question."""

    name: Text
    limit_fill: LimitFill = TouchFill()
    participation: Participation = VolumeShare()
    slippage: Slippage = TickSlippage()
    auction: Auction = SinglePrice()
    halt: Halt = EmptyBarHalt()
    lock: Lock = LockedLimit()
    market_hold: MarketHold = UpperLimitHold()
    auction_share: AuctionShare = SameAuctionShare()
    limit_queue: LimitQueue = LimitTouch()
    queue: Queue = NoQueue()
    interruption: Interruption = NoInterruption()
    impact: Impact = NoImpact()
    latency: Latency = NoLatency()

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model, in the order in which a report names them."""
        return tuple(getattr(self, field) for field in self.__struct_fields__[1:])

    @property
    def sentences(self) -> tuple[Text, ...]:
        """Every assumption in words, for a report."""
        return tuple(model.sentence for model in self.models)


_BUY: Final = Side.BUY

STRICT_KRX: Final = Assumptions(Text("KRX 규칙", "KRX rules"))
"""Raw prices: ticks, price band and size caps hold."""

RELAXED_ADJUSTED: Final = Assumptions(
    Text("수정주가용 완화 규칙", "Relaxed, for adjusted prices"), slippage=ProportionalSlippage()
)
"""Adjusted prices: no claim about ticks, bands and size caps; slippage by share of the price."""

STRICT_REPLAY: Final = Assumptions(
    Text("체결·호가 재생", "Replay of trades and quotes"),
    limit_fill=ThroughFill(),
    limit_queue=BehindLimitQueue(),
    queue=BehindDisplayed(),
    interruption=TwoMinuteAuction(),
)
"""Single trades and quotes at KRX: a place in the queue, interruptions, unkind at the limits."""

NEXTRADE: Final = Assumptions(
    Text("넥스트레이드", "Nextrade"), limit_fill=ThroughFill(), auction=NoSinglePrice()
)
"""Nextrade: its own hours and prices, and no auctions."""
