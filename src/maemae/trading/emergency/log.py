"""
The emergency log: what was done while the database could not be told.

Each line is synced before what it tells of is done, and chained to the one before by a hash.
Several processes write it in turn. It never stands in the way: a damaged log is put aside,
and a lock that nobody gives back is waited for only briefly.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from maemae.core.events import KillLevel
from maemae.domain.errors import StorageError
from maemae.domain.ids import AccountId, ClOrdId, OrderId, Symbol
from maemae.storage.syncing import sync_folder

NAME: Final = "emergency.log"

_PATIENCE_SECS: Final = 0.5  # for another process to finish its line
_NAP_SECS: Final = 0.01
_PRIVATE: Final = 0o600


class KillPressed(msgspec.Struct, frozen=True, tag="KILL_PRESSED"):
    """Somebody or something pressed the kill switch."""

    level: KillLevel
    who: str
    reason: str


class KillReleased(msgspec.Struct, frozen=True, tag="KILL_RELEASED"):
    """A person is about to release the kill switch."""

    who: str
    reason: str


class EpochTaken(msgspec.Struct, frozen=True, tag="EPOCH_TAKEN"):
    """A watchdog speaks from now on; no older epoch may."""

    epoch: int
    holder: str


class CancelSent(msgspec.Struct, frozen=True, tag="CANCEL_SENT"):
    """A cancel is about to leave."""

    number: ClOrdId
    account_id: AccountId
    order_id: OrderId
    symbol: Symbol


class SaleSent(msgspec.Struct, frozen=True, tag="SALE_SENT"):
    """A sale at market is about to leave [shares]."""

    number: ClOrdId
    account_id: AccountId
    symbol: Symbol
    qty: int


class Answered(msgspec.Struct, frozen=True, tag="ANSWERED"):
    """
    What came of a request.

    Attributes:
        number: Of the request.
        order_id: What the broker calls it; None if it was refused or is not known.
        text: Why not, in Korean; empty if it was accepted.
    """

    number: ClOrdId
    order_id: OrderId | None
    text: str


class Damaged(msgspec.Struct, frozen=True, tag="DAMAGED"):
    """The log before this one could not be read on; it is kept beside."""

    kept_as: str


class Absorbed(msgspec.Struct, frozen=True, tag="ABSORBED"):
    """An executor has made everything up to a line durable in its own journal."""

    up_to: int


Record = (
    KillPressed | KillReleased | EpochTaken | CancelSent | SaleSent | Answered | Damaged | Absorbed
)


class Line(msgspec.Struct, frozen=True):
    """
    One record in its place.

    Attributes:
        seq: Counted from 1 without a gap.
        at: Wall time [ns, UTC]; for people, the order is told by `seq`.
    """

    seq: int
    at: int
    record: Record


class _Written(msgspec.Struct, frozen=True):
    line: msgspec.Raw
    hash: str


_LINES: Final = msgspec.json.Decoder(Line)
_WRITTEN: Final = msgspec.json.Decoder(_Written)
_FIRST: Final = hashlib.sha256(b"maemae emergency log 1").hexdigest()


class EmergencyLog:
    """
    The log of one data folder; open to several processes.

    Args:
        home: The data folder.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / NAME

    def append(self, record: Record, at: int) -> int:
        """
        Write a record; return its number once it is on the disk.

        Raises:
            StorageError: It may not be there. Who acts in an emergency acts all the same.
        """
        try:
            is_new = not self.path.exists()
            with self._locked() as handle:
                seq, proof = self._newest(handle, at)
                seq, proof = self._write(handle, Line(seq + 1, at, record), proof)
            if is_new:
                sync_folder(self.path.parent)
        except OSError as error:
            raise StorageError(
                f"비상 기록을 쓰지 못했습니다 ({error}): {self.path}. 디스크를 확인하세요. "
                "취소와 매도는 기록 없이도 계속됩니다.",
                f"The emergency log could not be written ({error}): {self.path}. Check the disk. "
                "Cancels and sales go on without it.",
            ) from error
        return seq

    def lines(self) -> tuple[Line, ...]:
        """
        Return every line in order, up to the first that is damaged.

        Raises:
            StorageError: The file is there and cannot be read.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StorageError(
                f"비상 기록을 읽지 못했습니다 ({error}): {self.path}. 권한과 디스크를 확인하세요.",
                f"The emergency log cannot be read ({error}): {self.path}. Check permissions and "
                "the disk.",
            ) from error
        return tuple(line for line, _, _ in _checked(content))

    @property
    def is_whole(self) -> bool:
        """Whether every complete line can be read; a line torn by a crash was never acted on."""
        content = self.path.read_bytes() if self.path.exists() else b""
        return not _is_damaged(content)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _PRIVATE)
        try:
            deadline = time.monotonic() + _PATIENCE_SECS
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(_NAP_SECS)
            yield handle
        finally:
            os.close(handle)  # and with it the lock

    def _newest(self, handle: int, at: int) -> tuple[int, str]:
        """Return number and hash of the last line; cut a torn one, put a damaged log aside."""
        content = os.pread(handle, os.fstat(handle).st_size, 0)
        if _is_damaged(content):
            kept = self.path.with_name(f"{NAME}.damaged-{at}")
            kept.write_bytes(content)
            os.ftruncate(handle, 0)
            return self._write(handle, Line(1, at, Damaged(kept.name)), _FIRST)
        good = list(_checked(content))
        seq, proof, end = (good[-1][0].seq, *good[-1][1:]) if good else (0, _FIRST, 0)
        if end < len(content):
            os.ftruncate(handle, end)
        return seq, proof

    def _write(self, handle: int, line: Line, before: str) -> tuple[int, str]:
        body = msgspec.json.encode(line)
        proof = _next_hash(before, body)
        written = msgspec.json.encode(_Written(msgspec.Raw(body), proof)) + b"\n"
        if os.write(handle, written) != len(written):
            raise OSError("short write")
        os.fsync(handle)
        return line.seq, proof


def _checked(content: bytes) -> Iterator[tuple[Line, str, int]]:
    """Yield each good line, its hash and where it ends, up to the first that is not."""
    before, end = _FIRST, 0
    for number, raw in enumerate(content.splitlines(keepends=True), 1):
        if not raw.endswith(b"\n"):
            return
        try:
            written = _WRITTEN.decode(raw)
            line = _LINES.decode(written.line)
        except msgspec.MsgspecError:
            return
        if line.seq != number or written.hash != _next_hash(before, bytes(written.line)):
            return
        before, end = written.hash, end + len(raw)
        yield line, before, end


def _is_damaged(content: bytes) -> bool:
    """Whether a complete line is bad; what a crash tears has no end."""
    good: Sequence[int] = [end for _, _, end in _checked(content)]
    return b"\n" in content[good[-1] if good else 0 :]


def _next_hash(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode() + body).hexdigest()
