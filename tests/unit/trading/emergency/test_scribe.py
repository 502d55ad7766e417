"""What cannot be written down does not keep anything from being done."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from maemae.clocks import SystemWallClock
from maemae.trading.emergency.log import EmergencyLog, EpochTaken, Record
from maemae.trading.emergency.scribe import LogScribe


class HangingLog(EmergencyLog):
    """A log on a disk that does not come back until it is told to."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.is_back = threading.Event()

    def append(self, record: Record, at: int) -> int:
        self.is_back.wait()
        return super().append(record, at)


def test_note_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    async def main() -> int:
        scribe = LogScribe(EmergencyLog(tmp_path), SystemWallClock())
        await asyncio.gather(*(scribe.note(EpochTaken(epoch, "w")) for epoch in range(5)))
        return scribe.missed

    assert asyncio.run(main()) == 0
    records = [line.record for line in EmergencyLog(tmp_path).lines()]
    assert records == [EpochTaken(epoch, "w") for epoch in range(5)]


def test_note_when_the_disk_refuses_is_missed(tmp_path: Path) -> None:
    async def main() -> int:
        scribe = LogScribe(EmergencyLog(tmp_path / "gone"), SystemWallClock())
        await scribe.note(EpochTaken(1, "w"))
        return scribe.missed

    assert asyncio.run(main()) == 1


def test_note_when_the_disk_hangs_is_missed_and_resumed_once_it_is_back(tmp_path: Path) -> None:
    async def main() -> int:
        log = HangingLog(tmp_path)
        scribe = LogScribe(log, SystemWallClock())
        await scribe.note(EpochTaken(1, "w"))
        await scribe.note(EpochTaken(2, "w"))
        log.is_back.set()
        assert scribe._writing is not None
        await scribe._writing
        await scribe.note(EpochTaken(3, "w"))
        return scribe.missed

    assert asyncio.run(main()) == 2
    records = [line.record for line in EmergencyLog(tmp_path).lines()]
    assert records == [EpochTaken(1, "w"), EpochTaken(3, "w")]
