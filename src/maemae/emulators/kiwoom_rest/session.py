"""One login over a WebSocket: what it registered, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest.config import Credential
from maemae.emulators.kiwoom_rest.limiter import Limiter
from maemae.emulators.kiwoom_rest.order_news import Entry
from maemae.ports import WallClock

Frame = dict[str, Any]
Key = tuple[str, str]
"""A type and an item."""


class Session:
    """
    One connection.

    Args:
        wall: The machine's clock; how many frames it may send goes by it.

    Attributes:
        credential: Whose, None before LOGIN.
        keys: Everything that is registered, whatever its group.
        has_conditions: Whether it asked for the list of conditions.
        searches: Members of each condition that it watches, by number.
        unanswered: PING frames that were not sent back.
        outgoing: What waits to be sent; None closes the socket.
        limiter: Counts the frames it sends, by kind.
    """

    def __init__(self, wall: WallClock) -> None:
        self.credential: Credential | None = None
        self.keys: frozenset[Key] = frozenset()
        self.has_conditions = False
        self.searches: dict[str, set[Symbol]] = {}
        self.unanswered = 0
        self.outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        self.limiter = Limiter(wall)
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
        """Take out of a group, a type without an item whole; what other groups have stays."""
        known = self._groups.get(group, set())
        for kind, item in keys:
            known -= {key for key in known if key[0] == kind and item in ("", key[1])}
        self._count()

    def items_with(self, group: str, keys: Iterable[Key], *, keeps: bool) -> tuple[int, int]:
        """Return how many instruments a group, and all groups, would have with these keys."""
        own = set(keys) | (self._groups.get(group, set()) if keeps else set())
        others = [each for name, each in self._groups.items() if name != group]
        return _items(own), _items(own.union(*others))

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


def _items(keys: Iterable[Key]) -> int:
    return len({item for _, item in keys if item})


def _encode(frame: Frame) -> str:
    return msgspec.json.encode(frame).decode()


_ENTRIES: Final = 10
_MOST_UNREAD: Final = 100_000
