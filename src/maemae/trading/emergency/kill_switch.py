"""
The kill switch of a data folder: pressed by anybody, released by a person with a reason.

It is carried by the kill file and the emergency log, and by the executor's own journal once
it has seen them. The strictest of the three holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from maemae.core.events import KillLevel, KillSet
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.ports import WallClock
from maemae.trading.emergency.kill_file import KillFile
from maemae.trading.emergency.log import (
    Absorbed,
    CancelSent,
    Damaged,
    EmergencyLog,
    EpochTaken,
    KillPressed,
    KillReleased,
    Line,
    SaleSent,
)


class Absorption(msgspec.Struct, frozen=True):
    """
    What the emergency log tells an executor that recovers.

    Attributes:
        events: For the core, in order; none of them releases.
        epoch: The highest that a watchdog took; the executor's must be above it.
        requests: What left without the journal's knowledge. What became of it is found by
            reconciliation: the orders are in the broker's lists, adopted as EXTERNAL.
        up_to: Number of the newest line.
    """

    events: tuple[KillSet, ...]
    epoch: int
    requests: tuple[CancelSent | SaleSent, ...]
    up_to: int


class KillSwitch:
    """
    The file flag and the emergency log as one switch.

    Args:
        home: The data folder; it exists.
        wall: For the times in the log.
    """

    def __init__(self, home: Path, wall: WallClock) -> None:
        self.file = KillFile(home)
        self.log = EmergencyLog(home)
        self._wall = wall

    def press(self, level: KillLevel, who: str, reason: str) -> None:
        """
        Press; durable when this returns, with or without an executor.

        Raises:
            InvalidValueError: The level is OFF.
            StorageError: The file could not be written whole; act on the press all the same.
        """
        if level is not KillLevel.OFF:
            with suppress(StorageError):  # the file alone holds too
                self.log.append(KillPressed(level, who, reason), self._wall.now())
        self.file.press(level, who, reason)

    def release(self, who: str, reason: str, read: str) -> None:
        """
        Release, durably; the executor's core is released by its own event after this.

        Args:
            who: The person.
            reason: Why it may be released, not empty.
            read: What `file.text()` said to the person.

        Raises:
            InvalidValueError: There is no reason, or somebody pressed meanwhile.
            StorageError: The release could not be recorded; the kill switch stays.
        """
        if not who.strip() or not reason.strip():
            raise InvalidValueError(
                "비상정지를 해제하는 사람과 사유가 있어야 합니다. 둘 다 적으세요.",
                "Releasing the kill switch needs a person and a reason. Name both.",
            )
        self.log.append(KillReleased(who, reason), self._wall.now())
        self.file.release(read)

    def absorb(self, at: int) -> Absorption:
        """
        Return what an executor that recovers must take in before anything else.

        Taking it in twice changes nothing: the switch only rises. Call `absorbed` once the
        events are durable.

        Args:
            at: For the events [ns, UTC, the exchange's time].

        Raises:
            StorageError: The log is there and cannot be read; do not trade.
        """
        lines = self.log.lines()
        told = [line for line in lines if line.seq > _absorbed_up_to(lines)]
        presses = _standing_presses(told)
        level = self.file.level()
        if level is not KillLevel.OFF:
            presses.append((level, self.file.text() or "KILL"))
        if not self.log.is_whole:
            presses.append(_DAMAGED)
        epochs = [line.record.epoch for line in lines if isinstance(line.record, EpochTaken)]
        requests = [line.record for line in told]
        return Absorption(
            tuple(KillSet(level, reason, at) for level, reason in presses),
            max(epochs, default=0),
            tuple(record for record in requests if isinstance(record, CancelSent | SaleSent)),
            lines[-1].seq if lines else 0,
        )

    def absorbed(self, absorption: Absorption) -> None:
        """
        Note that what was absorbed is durable in the executor's own journal.

        Raises:
            StorageError: It could not be noted; it will be absorbed once more.
        """
        if absorption.up_to:
            self.log.append(Absorbed(absorption.up_to), self._wall.now())


_DAMAGED = (KillLevel.CANCEL_ALL, "the emergency log is damaged / 비상 기록이 손상되었습니다")


def _absorbed_up_to(lines: Sequence[Line]) -> int:
    """Return the newest line that was absorbed; a log that began anew counts from its own start."""
    marks = [
        min(line.record.up_to, line.seq) for line in lines if isinstance(line.record, Absorbed)
    ]
    return max(marks, default=0)


def _standing_presses(lines: Sequence[Line]) -> list[tuple[KillLevel, str]]:
    """Return the presses that nobody released; a release itself is left to the executor."""
    presses: list[tuple[KillLevel, str]] = []
    for line in lines:
        record = line.record
        if isinstance(record, KillReleased):
            presses.clear()
        elif isinstance(record, KillPressed):
            presses.append((record.level, f"{record.who}: {record.reason}"))
        elif isinstance(record, Damaged):
            presses.append(_DAMAGED)
    return presses
