"""
The way in for programs that cannot reach the control socket: the inbox in the store.

What waited too long is refused: the price it was made for is gone, and whoever posted it has
been told that nobody answered. A command is taken before it is done: from then on whoever posted
it cannot withdraw it, or it might be done and be told not done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from maemae.domain.errors import InvalidValueError, StorageError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.storage.inbox import PostedCommand
from maemae.trading.control.answering import Handler, answered
from maemae.trading.control.commands import Ask, Kill, Watch
from maemae.trading.control.frames import ask_body, not_understood, read_ask
from maemae.trading.control.replies import Failed, Reply

GOOD_FOR: Final = 10 * SECOND
"""How long a command may wait [ns, wall]."""

_replies: Final = msgspec.json.Decoder(Reply)


class Box(Protocol):
    """The inbox of one executor; `maemae.storage.inbox.Inbox` is one. Everything blocks."""

    def pending(self) -> Sequence[PostedCommand]:
        """Return the commands that nobody has taken, oldest first."""

    def take(self, key: str) -> bool:
        """Begin with a command, so that nobody withdraws it; False if it waits no more."""

    def put_back(self) -> None:
        """Let everything wait again that was begun with and came to nothing that is durable."""

    def answer(self, key: str, answer: str) -> None:
        """Keep what a command came to, for who posted it; it waits no more."""


class InboxReader:
    """
    Takes commands out of an inbox and has them answered.

    Args:
        box: The inbox.
        handle: Answers; as for the control socket.
        wall: Real time.
        every: Between two looks [ns, wall].
        retry_every: The same while the store is out of reach.
    """

    def __init__(
        self, box: Box, handle: Handler, wall: WallClock, every: int, retry_every: int
    ) -> None:
        self._box = box
        self._handle = handle
        self._wall = wall
        self._every = every
        self._retry_every = retry_every

    async def run(self) -> None:
        """Look for ever."""
        is_sure = False  # commands begun by an earlier life may or may not have been done
        while True:
            try:
                if not is_sure:
                    await asyncio.to_thread(self._box.put_back)
                is_sure = True
                await self.look()
            except StorageError:
                is_sure = False
                await self._wall.sleep(self._retry_every)
            else:
                await self._wall.sleep(self._every)

    async def look(self) -> None:
        """Have everything answered that waits now; the kill switch goes first."""
        waiting = await asyncio.to_thread(self._box.pending)
        for posted in sorted(waiting, key=lambda posted: posted.kind != Kill.__name__):
            if not await asyncio.to_thread(self._box.take, posted.key):
                continue
            reply = await self._reply(posted)
            await asyncio.to_thread(self._box.answer, posted.key, reply_text(reply))

    async def _reply(self, posted: PostedCommand) -> Reply:
        if self._wall.now() - posted.posted_at > GOOD_FOR:
            return Failed(_LATE)
        try:
            ask = read_ask(posted.body)
        except InvalidValueError as error:
            return Failed(error.text)
        return Failed(_NO_WATCH) if isinstance(ask, Watch) else await answered(self._handle, ask)


def as_posted(key: str, who: str, ask: Ask, now: int) -> PostedCommand:
    """Return a question as it is put into an inbox."""
    return PostedCommand(key, who, type(ask).__name__, ask_body(ask), now)


def reply_text(reply: Reply) -> str:
    """Return an answer as the inbox keeps it."""
    return msgspec.json.encode(reply).decode()


def read_reply_text(text: str) -> Reply:
    """
    Return the answer that an inbox keeps.

    Raises:
        InvalidValueError: It cannot be understood.
    """
    try:
        reply: Reply = _replies.decode(text)
    except msgspec.MsgspecError as error:
        raise not_understood(error) from error
    return reply


_NO_WATCH: Final = Text(
    "명령함으로는 지켜볼 수 없습니다. 제어 소켓에 연결하세요.",
    "Nobody can watch through the inbox. Connect to the control socket.",
)
_LATE: Final = Text(
    "명령이 10초 넘게 기다려 실행하지 않았습니다. 지금 상황을 보고 다시 보내세요.",
    "The command had waited for more than 10 s and was not done. Look at how things stand and "
    "send it again.",
)
