"""What is told of a command whose record may or may not be durable."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from maemae.domain.errors import CommitUnknownError
from maemae.domain.ids import ClOrdId
from maemae.trading.clerk import Clerk
from maemae.trading.control.commands import Cancel, CoreCommand, ReclaimStream
from maemae.trading.control.replies import Accepted, Failed, Reply
from maemae.trading.mailbox import Mailbox
from maemae.trading.once import Once
from tests.builders import NOON


def answer(command: CoreCommand) -> Reply:
    """Return what is answered while the store fails."""
    nothing: Any = None

    async def ask() -> Reply:
        mailbox = Mailbox()
        mailbox.close(CommitUnknownError("모릅니다.", "Not known."))
        executor: Any = SimpleNamespace(engine=SimpleNamespace(mailbox=mailbox))
        once = Once(lambda _: None, lambda: NOON)
        clerk = Clerk(nothing, executor, nothing, nothing, nothing, once, nothing, nothing)
        return await clerk.handle(command)

    return asyncio.run(ask())


def test_command_when_its_commit_is_not_known_is_told_unknown_and_not_refused() -> None:
    reply = answer(Cancel("k1", "kim", ClOrdId(1)))

    assert isinstance(reply, Failed)
    assert reply.is_unknown
    assert "same key" in reply.text.en


def test_stream_is_reclaimed_whatever_the_engine_does() -> None:
    nothing: Any = None
    asked: list[str] = []

    async def reclaim() -> None:
        asked.append("reclaim")

    async def ask() -> Reply:
        outside: Any = SimpleNamespace(broker=SimpleNamespace(reclaim=reclaim))
        executor: Any = SimpleNamespace(engine=None)
        clerk = Clerk(nothing, executor, outside, nothing, nothing, nothing, nothing, nothing)
        return await clerk.handle(ReclaimStream("k1", "kim", "다른 로그인을 껐음"))

    assert asyncio.run(ask()) == Accepted("k1")
    assert asked == ["reclaim"]
