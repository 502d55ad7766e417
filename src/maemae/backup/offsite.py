"""
A running copy of one executor's journal and tapes in a second place.

Called every second or so, it puts what is new there as a numbered segment, so that a lost disk
loses seconds. Where it stopped is read from the last segment itself; nothing is kept here. A
journal that is not the continuation of what lies there, as after a restore, gets a new stream.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, func, select

from maemae.backup.places import Place
from maemae.backup.sealing import require_recipients
from maemae.backup.segments import (
    Header,
    InboxRow,
    JournalRow,
    Position,
    Segment,
    TapePiece,
    close_segment,
    digest,
    read_header,
)
from maemae.domain.errors import JournalCorruptError
from maemae.domain.text import Text
from maemae.storage.records import next_hash
from maemae.storage.recovery import read_requests
from maemae.storage.tables.journal import inbox, journal
from maemae.storage.tape import tape_files

_MOST_RECORDS: Final = 2_000  # of one segment
_MOST_BYTES: Final = 4 << 20  # of tapes in one segment
_SESSIONS: Final = 3  # whose tapes may still grow
_NAME: Final = re.compile(r"journal/\d+/(\d+)/(\d+)\.segment")


class Copied(msgspec.Struct, frozen=True):
    """
    What one step brought.

    Attributes:
        segments: Objects that were written.
        records, bytes: Of the journal and of the tapes in them.
        behind: Records that are not copied yet.
    """

    segments: int
    records: int
    bytes: int
    behind: int


class OffsiteCopy:
    """
    The copy of one executor; one process writes it.

    Everything blocks; call from a thread. Whatever fails raises StorageError and is tried again
    by the next step: a place that is away for an hour costs a lag, not a gap.

    Args:
        engine: Reads the database, every transaction one snapshot
            (`maemae.backup.database_copy.reading_engine`).
        executor_id: Whose journal it is.
        tapes: Folder of the executor's tapes.
        place: Where the copy goes.
        recipients: Public keys that it is sealed for.

    Attributes:
        behind: Records that were not copied when the last step ended.
        caught_up_at: Wall time when a step last left nothing behind [ns, UTC]; 0 before that.

    Raises:
        ConfigError: A public key cannot be used.
    """

    def __init__(
        self,
        engine: Engine,
        executor_id: int,
        tapes: Path,
        place: Place,
        recipients: Sequence[str],
    ) -> None:
        require_recipients(recipients)
        self.behind = 0
        self.caught_up_at = 0
        self._engine = engine
        self._executor_id = executor_id
        self._tapes = tapes
        self._place = place
        self._recipients = recipients
        self._stream = 0
        self._last: Header | None = None
        self._digest = ""
        self._is_resumed = False

    def lag(self, now: int) -> int:
        """Return for how long something has been missing over there [ns]; 0 if nothing is."""
        return now - self.caught_up_at if self.behind or not self.caught_up_at else 0

    def step(self, now: int) -> Copied:
        """
        Copy what is new, all of it.

        Args:
            now: Wall time [ns, UTC].

        Raises:
            StorageError: The place or the database cannot be used, or somebody else writes to
                the same place.
            JournalCorruptError: The journal was changed behind the copy's back.
        """
        if not self._is_resumed:
            self._resume(now)
        segments = records = size = 0
        while (segment := self._gather(now)) is not None:
            self._put(segment)
            segments += 1
            records += len(segment.records)
            size += sum(len(piece.content) for piece in segment.pieces)
        if self.behind == 0:
            self.caught_up_at = now
        return Copied(segments, records, size, self.behind)

    def findings(self) -> tuple[Text, ...]:
        """Return what is wrong with the copy as it lies there: segments that are missing."""
        missing = missing_numbers(self._place, self._executor_id)
        return tuple(
            Text(
                f"외부 사본의 {number}번 조각이 없습니다. 새로 백업하고 저장소를 확인하세요.",
                f"Segment {number} of the off-site copy is missing. Make a new backup and check "
                "the place.",
            )
            for number in missing
        )

    def _resume(self, now: int) -> None:
        """Find out where the copy stopped, or begin a stream."""
        found = streams(self._place, self._executor_id)
        self._stream, self._last, self._digest = now, None, ""
        if found:
            newest = max(found)
            name = found[newest][-1].name
            content = self._place.get(name)
            header = read_header(content, name)
            if self._continues(header.ends):
                self._stream, self._last, self._digest = newest, header, digest(content)
        self._is_resumed = True

    def _continues(self, position: Position) -> bool:
        """Return whether our journal holds the record that the copy ends with."""
        if position.seq == 0:
            return True
        query = select(journal.c.hash).where(
            journal.c.executor_id == self._executor_id, journal.c.seq == position.seq
        )
        with self._engine.connect() as connection:
            link = connection.execute(query).scalar_one_or_none()
        return link is not None and link.hex() == position.hash

    def _gather(self, now: int) -> Segment | None:
        """Return the next segment, None if nothing is new."""
        begins = Position() if self._last is None else self._last.ends
        with self._engine.connect() as connection:
            records = self._records(connection, begins.seq)
            commands = self._commands(connection, begins.place)
            in_doubt = read_requests(connection, self._executor_id)
            newest = records[-1].seq if records else begins.seq
            self.behind = self._count_beyond(connection, begins.seq)
        _require_chained(begins, records)
        pieces = self._pieces(begins.tapes)
        if not (records or commands or pieces):
            return None
        ends = Position(
            newest,
            records[-1].hash.hex() if records else begins.hash,
            commands[-1].place if commands else begins.place,
            self._reached(begins.tapes, pieces),
        )
        number = 1 if self._last is None else self._last.number + 1
        header = Header(number, self._digest, begins, ends, now)
        return Segment(header, tuple(records), tuple(commands), in_doubt, tuple(pieces))

    def _put(self, segment: Segment) -> None:
        content = close_segment(segment, self._recipients)
        name = segment_name(self._executor_id, self._stream, segment.header.number)
        self._is_resumed = False  # whatever interrupts it: it may lie there or not
        self._place.put(name, content)
        self._is_resumed = True
        self._last, self._digest = segment.header, digest(content)
        self.behind -= len(segment.records)

    def _records(self, connection: Connection, after: int) -> list[JournalRow]:
        names = JournalRow.__struct_fields__
        query = (
            select(*(journal.c[name] for name in names))
            .where(journal.c.executor_id == self._executor_id, journal.c.seq > after)
            .order_by(journal.c.seq)
            .limit(_MOST_RECORDS)
        )
        return [JournalRow(*row) for row in connection.execute(query)]

    def _commands(self, connection: Connection, after: int) -> list[InboxRow]:
        names = InboxRow.__struct_fields__
        query = (
            select(*(inbox.c[name] for name in names))
            .where(inbox.c.executor_id == self._executor_id, inbox.c.place > after)
            .order_by(inbox.c.place)
            .limit(_MOST_RECORDS)
        )
        return [InboxRow(*row) for row in connection.execute(query)]

    def _count_beyond(self, connection: Connection, seq: int) -> int:
        count: int = connection.execute(
            select(func.count())
            .select_from(journal)
            .where(journal.c.executor_id == self._executor_id, journal.c.seq > seq)
        ).scalar_one()
        return count

    def _pieces(self, copied: dict[str, int]) -> list[TapePiece]:
        """Return new bytes of the tapes of the last sessions; of one that was cut, all of them."""
        pieces, left = [], _MOST_BYTES
        for path in self._growing():
            done = copied.get(path.name, 0)
            size = path.stat().st_size
            if size == done or not left:
                continue
            offset = done if size > done else 0
            with path.open("rb") as file:
                file.seek(offset)
                content = file.read(min(left, size - offset))
            left -= len(content)
            pieces.append(TapePiece(path.name, offset, content))
        return pieces

    def _growing(self) -> list[Path]:
        files = tape_files(self._tapes)
        days = sorted({day for day, _, _ in files})[-_SESSIONS:]
        return [path for day, _, path in files if day in days]

    def _reached(self, copied: dict[str, int], pieces: Sequence[TapePiece]) -> dict[str, int]:
        ends = {piece.name: piece.offset + len(piece.content) for piece in pieces}
        growing = {path.name for path in self._growing()}
        return {name: end for name, end in {**copied, **ends}.items() if name in growing}


class Named(msgspec.Struct, frozen=True):
    """
    What a segment's name tells.

    Attributes:
        name: Of the object.
        number: Of the segment.
    """

    name: str
    number: int


def segment_name(executor_id: int, stream: int, number: int) -> str:
    """Return the name of a segment's object; two writers cannot both have it."""
    return f"journal/{executor_id}/{stream:020d}/{number:010d}.segment"


