"""What an executor takes of a broker: its orders, its prices and the exchange's time."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from maemae.app.trade_request import BrokerName, TradeRequest
from maemae.brokers.sim.broker import SimBroker
from maemae.brokers.sim.feed import SimFeed
from maemae.brokers.sim.stream import SimAddress
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.ports import Broker, MarketFeed, VenueClock, WallClock


class BrokerEnds(msgspec.Struct, frozen=True):
    """
    Broker, feed and clock of one connection.

    Attributes:
        leap: Makes the clock make up for a sleep of this machine [ns]; None for a clock that
            the exchange sets.
    """

    broker: Broker
    feed: MarketFeed
    venue: VenueClock
    leap: Callable[[int], None] | None = None


def require_broker(broker: BrokerName, mode: Mode) -> None:
    """
    Refuse a mode that the broker does not have.

    Raises:
        ConfigError: Broker and mode do not go together.
    """
    if (broker is BrokerName.SIM) is not (mode is Mode.SIM):
        raise ConfigError(
            f"이 증권사에는 {mode.lower()} 모드가 없습니다. 모의 증권사는 --mode sim, 키움은 "
            "--broker kiwoom-rest --mode paper 로 쓰세요.",
            f"This broker has no mode {mode.lower()}. Use --mode sim for the simulated one, and "
            "--broker kiwoom-rest --mode paper for Kiwoom.",
        )


def sim_ends(request: TradeRequest, wall: WallClock) -> BrokerEnds:
    """Return the simulated broker's ends; each has a connection of its own."""
    usual = SimAddress(request.port)
    patience = {
        name: getattr(usual, name) // request.hurry
        for name in ("reply_within", "beat_every", "silent_after", "longest_pause")
    }
    address = SimAddress(request.port, **patience)
    broker = SimBroker(address, wall)
    return BrokerEnds(broker, SimFeed(address, wall), broker.venue_clock)
