"""What the stream lost with a connection, or an answer did not bring, is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date

from msgspec.structs import replace

from maemae.core.events import Event, InstrumentUpdated, PhaseChanged
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.krx.session import Phase
from maemae.ports import BrokerEvent
from maemae.trading.mailbox import Mailbox
from maemae.trading.prices import PricePump
from tests.builders import NOON, SAMSUNG, a_core, feed, hold, rules
from tests.timed_outside import MONDAY, LeapingVenue, Place, TimedBroker, TimedFeed, at
from tests.virtual_time import run


class DeafBroker(TimedBroker):
    """A broker that fails to tell a price some times."""

    def __init__(self, venue: LeapingVenue, failures: int) -> None:
        super().__init__(venue)
        self.looks = 0
        self._failures = failures

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        self.looks += 1
        if self.looks <= self._failures:
            raise BrokerUnavailableError("답이 없습니다.", "No answer.")
        return Trade(symbol, 10_000, 1, NOON)


class CutFeed(TimedFeed):
    """A feed whose stream comes back once."""

    def __init__(self) -> None:
        super().__init__((rules(day=MONDAY),))
        self.asked: list[date] = []

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        self.asked.append(day)
        return await super().instruments(day)

    async def trades(self) -> AsyncIterator[Trade | InstrumentUpdated | BrokerEvent]:
        for is_connected in (False, True):
            yield BrokerEvent(is_connected=is_connected)


async def rules_asked_after_a_cut(told: date | None, hour: int) -> list[date]:
    """Return for which days rules were asked, the first time included."""
    cut = CutFeed()
    outside = replace(Place(at(MONDAY, hour)).outside, feed=cut)
    pump = PricePump(outside, Mailbox(), lambda _trade: None)
    keeping = asyncio.create_task(pump.keep_rules())
    if told is not None:
        await pump.tell_rules(told)
    await pump.run()
    await asyncio.sleep(1)
    keeping.cancel()
    return cut.asked


def test_rules_when_the_stream_has_come_back_are_told_again() -> None:
    assert run(rules_asked_after_a_cut(MONDAY, 12)) == [MONDAY, MONDAY]


def test_rules_of_a_day_that_is_over_or_was_not_told_are_not() -> None:
    assert run(rules_asked_after_a_cut(MONDAY, 21)) == [MONDAY]
    assert run(rules_asked_after_a_cut(None, 12)) == []


async def looks_in_a_minute(*events: Event) -> int:
    """Return how often a price was asked for whose guard is blind, until it was told."""
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, *events)
    core.state.blinded[SAMSUNG] = True
    place = Place(NOON)
    broker = DeafBroker(place.venue, failures=2)
    mailbox = Mailbox()
    pump = PricePump(replace(place.outside, broker=broker), mailbox, lambda _trade: None)
    looking = asyncio.create_task(pump.keep_looking(lambda: core))

    async def take() -> None:
        for letter in await mailbox.take(8):
            core.handle(letter.event)

    taking = asyncio.create_task(take())
    await asyncio.sleep(60)
    looking.cancel()
    taking.cancel()
    return broker.looks


def test_look_for_a_blind_guard_when_it_failed_is_made_again_until_a_price_came() -> None:
    assert run(looks_in_a_minute()) == 3


def test_look_for_a_blind_guard_waits_while_nothing_trades() -> None:
    assert run(looks_in_a_minute(PhaseChanged(Phase.CLOSED, NOON))) == 0
