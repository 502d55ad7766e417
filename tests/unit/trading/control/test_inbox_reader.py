"""Commands out of the inbox: answered once, the kill switch first, the late ones refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from maemae.core.events import KillLevel
from maemae.domain.ids import ClOrdId
from maemae.domain.terms import TradingState
from maemae.storage.inbox import PostedCommand
from maemae.trading.control.commands import Ask, Cancel, Kill, SetTradingState, Watch
from maemae.trading.control.frames import ask_body
from maemae.trading.control.inbox_reader import GOOD_FOR, InboxReader, as_posted, read_reply_text
from maemae.trading.control.replies import Accepted, Failed, Reply

NOW = 1_000 * GOOD_FOR
OPEN = SetTradingState("k1", "kim", TradingState.ACTIVE, "아침")
CANCEL = Cancel("k2", "kim", ClOrdId(3))
KILL = Kill("k3", "kim", KillLevel.STOP_NEW, "불안")


class StillWall:
    """A clock that stands (`maemae.ports.WallClock`)."""

    def now(self) -> int:
        return NOW

    def monotonic(self) -> int:
        return NOW

    async def sleep(self, nanos: int) -> None:
        raise AssertionError(nanos)


class Box:
    """An inbox in memory."""

    def __init__(self, *waiting: PostedCommand) -> None:
        self.waiting = waiting
        self.answers: dict[str, Reply] = {}
        self.taken: set[str] = set()
        self.withdrawn: set[str] = set()

    def pending(self) -> Sequence[PostedCommand]:
        return [posted for posted in self.waiting if posted.key not in self.taken]

    def take(self, key: str) -> bool:
        is_mine = key not in self.taken | self.withdrawn
        self.taken.add(key)
        return is_mine

    def put_back(self) -> None:
        self.taken = set(self.answers)

    def answer(self, key: str, answer: str) -> None:
        self.answers[key] = read_reply_text(answer)


def look(box: Box) -> list[Ask]:
    asked: list[Ask] = []

    async def handle(ask: Ask) -> Reply:
        asked.append(ask)
        if isinstance(ask, Cancel):
            raise ZeroDivisionError
        return Accepted(getattr(ask, "key", ""))

    reader = InboxReader(box, handle, StillWall(), 1, 1)
    asyncio.run(reader.look())
    asyncio.run(reader.look())
    return asked


def test_posted_commands_are_answered_once_and_the_kill_switch_goes_first() -> None:
    box = Box(as_posted("k1", "kim", OPEN, NOW), as_posted("k3", "kim", KILL, NOW))

    asked = look(box)

    assert asked == [KILL, OPEN]
    assert box.answers == {"k1": Accepted("k1"), "k3": Accepted("k3")}


def test_command_that_is_withdrawn_while_another_is_done_is_not_done() -> None:
    box = Box(as_posted("k2", "kim", KILL, NOW), as_posted("k1", "kim", OPEN, NOW))
    asked: list[Ask] = []

    async def handle(ask: Ask) -> Reply:
        asked.append(ask)
        box.withdrawn.add("k1")  # whoever posted it has waited long enough
        return Accepted("k2")

    asyncio.run(InboxReader(box, handle, StillWall(), 1, 1).look())

    assert asked == [KILL]


def test_command_that_was_begun_with_before_a_restart_is_answered_after_it() -> None:
    box = Box(as_posted("k1", "kim", OPEN, NOW))
    box.taken.add("k1")

    async def handle(ask: Ask) -> Reply:
        return Accepted("k1")

    async def play() -> None:
        with pytest.raises(AssertionError):  # the wall stands still: one look
            await InboxReader(box, handle, StillWall(), 1, 1).run()

    asyncio.run(play())

    assert box.answers == {"k1": Accepted("k1")}


def test_command_that_waited_too_long_is_refused_and_not_done() -> None:
    box = Box(as_posted("k1", "kim", OPEN, NOW - GOOD_FOR - 1))

    assert look(box) == []
    reply = box.answers["k1"]
    assert isinstance(reply, Failed)
    assert "not done" in reply.text.en


def test_what_fails_or_cannot_be_understood_is_answered_in_words_and_the_next_goes_on() -> None:
    box = Box(
        PostedCommand("bad", "kim", "Cancel", b"\xff", NOW),
        PostedCommand("watch", "kim", "Watch", ask_body(Watch()), NOW),
        as_posted("k2", "kim", CANCEL, NOW),
        as_posted("k1", "kim", OPEN, NOW),
    )

    asked = look(box)

    assert asked == [CANCEL, OPEN]
    assert all(isinstance(box.answers[key], Failed) for key in ("bad", "watch", "k2"))
    assert box.answers["k1"] == Accepted("k1")
