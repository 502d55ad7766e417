"""What is told of a command whose record may or may not be durable."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from maemae.clocks import SystemWallClock
from maemae.core.events import Event, KillLevel, KillSet
from maemae.domain.errors import CommitUnknownError, MaemaeError, StorageError
from maemae.domain.ids import ClOrdId
from maemae.trading.clerk import Clerk
from maemae.trading.control.commands import Cancel, CoreCommand, Kill, ReclaimStream
from maemae.trading.control.replies import Accepted, Failed, Reply
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.mailbox import Mailbox
from maemae.trading.once import Once
from tests.builders import NOON
from tests.timed_outside import Place
from tests.virtual_time import run


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


def pressed(home: Path, core: str) -> tuple[Reply | MaemaeError, list[Event], KillSwitch]:
    """
    Return the answer to a press, what the core was told, and the switch.

    Args:
        home: The data folder; it may be away.
        core: Whether it KEEPS what it is told, FAILS to, or is AWAY.
    """
    nothing: Any = None
    place, switch, told = Place(NOON), KillSwitch(home, SystemWallClock()), []
    unknown = CommitUnknownError("모릅니다.", "Not known.")

    async def listen(mailbox: Mailbox) -> None:
        for letter in await mailbox.take(9):
            told.append(letter.event)
            assert letter.answer is not None
            if core == "KEEPS":
                letter.answer.set_result(())
            else:
                letter.answer.set_exception(unknown)

    async def ask() -> Reply | MaemaeError:
        mailbox = Mailbox(place.wall.monotonic)
        listening = asyncio.create_task(listen(mailbox))
        engine = None if core == "AWAY" else SimpleNamespace(mailbox=mailbox)
        executor: Any = SimpleNamespace(engine=engine)
        once = Once(lambda _: None, lambda: NOON)
        clerk = Clerk(nothing, executor, place.outside, switch, nothing, once, nothing, nothing)
        try:
            return await clerk.handle(Kill("k", "kim", KillLevel.LIQUIDATE, "crash"))
        except MaemaeError as error:
            return error
        finally:
            listening.cancel()

    reply = run(ask())
    unwritten = [alert.subject for alert in place.told("KILL_NOT_WRITTEN")]
    assert unwritten == ([] if home.is_dir() else ["KILL"])
    return reply, told, switch


def test_press_when_the_folder_cannot_be_written_reaches_the_core(tmp_path: Path) -> None:
    reply, told, switch = pressed(tmp_path / "gone", "KEEPS")

    assert isinstance(reply, Accepted)
    assert told == [KillSet(KillLevel.LIQUIDATE, "kim: crash", NOON)]
    assert switch.file.level() is KillLevel.LIQUIDATE


@pytest.mark.parametrize("core", ["FAILS", "AWAY"])
def test_press_when_neither_folder_nor_core_keeps_it_is_refused_and_holds(
    tmp_path: Path, core: str
) -> None:
    reply, _, switch = pressed(tmp_path / "gone", core)

    assert isinstance(reply, StorageError)
    assert switch.file.level() is KillLevel.LIQUIDATE  # the emergency lane acts on it


@pytest.mark.parametrize("core", ["KEEPS", "FAILS", "AWAY"])
def test_press_when_the_folder_keeps_it_is_accepted_whatever_the_core_does(
    tmp_path: Path, core: str
) -> None:
    reply, _, switch = pressed(tmp_path, core)

    assert isinstance(reply, Accepted)
    assert switch.file.level() is KillLevel.LIQUIDATE
