"""Everything an engine meets that is not its own: broker, feed, clocks, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from maemae.domain.text import Text
from maemae.ports import Alert, Broker, MarketFeed, VenueClock, WallClock
from maemae.trading.endings import Ending


class Outside(msgspec.Struct, frozen=True):
    """
    What the composition root hands in.

    Attributes:
        venue, wall: The exchange's time and real time.
        is_ours: Whether the lease may still be believed in.
        is_flagged: Whether the kill switch's file is there; asked before every new order.
        alert: Takes what a person must look at; never blocks, never fails.
        show: The same, of an alert that is durable already.
        leap: Told how long the machine slept, so that the exchange's time makes up for it
            [ns]; None where the exchange tells its time itself.
        end: Told what makes alerts untrue, and about which subject; None for every one.
    """

    broker: Broker
    feed: MarketFeed
    venue: VenueClock
    wall: WallClock
    is_ours: Callable[[], bool]
    is_flagged: Callable[[], bool]
    alert: Callable[[Alert], None]
    show: Callable[[Alert], None]
    end: Callable[[Ending, str | None], None]
    leap: Callable[[int], None] | None = None

    def warn(self, code: str, subject: str, text: Text, *, is_critical: bool = False) -> None:
        """Alert a person now."""
        self.alert(Alert(code, subject, is_critical, text, self.wall.now()))

    def over(self, ending: Ending, subject: str | None = None) -> None:
        """Take out of sight what is over now; without a subject, about whatever it is."""
        self.end(ending, subject)
