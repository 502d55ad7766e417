"""A press that nothing could write down reaches the core, or the emergency lane."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from maemae.core.events import KillLevel, KillSet
from maemae.domain.errors import StorageError
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.kill_watch import KillWatch
from maemae.trading.mailbox import Mailbox
from tests.builders import ACCOUNT
from tests.timed_outside import MONDAY, Place, at
from tests.virtual_time import run

NOWHERE = "gone"


def test_watch_when_the_folder_cannot_be_written_hands_the_press_to_the_core(
    tmp_path: Path,
) -> None:
    async def main() -> list[object]:
        place = Place(at(MONDAY, 10))
        switch = KillSwitch(tmp_path / NOWHERE, place.wall)
        mailbox = Mailbox(place.wall.monotonic)
        life: Any = SimpleNamespace(kill_level=KillLevel.OFF, mailbox=mailbox, is_ready=True)
        watch = KillWatch(switch, place.outside, (ACCOUNT,), lambda: True)
        watching = asyncio.create_task(watch.until_overdue(lambda: life))
        await asyncio.sleep(1)
        with suppress(StorageError):
            switch.press(KillLevel.LIQUIDATE, "kim", "crash")
        (letter,) = await mailbox.take(9)
        watching.cancel()
        return [letter.event]

    (event,) = run(main())

    assert isinstance(event, KillSet)
    assert (event.level, event.reason) == (KillLevel.LIQUIDATE, "LIQUIDATE kim: crash")


def test_watch_when_no_core_takes_it_asks_for_the_emergency_lane(tmp_path: Path) -> None:
    async def main() -> None:
        place = Place(at(MONDAY, 10))
        switch = KillSwitch(tmp_path / NOWHERE, place.wall)
        watch = KillWatch(switch, place.outside, (ACCOUNT,), lambda: True)
        with suppress(StorageError):
            switch.press(KillLevel.LIQUIDATE, "kim", "crash")
        async with asyncio.timeout(5):
            await watch.until_overdue(lambda: None)

    run(main())