def streams(place: Place, executor_id: int) -> dict[int, list[Named]]:
    """Return every stream's segments, in order, by the time it was begun."""
    found: dict[int, list[Named]] = {}
    for name in place.names(f"journal/{executor_id}/"):
        match = _NAME.fullmatch(name)
        if match is not None:
            found.setdefault(int(match[1]), []).append(Named(name, int(match[2])))
    return found


def missing_numbers(place: Place, executor_id: int) -> list[int]:
    """Return the numbers that the newest stream lacks between its first and last segment."""
    found = streams(place, executor_id)
    if not found:
        return []
    numbers = [named.number for named in found[max(found)]]
    return sorted(set(range(numbers[0], numbers[-1] + 1)) - set(numbers))


def prune_segments(place: Place, executor_id: int, before: int) -> int:
    """
    Delete the segments that no kept backup needs; return how many.

    Args:
        place: Where they lie.
        executor_id: Whose they are.
        before: Wall time [ns, UTC]; what was copied before it is in every kept backup.
    """
    found = streams(place, executor_id)
    deleted = 0
    for stream, segments in sorted(found.items()):
        old = segments[: _first_since(place, segments, before)]
        if stream == max(found) and len(old) == len(segments):
            old = old[:-1]  # whoever goes on reads where it stopped
        for named in old:
            place.delete(named.name)
        deleted += len(old)
    return deleted


def first_reaching(place: Place, segments: Sequence[Named], seq: int) -> int:
    """Return the index of the first segment that ends at a record or beyond, by reading a few."""
    return bisect_left(
        segments, seq, key=lambda named: read_header(place.get(named.name), named.name).ends.seq
    )


def _first_since(place: Place, segments: Sequence[Named], at: int) -> int:
    """Return the index of the first segment that was made then or later, by reading a few."""
    return bisect_left(
        segments, at, key=lambda named: read_header(place.get(named.name), named.name).at
    )


def _require_chained(begins: Position, records: Sequence[JournalRow]) -> None:
    if not records or not begins.hash:
        return
    first = records[0]
    if next_hash(bytes.fromhex(begins.hash), first.seq, first.event, first.actions) != first.hash:
        raise JournalCorruptError(
            f"저널의 {first.seq}번 기록이 외부 사본의 {begins.seq}번을 잇지 않습니다. 거래를 "
            "멈추고 저널을 확인하세요.",
            f"Record {first.seq} of the journal does not continue record {begins.seq} of the "
            "off-site copy. Stop trading and check the journal.",
        )
