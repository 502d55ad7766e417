"""Listeners of what must not be lost: each goes on from the last number it was told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from maemae.domain.ids import AccountId
from maemae.server.stream.client import MOST_WAITING, TOO_SLOW, Client
from maemae.server.stream.envelope import Channel

Place = tuple[Channel, AccountId]
"""A channel of an account."""


class Numbered(NamedTuple):
    """A message and its number in its channel."""

    sequence: int
    text: str


class Beginning(NamedTuple):
    """
    Where a client begins.

    Attributes:
        last: Number of what it knows then; nothing up to it is told.
        first: Told at once: a snapshot, or nothing.
        missed: What came after the number.
    """

    last: int
    first: Sequence[str] = ()
    missed: Sequence[Numbered] = ()


class Follower:
    """
    One client in one channel of an account.

    It waits while its snapshot is read, and is then told what came meanwhile; a number that it
    was told is never told again, whoever tells it.

    Args:
        client: Whom to tell.
        place: Channel, and account or instrument, that is followed.
    """

    def __init__(self, client: Client, place: Place) -> None:
        self.client = client
        self.place = place
        self._last = 0
        self._held: list[Numbered] | None = []

    @property
    def has_begun(self) -> bool:
        """Whether it was told its beginning."""
        return self._held is None

    def deliver(self, message: Numbered) -> None:
        """Tell what is newer than everything told, or hold it while the beginning is missing."""
        if self._held is None:
            self._tell(message)
        elif len(self._held) < MOST_WAITING:
            self._held.append(message)
        else:
            self.client.close(TOO_SLOW)

    def begin(self, beginning: Beginning) -> None:
        """Tell the beginning, and then what was held."""
        for text in beginning.first:
            self.client.tell(text)
        self._last = beginning.last
        held, self._held = self._held or [], None
        for message in (*beginning.missed, *held):
            self._tell(message)

    def hold(self) -> None:
        """Wait for another beginning."""
        self._held = []

    def _tell(self, message: Numbered) -> None:
        if message.sequence > self._last:
            self._last = message.sequence
            self.client.tell(message.text)


class Followers:
    """All followers of one executor."""

    def __init__(self) -> None:
        self._by_place: dict[Place, dict[int, Follower]] = {}

    def add(self, follower: Follower) -> None:
        """Add one, in the place of an earlier one of the same client."""
        self._by_place.setdefault(follower.place, {})[id(follower.client)] = follower

    def remove(self, client: Client, place: Place) -> None:
        """Take one out, if it is there."""
        here = self._by_place.get(place, {})
        here.pop(id(client), None)
        if not here:
            self._by_place.pop(place, None)

    def is_in(self, follower: Follower) -> bool:
        """Whether it still is to be told."""
        return self._by_place.get(follower.place, {}).get(id(follower.client)) is follower

    def at(self, place: Place) -> Sequence[Follower]:
        """Return those in a channel of an account."""
        return tuple(self._by_place.get(place, {}).values())

    def of_channel(self, channel: Channel) -> Sequence[Follower]:
        """Return those in a channel of any account."""
        return [one for one in self.every() if one.place[0] is channel]

    def every(self) -> Sequence[Follower]:
        """Return all of them."""
        return [one for here in self._by_place.values() for one in here.values()]
