"""One login over a WebSocket: what it registered, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest.config import Credential
from maemae.emulators.kiwoom_rest.order_news import Entry

Frame = dict[str, Any]
Key = tuple[str, str]
"""A type and an item."""


class Session:
    """
    One connection.

    Attributes:
        credential: Whose, None before LOGIN.
        keys: Everything that is registered, whatever its group.
        has_conditions: Whether it asked for the list of conditions.
        searches: Members of each condition that it watches, by number.
        unanswered: PING frames that were not sent back.
        outgoing: What waits to be sent; None closes the socket.
    """

    def __init__(self) -> None:
        self.credential: Credential | None = None
        self.keys: frozenset[Key] = frozenset()
        self.has_conditions = False
        self.searches: dict[str, set[Symbol]] = {}
        self.unanswered = 0
        self.outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        self._groups: dict[str, set[Key]] = {}
        self._ticks: list[Entry] = []

    def register(self, group: str, keys: Iterable[Key], *, keeps: bool) -> None:
        """Add to a group, or have nothing else in it."""
        known = self._groups.setdefault(group, set())
        if not keeps:
            known.clear()
        known.update(keys)
        self._count()

    def remove(self, group: str, keys: Iterable[Key]) -> None:
        """Take out of a group; what another group registered stays."""
        self._groups.get(group, set()).difference_update(keys)
        self._count()

    def with_keys(self, group: str, keys: Iterable[Key], *, keeps: bool) -> int:
        """Return how many keys there would be with these."""
        others = [each for name, each in self._groups.items() if name != group or keeps]
        return len(set(keys).union(*others))

    def send(self, frame: Frame) -> None:
        """Send a frame; a client that reads nothing is cut."""
        if self.outgoing.qsize() > _MOST_UNREAD:
            self.close()
        else:
            self.outgoing.put_nowait(_encode(frame))

    def send_entries(self, entries: Iterable[Entry]) -> None:
        """Send entries in one REAL frame; none for none."""
        data = [msgspec.to_builtins(entry) for entry in entries]
        if data:
            self.send({"data": data, "trnm": "REAL"})

    def hold(self, entry: Entry) -> None:
        """Keep an entry until `flush`, so that several travel in one frame."""
        self._ticks.append(entry)

    def flush(self) -> None:
        """Send what was kept."""
        ticks, self._ticks = self._ticks, []
        for start in range(0, len(ticks), _ENTRIES):
            self.send_entries(ticks[start : start + _ENTRIES])

    def close(self) -> None:
        """Close the socket once what waits is sent."""
        self.outgoing.put_nowait(None)

    def _count(self) -> None:
        self.keys = frozenset().union(*self._groups.values())


def _encode(frame: Frame) -> str:
    return msgspec.json.encode(frame).decode()


_ENTRIES: Final = 10
_MOST_UNREAD: Final = 100_000
