"""
One client of the stream, and what waits for it: bounded, whatever the client does.

What must not be lost waits in a queue; one that is full ends the connection, and the client goes
on from the last number it saw. Of what is conflated only the newest waits, however long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Final, NamedTuple

from maemae.server.security.actor import Actor

MOST_WAITING: Final = 2_000
"""Messages that wait for one client and must not be lost; with more it is dropped."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""Characters of them."""

FRAME_SECS: Final = 0.1
BACKGROUND_FRAME_SECS: Final = 0.25
HEARTBEAT_SECS: Final = 10.0

_AT_ONCE: Final = 64


class Closing(NamedTuple):
    """Why a connection ends: a code of RFC 6455, from 4000 on our own, and a word for it."""

    code: int
    reason: str


ENDED: Final = Closing(4001, "LOGIN_ENDED")
TOO_SLOW: Final = Closing(4008, "TOO_SLOW")
TOO_MANY: Final = Closing(4029, "TOO_MANY_MESSAGES")
TOO_LARGE: Final = Closing(1009, "TOO_LARGE")
FAILED: Final = Closing(1011, "FAILED")
CLOSINGS: Final = (ENDED, TOO_SLOW, TOO_MANY, TOO_LARGE, FAILED)
"""Every reason for which a connection is ended from here."""

Producer = Callable[[], str | None]
"""Makes the newest message of something when there is room for it; None if there is none."""


class Client:
    """
    What one socket is to be told; used from one event loop.

    Args:
        actor: Who listens.
        heartbeat: Makes the message that is sent when there is nothing else.

    Attributes:
        actor: Who listens, as they are now.
        closing: Why the connection is to end; None while it goes on.
        is_visible: Whether somebody looks; if not, frames come less often.
    """

    def __init__(self, actor: Actor, heartbeat: Callable[[], str]) -> None:
        self.actor = actor
        self.closing: Closing | None = None
        self.is_visible = True
        self._heartbeat = heartbeat
        self._waiting: deque[str] = deque()
        self._size = 0
        self._newest: dict[Hashable, Producer] = {}
        self._framed_at = 0.0
        self._told_at = asyncio.get_running_loop().time()
        self._news = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Messages that wait."""
        return len(self._waiting)

    def tell(self, message: str) -> None:
        """Queue a message that must not be lost."""
        if self.closing is not None:
            return
        if len(self._waiting) >= MOST_WAITING or self._size + len(message) > MOST_BYTES:
            self.close(TOO_SLOW)
            return
        self._waiting.append(message)
        self._size += len(message)
        self._news.set()

    def show(self, key: Hashable, produce: Producer) -> None:
        """Have the newest state of something told with the next frame."""
        if self.closing is None:
            self._newest[key] = produce
            self._news.set()

    def hide(self, key: Hashable) -> None:
        """Forget what waits of something."""
        self._newest.pop(key, None)

    def close(self, closing: Closing) -> None:
        """End the connection; what waits is dropped."""
        if self.closing is None:
            self.closing = closing
            self._waiting.clear()
            self._newest.clear()
            self._size = 0
            self._news.set()
            self._ended.set()

    async def ended(self) -> None:
        """Return once the connection is to end."""
        await self._ended.wait()

    async def take(self) -> list[str]:
        """Return what is to be sent next; nothing once the connection is to end."""
        clock = asyncio.get_running_loop().time
        while self.closing is None:
            now = clock()
            due = self._frame_due()
            messages = self._queued()
            if self._newest and now >= due:
                self._framed_at = now
                messages += self._frame()
            if not messages and now >= self._told_at + HEARTBEAT_SECS:
                messages = [self._heartbeat()]
            if messages:
                self._told_at = now
                return messages
            until = self._told_at + HEARTBEAT_SECS
            await self._wait(min(until, due) if self._newest else until)
        return []

    def _frame_due(self) -> float:
        return self._framed_at + (FRAME_SECS if self.is_visible else BACKGROUND_FRAME_SECS)

    def _queued(self) -> list[str]:
        waiting = self._waiting
        messages = [waiting.popleft() for _ in range(min(_AT_ONCE, len(waiting)))]
        self._size -= sum(map(len, messages))
        return messages

    def _frame(self) -> list[str]:
        newest, self._newest = self._newest, {}
        made = (produce() for produce in newest.values())
        return [message for message in made if message is not None]

    async def _wait(self, until: float) -> None:
        """Return once there may be something to send."""
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._news.wait()
