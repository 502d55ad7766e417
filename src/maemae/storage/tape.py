"""
The tape: inputs of the core that nothing followed from, outside the database.

Ticks come by the thousand and are needed only to replay a day, so they are appended to files and
synced when a request that they may have led to is about to leave. With the journal they are every
input of the core, each with its number.

A session has one file for each lease epoch: an executor that was paused and fenced goes on with
its own file and spoils nobody else's. A file is a line that names the format, then frames: size,
checksum, number, bytes. After a sync the next frame marks how far it reached, so that a tail
torn by a crash (cut off) and damage to what was durable (refused) can be told apart.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final
from zlib import crc32

import msgspec

from maemae.core.events import Event, InstrumentUpdated, PhaseChanged, PriceUpdated
from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.domain.text import Text
from maemae.failpoints import hit
from maemae.storage.file_system import refuse_network
from maemae.storage.records import encode
from maemae.storage.syncing import sync_data, sync_folder

_FORMAT: Final = b"maemae tape 1\n"
_HEAD: Final = struct.Struct(">IIQ")  # bytes of the payload, checksum, number of the input
_OFFSET: Final = struct.Struct(">Q")
_MARK: Final = b"maemae synced up to byte "  # payload of a frame with number 0
_LARGEST: Final = 1 << 20  # bytes of an input; a size beyond it is damage
_MASK: Final = 0xFFFF_FFFF
_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d+)\.tape")
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


Seen = PriceUpdated | PhaseChanged | InstrumentUpdated
"""What a core can be told of the market without acting on it."""


class Rebuilt(msgspec.Struct, frozen=True, tag="REBUILT"):
    """
    A core begins here, from the durable book; the first input of every tape is one.

    Attributes:
        at: When, by the exchange's time [ns, UTC].
        fingerprint: Build of maemae that goes on (`maemae.storage.fingerprint`).
        market: What the new core is told of the market: nothing after a restart, the last of
            everything when a session begins in a process that ran on.
    """

    at: int
    fingerprint: str
    market: tuple[Seen, ...] = ()


class Taped(msgspec.Struct, frozen=True):
    """
    One input on a tape.

    Attributes:
        seq: Number of the input, counted with those of the journal.
    """

    seq: int
    event: Event | Rebuilt


_decode: Final[Callable[[bytes], Event | Rebuilt]] = msgspec.msgpack.Decoder(Event | Rebuilt).decode


class Tape:
    """
    The tape that one executor writes, one session after the other.

    Safe to sync from another thread than the one that appends.

    Args:
        folder: Of the tapes of one owner and mode; made if it is not there.
        epoch: Of the lease.
        day: Session that is written first.

    Attributes:
        syncs: Syncs of data so far.
        cut: Bytes of a torn tail that were cut off when a file was opened again.

    Raises:
        ConfigError: The folder lies on a network.
        JournalCorruptError: The file exists and is damaged.
        StorageError: It cannot be opened.
    """

    def __init__(self, folder: Path, epoch: int, day: date) -> None:
        refuse_network(folder)
        self._folder = folder
        self._epoch = epoch
        self._day = day
        self._closed_syncs = 0
        self._file = TapeFile(folder / file_name(day, epoch))
        self.cut = self._file.cut

    @property
    def syncs(self) -> int:
        """Syncs of data so far."""
        return self._closed_syncs + self._file.syncs

    def append(self, seq: int, event: Event | Rebuilt) -> None:
        """
        Take an input; it is durable after the next `sync` that reaches it.

        Raises:
            StorageError: The disk is full or failed. What was taken is kept and written as soon
                as there is space; see `TapeFile.append`.
        """
        self._file.append(seq, event)

    def sync(self, up_to: int) -> None:
        """
        Return once every input up to a number is durable; does nothing if it is already.

        Raises:
            StorageError: It may not be.
        """
        self._file.sync(up_to)

    def turn_to(self, day: date) -> None:
        """Go on with the file of another session; what was taken before is durable then."""
        if day == self._day:
            return
        following = TapeFile(self._folder / file_name(day, self._epoch))
        finished, self._file, self._day = self._file, following, day
        self.cut += following.cut
        try:
            finished.close()
        finally:
            self._closed_syncs += finished.syncs

    def close(self) -> None:
        """Sync and close; raises StorageError if what was taken may not be durable."""
        self._file.close()


class TapeFile:
    """
    One file of a tape, opened by its only writer.

    Args:
        path: Made if it is not there, a torn tail cut off if it is.
        buffered: Bytes that are gathered before they are written.
        most_kept: Bytes that are kept while nothing can be written.

    Attributes:
        last_seq: Number of the newest input, durable or not; 0 if there is none.
        syncs: Syncs of data so far.
        cut: Bytes of a torn tail that were cut off.
    """

    def __init__(self, path: Path, *, buffered: int = 1 << 16, most_kept: int = 1 << 26) -> None:
        self._path = path
        self._buffered = buffered
        self._most_kept = most_kept
        self._buffer = bytearray()
        self._lock = threading.Lock()
        self._is_usable = True
        self._is_closed = False
        self._unsynced: int | None = None  # number of the oldest input that is not durable
        self._is_marked = True
        self.syncs = 0
        self.cut = 0
        self.last_seq = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise _failed(path, error) from error
        try:
            self._end = self._synced_end = self._begin()
        except OSError as error:
            os.close(self._descriptor)
            raise _failed(path, error) from error
        except StorageError:
            os.close(self._descriptor)
            raise

    def append(self, seq: int, event: Event | Rebuilt) -> None:
        """
        Take an input with a number above all before.

        Raises:
            StorageError: It cannot be written now. It is kept nevertheless and tried again,
                unless so much waits already that it had to be left out, which leaves a gap.
        """
        payload = encode(event)
        with self._lock:
            self._require_usable()
            if seq <= self.last_seq:
                raise _out_of_order(self._path, seq, self.last_seq)
            if len(self._buffer) > self._most_kept:
                self._flush()
            if not self._is_marked:
                self._mark()
            self._buffer += _frame(seq, payload)
            self.last_seq = seq
            if self._unsynced is None:
                self._unsynced = seq
            if len(self._buffer) >= self._buffered:
                self._flush()

    def sync(self, up_to: int) -> None:
        """
        Return once every input up to a number is durable; does nothing if it is already.

        Raises:
            StorageError: It may not be. If the sync itself failed, the file is not used any
                more: what the disk then holds, nobody knows.
        """
        with self._lock:
            self._require_usable()
            if self._unsynced is None or self._unsynced > up_to:
                return
            self._flush()
            reached, end = self.last_seq, self._end
        hit("tape.written")
        try:
            sync_data(self._descriptor)
        except OSError as error:
            self._is_usable = False
            raise _failed(self._path, error) from error
        hit("tape.synced")
        with self._lock:
            self.syncs += 1
            self._synced_end, self._is_marked = end, False
            self._unsynced = None if self.last_seq == reached else reached + 1

    def close(self) -> None:
        """Sync, mark the end and close; raises StorageError if something may not be durable."""
        if self._is_closed:
            return
        try:
            if self._is_usable:
                self.sync(self.last_seq)
                if not self._is_marked:
                    self._mark()
                    self._flush()
        finally:
            self._is_usable, self._is_closed = False, True
            os.close(self._descriptor)

    def _begin(self) -> int:
        """Write the format, or cut behind the last whole frame; return where to go on."""
        size = os.fstat(self._descriptor).st_size
        if size <= len(_FORMAT):
            os.ftruncate(self._descriptor, 0)
            _write(self._descriptor, _FORMAT)
            sync_data(self._descriptor)
            sync_folder(self._path.parent)
            return len(_FORMAT)
        reader = TapeReader(self._path)
        for taped in reader:
            self.last_seq = taped.seq
        self.cut = reader.torn
        if self.cut:
            os.ftruncate(self._descriptor, size - self.cut)
        sync_data(self._descriptor)
        self._is_marked = self.last_seq == 0
        return size - self.cut

    def _mark(self) -> None:
        """Put in line, for the next write, how far the last sync reached."""
        self._buffer += _frame(0, _MARK + _OFFSET.pack(self._synced_end))
        self._is_marked = True

    def _flush(self) -> None:
        """Write what waits, whole, or leave the file as it was."""
        if not self._buffer:
            return
        try:
            _write(self._descriptor, self._buffer)
        except OSError as error:
            try:
                os.ftruncate(self._descriptor, self._end)
            except OSError:
                self._is_usable = False
            raise _failed(self._path, error) from error
        self._end += len(self._buffer)
        self._buffer.clear()

    def _require_usable(self) -> None:
        if not self._is_usable:
            raise StorageError(
                f"{self._path} 테이프는 닫혔거나 디스크 오류로 멈췄습니다. 디스크를 확인하고 다시 "
                "시작하세요.",
                f"The tape {self._path} is closed or was stopped by a disk error. Check the disk "
                "and start again.",
            )


class TapeReader:
    """
    The inputs in one file, in order.

    Args:
        path: May be written at the same time.

    Attributes:
        torn: Bytes after the last whole frame; known once everything was read.

    Raises:
        JournalCorruptError: While reading: what was durable once is damaged.
        StorageError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.torn = 0

    def __iter__(self) -> Iterator[Taped]:
        """Yield every input up to the last whole frame."""
        try:
            with self._path.open("rb") as file:
                yield from self._inputs(file)
        except OSError as error:
            raise _failed(self._path, error) from error

    def _inputs(self, file: BinaryIO) -> Iterator[Taped]:
        end = len(_FORMAT)
        found = file.read(end)
        if found != _FORMAT:
            if not _FORMAT.startswith(found):
                raise _damaged(self._path, 0)
            self.torn = len(found)
            return
        last = 0
        for seq, payload in _frames(file):
            if seq:
                if seq <= last:
                    raise _damaged(self._path, end)
                last = seq
                yield Taped(seq, self._decoded(payload, end))
            end += _HEAD.size + len(payload)
        self.torn = os.fstat(file.fileno()).st_size - end
        if self.torn > 0 and _was_synced_beyond(file, end):
            raise _damaged(self._path, end)

    def _decoded(self, payload: bytes, offset: int) -> Event | Rebuilt:
        try:
            return _decode(payload)
        except msgspec.MsgspecError as error:
            raise _damaged(self._path, offset) from error


