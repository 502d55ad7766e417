"""
The kill switch as a file, `KILL` in the data folder, which works with everything else dead.

Each line is one press: a level, then who and why. Lines are only added, so that presses of
several hands never undo one another, and the highest level holds. Whatever cannot be read as
a press counts as CANCEL_ALL: `touch KILL` stops trading, and a damaged file does not free it.
LIQUIDATE must be written out; no accident sells what is held. On a full disk it is written out
as the target of a link, which needs no room; and what cannot be written at all is held by the
process that was told, for as long as it lives.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from maemae.core.events import KillLevel
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.storage.syncing import sync_folder

NAME: Final = "KILL"

KILL_SIGNALS: Final[Mapping[signal.Signals, KillLevel]] = MappingProxyType(
    {signal.SIGUSR1: KillLevel.STOP_NEW, signal.SIGUSR2: KillLevel.CANCEL_ALL}
)
"""What signals press, once an executor installs them; none liquidates, signals are mistyped."""

_RANKS: Final = {level: rank for rank, level in enumerate(KillLevel)}
_DOUBTFUL: Final = KillLevel.CANCEL_ALL
_READ_MOST: Final = 64 * 1024
_NAME_MOST: Final = 59  # bytes of a link that lie beside its name and need no block
_PRIVATE: Final = 0o600


class KillFile:
    """
    The file flag of one data folder.

    Args:
        home: The data folder.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / NAME
        self._held = KillLevel.OFF  # what this process was told and could not write
        self._held_line = ""

    def level(self) -> KillLevel:
        """
        Return the level that stands; one failed `open` as long as there is no file.

        Never raises: a flag that cannot be read counts as CANCEL_ALL.
        """
        return max(self._written(), self._held, key=_RANKS.__getitem__)

    def text(self) -> str:
        """Return what the presses say, for a person; empty if there are none."""
        return "\n".join(filter(None, (_text(self.path), self._held_line)))

    def press(self, level: KillLevel, who: str, reason: str) -> None:
        """
        Add a press; durable when this returns.

        Raises:
            InvalidValueError: The level is OFF.
            StorageError: The press could not be written whole. This object holds it all the
                same; for others what stands is CANCEL_ALL at least, if a file could be made.
        """
        if level is KillLevel.OFF:
            raise InvalidValueError(
                "비상정지 파일에 OFF 는 쓸 수 없습니다. 해제 명령을 쓰세요.",
                "OFF cannot be written into the kill file. Use the release.",
            )
        line = f"{level} {_one_line(who)}: {_one_line(reason)}\n".encode()
        try:
            while not (self._add(line) or self._make(line)):
                pass  # it was made or taken away between the two
            sync_folder(self.path.parent)
        except OSError as error:
            if self._link(level, line):
                return
            self._hold(level, line)
            with suppress(OSError):  # an empty file needs no room on a full disk
                self.path.touch(_PRIVATE)
            raise StorageError(
                f"비상정지 파일을 다 쓰지 못했습니다 ({error}): {self.path}. 현재 단계는 "
                f"{self.level()} 입니다. 디스크를 확인하고 증권사 앱에서도 주문을 확인하세요.",
                f"The kill file could not be written whole ({error}): {self.path}. It stands at "
                f"{self.level()}. Check the disk, and your orders in the broker's own app.",
            ) from error

    def release(self, read: str) -> None:
        """
        Take the file away, durably; it is kept beside as `KILL.released`.

        Args:
            read: What `text` said to the person who releases. A press that came after that
                is not theirs to release.

        Raises:
            InvalidValueError: Somebody pressed meanwhile; the kill switch stays.
            StorageError: It could not be taken away; the kill switch stays.
        """
        released = self.path.with_name(f"{NAME}.released")
        try:
            self.path.replace(released)
            sync_folder(self.path.parent)
        except FileNotFoundError:
            self._held, self._held_line = KillLevel.OFF, ""
            return
        except OSError as error:
            raise StorageError(
                f"비상정지 파일을 지우지 못했습니다 ({error}): {self.path}. 권한과 디스크를 "
                "확인하고 다시 해제하세요.",
                f"The kill file could not be taken away ({error}): {self.path}. Check permissions "
                "and the disk, then release again.",
            ) from error
        self._held, self._held_line = KillLevel.OFF, ""
        taken = _text(released)
        if taken != read:
            self.press(
                level_of(taken.encode()), "maemae", "pressed again while it was being released"
            )
            raise InvalidValueError(
                "해제하는 사이에 비상정지가 다시 걸렸습니다. 사유를 확인하고 다시 해제하세요.",
                "The kill switch was pressed again meanwhile. Read why, then release it again.",
            )

    def _written(self) -> KillLevel:
        """Return the level that the file says."""
        try:
            with self.path.open("rb") as file:
                return level_of(file.read(_READ_MOST))
        except FileNotFoundError:  # a link to nowhere is a flag all the same
            if not self.path.is_symlink():
                return KillLevel.OFF
            return level_of(_text(self.path).encode())
        except OSError:
            return _DOUBTFUL

    def _hold(self, level: KillLevel, line: bytes) -> None:
        """Keep a press that cannot be written for whoever looks through this object."""
        self._held = max(level, self._held, key=_RANKS.__getitem__)
        self._held_line = line.decode().strip()

    def _link(self, level: KillLevel, line: bytes) -> bool:
        """Write a press as the target of a link; return whether its level is durable so."""
        if _RANKS[self._written()] >= _RANKS[level]:
            return self.path.is_symlink()
        draft = self._draft()
        try:
            draft.symlink_to(line[:_NAME_MOST].decode(errors="ignore").strip())
            draft.replace(self.path)
            sync_folder(self.path.parent)
        except OSError:
            with suppress(OSError):
                draft.unlink()
            return False
        return True

    def _draft(self) -> Path:
        return self.path.with_name(f".{NAME}.{os.getpid()}.{threading.get_ident()}")

    def _add(self, line: bytes) -> bool:
        """Add to the file that is there; false if there is none, or it was released meanwhile."""
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:
            if self.path.is_symlink():
                raise OSError("a link to nowhere") from None
            return False
        try:
            if os.write(handle, b"\n" + line) <= len(line):  # what stands before may lack its end
                raise OSError("short write")
            os.fsync(handle)
            return os.fstat(handle).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False
        finally:
            os.close(handle)

    def _make(self, line: bytes) -> bool:
        """Make the file with its content at once; false if there is one by now."""
        draft = self._draft()
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
            try:
                if os.write(handle, line) != len(line):
                    raise OSError("short write")
                os.fsync(handle)
            finally:
                os.close(handle)
            os.link(draft, self.path)
        except FileExistsError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True


def level_of(content: bytes) -> KillLevel:
    """Return the highest level of the presses in a kill file that exists."""
    lines = [line.split() for line in content.decode(errors="replace").splitlines()]
    levels = [_level(words[0]) for words in lines if words]
    return max(levels, key=_RANKS.__getitem__, default=_DOUBTFUL)


def _level(word: str) -> KillLevel:
    try:
        level = KillLevel(word.upper())
    except ValueError:
        return _DOUBTFUL
    return _DOUBTFUL if level is KillLevel.OFF else level


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace").strip()
    except OSError:
        with suppress(OSError):
            return str(path.readlink())
        return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
