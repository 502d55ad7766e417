"""
What a condition search (조건검색) found, with the moment at which it was known.

A broker tells what fulfils a condition now, and never what did yesterday; only what was recorded
can be traded in a backtest. A file for each condition, a line for each thing learned. While the
stream was cut, nothing is known, and nothing is made up.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from maemae.domain.errors import InvalidValueError, MissingDataError, StorageError
from maemae.domain.ids import Symbol

FOLDER: Final = "conditions"


class Listed(msgspec.Struct, frozen=True, tag="LISTED"):
    """Everything that fulfils the condition, known since then [ns, UTC]."""

    known_at: int
    symbols: tuple[Symbol, ...]


class Moved(msgspec.Struct, frozen=True, tag="MOVED"):
    """An instrument came in or went out, known since then [ns, UTC]."""

    known_at: int
    symbol: Symbol
    is_in: bool


class Lost(msgspec.Struct, frozen=True, tag="LOST"):
    """From then on nothing is known, until the next list [ns, UTC]."""

    known_at: int


Learned = Listed | Moved | Lost


class ConditionLog:
    """
    The record of one condition; who writes it is alone.

    Args:
        root: Of the catalogue.
        name: As a person chose it; becomes the name of a file.

    Raises:
        InvalidValueError: The name is none of a file.
    """

    def __init__(self, root: Path, name: str) -> None:
        if not name or name.startswith(".") or any(char in name for char in '/\\\0"'):
            raise InvalidValueError(
                f"{name!r} 은(는) 이름이 될 수 없습니다. 빗금 없이 쓰세요.",
                f"{name!r} cannot be a name. Write it without slashes.",
            )
        self.path = root / FOLDER / f"{name}.jsonl"

    def append(self, learned: Learned) -> None:
        """
        Keep what was learned; it is durable on return.

        Raises:
            StorageError: It cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                file.truncate(_whole(file))
                file.write(msgspec.json.encode(learned) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(
                f"{self.path} 을(를) 쓸 수 없습니다 ({error.strerror}). 디스크를 확인하세요.",
                f"{self.path} cannot be written ({error.strerror}). Check the disk.",
            ) from error

    def read(self) -> ConditionHistory:
        """
        Return everything that was recorded.

        Raises:
            MissingDataError: Nothing was.
            StorageError: A line that is not the last is damaged.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError:
            raise MissingDataError(
                f"조건 {self.path.stem} 의 기록이 없습니다. maemae data conditions 로 남기세요.",
                f"Nothing is recorded of the condition {self.path.stem}. Record it with maemae "
                "data conditions.",
            ) from None
        return ConditionHistory(
            [self._learned(line, place) for place, line in enumerate(lines[:-1])]
        )

    def _learned(self, line: bytes, place: int) -> Learned:
        try:
            return _DECODER.decode(line)
        except msgspec.MsgspecError as error:
            raise StorageError(
                f"{self.path} 의 {place + 1}번째 줄이 깨졌습니다. 그 줄을 지우세요.",
                f"Line {place + 1} of {self.path} is damaged. Remove it.",
            ) from error


class ConditionHistory:
    """
    Which instruments fulfilled a condition, at any moment, as it was known then.

    Args:
        learned: Oldest first; a clock that was set back does not reach into the past.
    """

    def __init__(self, learned: Sequence[Learned]) -> None:
        self._since: list[int] = []
        self._members: list[frozenset[Symbol] | None] = []
        members: frozenset[Symbol] | None = None
        newest = 0
        for each in learned:
            members = _after(members, each)
            newest = max(newest, each.known_at)
            self._since.append(newest)
            self._members.append(members)

    def members_at(self, instant: int) -> frozenset[Symbol] | None:
        """
        Return what fulfilled the condition at an instant [ns, UTC], None if it was not known.

        What was learned at the very instant counts.
        """
        place = bisect_right(self._since, instant)
        return self._members[place - 1] if place else None


def _whole(file: BinaryIO) -> int:
    """Return the length without a last line that a crash tore."""
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _after(members: frozenset[Symbol] | None, learned: Learned) -> frozenset[Symbol] | None:
    match learned:
        case Listed():
            return frozenset(learned.symbols)
        case Lost():
            return None
        case Moved():
            if members is None:
                return None
            return members | {learned.symbol} if learned.is_in else members - {learned.symbol}


_DECODER: Final[msgspec.json.Decoder[Learned]] = msgspec.json.Decoder(Learned)