class DayTape:
    """
    The inputs of one session over all its files.

    Where a newer epoch has begun, what an older one still wrote does not count: it was fenced.

    Args:
        folder: Of the tapes.
        day: The session.

    Attributes:
        torn: Bytes after the last whole frames of all files; known once everything was read.
    """

    def __init__(self, folder: Path, day: date) -> None:
        self._paths = [path for on, _, path in tape_files(folder) if on == day]
        self.torn = 0

    def __iter__(self) -> Iterator[Taped]:
        """Yield the inputs in order; raises what `TapeReader` raises."""
        starts = [_first_seq(path) for path in self._paths]
        for index, path in enumerate(self._paths):
            fence = min((start for start in starts[index + 1 :] if start), default=None)
            reader = TapeReader(path)
            for taped in reader:
                if fence is None or taped.seq < fence:
                    yield taped
            self.torn += reader.torn


def file_name(day: date, epoch: int) -> str:
    """Return the name of the file of a session and lease epoch."""
    return f"{day.isoformat()}.{epoch:08d}.tape"


def tape_files(folder: Path) -> list[tuple[date, int, Path]]:
    """Return session, epoch and path of every file, oldest first."""
    found = []
    for path in folder.glob("*.tape"):
        match = _NAME.fullmatch(path.name)
        if match is not None:
            found.append((date.fromisoformat(match[1]), int(match[2]), path))
    return sorted(found)


