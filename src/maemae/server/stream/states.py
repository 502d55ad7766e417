"""What is conflated: of a state only the newest is told, and only if it differs from the last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from maemae.domain.ids import AccountId
from maemae.server.stream import messages
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import (
    BalancesMessage,
    Channel,
    ClockMessage,
    PositionsMessage,
    StrategiesMessage,
    StreamClock,
)

StateMessage = ClockMessage | PositionsMessage | BalancesMessage | StrategiesMessage
StatePlace = tuple[Channel, AccountId | None]

_CLOCK_SECS: Final = 1.0


class States:
    """
    The newest states of one executor, and who is told of them.

    Attributes:
        has_newcomers: Whether somebody came since `note_shown`, who may have been told nothing.
    """

    def __init__(self) -> None:
        self.has_newcomers = False
        self._listeners: dict[StatePlace, dict[int, Client]] = {}
        self._shown: dict[StatePlace, tuple[StateMessage, str]] = {}
        self._clock: StreamClock | None = None
        self._clock_at = 0.0
        self._clock_told = 0

    def join(self, client: Client, place: StatePlace) -> None:
        """Tell a client of a state from now on, and at once what is known of it."""
        self._listeners.setdefault(place, {})[id(client)] = client
        self.has_newcomers = True
        if place[0] is Channel.CLOCK and self._clock is not None:
            self._take_clock_of(place[1], self._clock)
        if place in self._shown:
            client.show(place, lambda: self._text(place))

    def leave(self, client: Client, place: StatePlace) -> None:
        """Tell a client no more of a state."""
        here = self._listeners.get(place, {})
        here.pop(id(client), None)
        if not here:
            self._listeners.pop(place, None)
            self._shown.pop(place, None)
        client.hide(place)

    def wanted(self, channel: Channel) -> Iterable[AccountId]:
        """Return the accounts of which somebody wants a state."""
        return [account for asked, account in self._listeners if asked is channel and account]

    def take(self, message: StateMessage) -> None:
        """Take a state; tell it if it differs from the last one."""
        place = Channel(message.channel), message.account_id
        before = self._shown.get(place)
        if before is not None and before[0].data == message.data:
            return
        self._shown[place] = message, message.model_dump_json()
        for client in self._listeners.get(place, {}).values():
            client.show(place, lambda: self._text(place))

    def take_clock(self, clock: StreamClock) -> None:
        """Take the exchange's time; it is told once a second, and when more of it changes."""
        now, before = asyncio.get_running_loop().time(), self._clock
        self._clock = clock
        is_news = before is None or before.model_copy(update={"at": clock.at}) != clock
        if not is_news and now - self._clock_at < _CLOCK_SECS:
            return
        self._clock_at = now
        self._clock_told += 1
        for channel, account_id in tuple(self._listeners):
            if channel is Channel.CLOCK:
                self._take_clock_of(account_id, clock)

    def stop_clock(self) -> None:
        """Tell that nobody tells the time any more."""
        if self._clock is not None:
            self.take_clock(self._clock.model_copy(update={"is_live": False}))

    def _take_clock_of(self, account_id: AccountId | None, clock: StreamClock) -> None:
        self.take(messages.clock_state(account_id, self._clock_told, clock))

    def _text(self, place: StatePlace) -> str | None:
        shown = self._shown.get(place)
        return None if shown is None else shown[1]
