"""The same key is done once: at the same time, later, and after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from maemae.core.actions import Action, KillChanged
from maemae.core.events import Event, KillLevel, KillSet
from maemae.domain.errors import InvalidValueError
from maemae.ports import Entry
from maemae.trading.mailbox import Answer, Mailbox
from maemae.trading.once import Once

NOW = 7


def pressed(at: int, reason: str = "시험") -> KillSet:
    return KillSet(KillLevel.STOP_NEW, reason, at)


def another(at: int) -> KillSet:
    return pressed(at, "다른 사유")


class Desk:
    """A mailbox whose letters are answered, and the journal of what was taken in."""

    def __init__(self) -> None:
        self.journal: dict[str, Entry] = {}
        self.taken: list[Event] = []
        self.mailbox = Mailbox()
        self.once = Once(self.journal.get, lambda: NOW)

    async def answer(self) -> None:
        while True:
            for letter in await self.mailbox.take(9):
                self.taken.append(letter.event)
                done: Sequence[Action] = [KillChanged(KillLevel.STOP_NEW, str(len(self.taken)))]
                if letter.command_id is not None:
                    self.journal[letter.command_id] = Entry(1, letter.event, done)
                if letter.answer is not None:
                    letter.answer.set_result(done)

    async def ask(self, *, urgent: bool = False) -> Answer:
        return await self.once.ask(self.mailbox, "key", pressed, urgent=urgent)


async def _over(desk: Desk, *asks: object) -> None:
    answering = asyncio.create_task(desk.answer())
    try:
        for ask in asks:
            assert asyncio.iscoroutine(ask)
            await ask
    finally:
        answering.cancel()


def test_command_asked_for_fifty_times_at_once_is_done_once_and_answered_alike() -> None:
    desk = Desk()
    answers: list[Answer] = []

    async def storm() -> None:
        answers.extend(await asyncio.gather(*(desk.ask() for _ in range(50))))

    asyncio.run(_over(desk, storm()))

    assert desk.taken == [pressed(NOW)]
    assert all(answer == answers[0] for answer in answers)
    assert len(answers) == 50


def test_command_in_the_journal_is_answered_from_there() -> None:
    desk = Desk()
    desk.journal["key"] = Entry(1, pressed(3), [KillChanged(KillLevel.STOP_NEW, "then")])
    told: list[Answer] = []

    async def again() -> None:
        told.append(await desk.ask())

    asyncio.run(_over(desk, again()))

    assert desk.taken == []
    assert told == [[KillChanged(KillLevel.STOP_NEW, "then")]]


def test_key_of_another_command_is_refused_now_and_later() -> None:
    desk = Desk()

    async def later() -> None:
        await desk.ask()
        with pytest.raises(InvalidValueError, match="belongs to another"):
            await desk.once.ask(desk.mailbox, "key", another)

    async def meanwhile() -> None:
        first = asyncio.create_task(desk.once.ask(desk.mailbox, "second", pressed))
        await asyncio.sleep(0)
        with pytest.raises(InvalidValueError, match="belongs to another"):
            await desk.once.ask(desk.mailbox, "second", another)
        await first

    asyncio.run(_over(desk, later(), meanwhile()))


def test_urgent_command_is_not_looked_up() -> None:
    desk = Desk()
    desk.journal["key"] = Entry(1, pressed(3), [])

    async def press() -> None:
        await desk.ask(urgent=True)

    asyncio.run(_over(desk, press()))

    assert desk.taken == [pressed(NOW)]


def test_who_gives_up_waiting_does_not_keep_the_command_from_being_done() -> None:
    desk = Desk()

    async def impatient() -> None:
        waiting = asyncio.create_task(desk.ask())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await desk.ask()

    asyncio.run(_over(desk, impatient()))

    assert desk.taken == [pressed(NOW)]