def newest_seq(folder: Path) -> int:
    """
    Return the number of the newest input on the tapes of the last session; 0 if there is none.

    Raises:
        JournalCorruptError: A tape is damaged.
    """
    days = sorted({on for on, _, _ in tape_files(folder)}, reverse=True)
    for day in days:
        newest = max((taped.seq for taped in DayTape(folder, day)), default=0)
        if newest:
            return newest
    return 0


def _first_seq(path: Path) -> int | None:
    return next((taped.seq for taped in TapeReader(path)), None)


def _frame(seq: int, payload: bytes) -> bytes:
    return _HEAD.pack(len(payload), _checksum(seq, payload), seq) + payload


def _checksum(seq: int, payload: bytes) -> int:
    return crc32(payload, seq & _MASK)


def _frames(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield number and payload of frames until one is not whole."""
    while True:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        size, checksum, seq = _HEAD.unpack(head)
        if not 0 < size <= _LARGEST:  # 0: a block that the disk never filled
            return
        payload = file.read(size)
        if len(payload) < size or _checksum(seq, payload) != checksum:
            return
        yield seq, payload


def _was_synced_beyond(file: BinaryIO, offset: int) -> bool:
    """Return whether any later mark says that bytes after an offset were durable."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = content.find(_MARK, offset)
        while found >= 0:
            file.seek(found - _HEAD.size)
            _, payload = next(_frames(file), (0, b""))
            if payload.startswith(_MARK) and _OFFSET.unpack(payload[len(_MARK) :])[0] > offset:
                return True
            found = content.find(_MARK, found + 1)
    return False


def _write(descriptor: int, content: bytes | bytearray) -> None:
    left = memoryview(bytes(content))
    while left:
        left = left[os.write(descriptor, left) :]


def _failed(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} 테이프를 읽거나 쓸 수 없습니다 ({error.strerror}). 디스크의 남은 공간과 상태를 "
        "확인하세요.",
        f"The tape {path} cannot be read or written ({error.strerror}). Check the disk and the "
        "space left on it.",
    )


def _damaged(path: Path, offset: int) -> JournalCorruptError:
    text = Text(
        f"{path} 테이프가 {offset:,}번째 바이트에서 손상되었습니다. 백업에서 되돌리세요.",
        f"The tape {path} is damaged at byte {offset:,}. Restore it from a backup.",
    )
    return JournalCorruptError(text.ko, text.en)


def _out_of_order(path: Path, seq: int, last: int) -> StorageError:
    return StorageError(
        f"{path} 테이프의 {last}번 뒤에 {seq}번을 쓸 수 없습니다. 번호는 늘어나야 합니다. 다시 "
        "시작하세요.",
        f"Input {seq} cannot follow {last} on the tape {path}: numbers rise. Start again.",
    )
