"""
Going on from a backup with the segments of the off-site copy, as far as they are whole.

The first segment that is missing, damaged or of another history ends it: what comes before is
applied and what was found is said. Nothing here decides anything; facts are folded, not handled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select, update

from maemae.backup.manifest import Head
from maemae.backup.offsite import Named, first_reaching, streams
from maemae.backup.places import Place
from maemae.backup.segments import InboxRow, JournalRow, Segment, TapePiece, digest, open_segment
from maemae.core.events import Event
from maemae.core.fold import fold
from maemae.core.state import CoreState
from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import Entry, OutboxRow, Turn
from maemae.storage.projection import Projection
from maemae.storage.records import decode_actions, next_hash
from maemae.storage.recovery import genesis, read_book
from maemae.storage.tables.accounts import executors, lease
from maemae.storage.tables.journal import inbox, outbox
from maemae.storage.tables.orders import orders
from maemae.storage.turns import TurnLog, Waiting

_decode_event: Final[Callable[[bytes], Event]] = msgspec.msgpack.Decoder(Event).decode


class Continued(msgspec.Struct, frozen=True):
    """
    How far segments led on from a backup.

    Attributes:
        executor_id: Whose journal it is.
        records: That were applied.
        seq: Of the newest record now.
        ended: Why it ended before the last segment; None if it did not.
    """

    executor_id: int
    records: int
    seq: int
    ended: Text | None


def continue_from(
    connection: Connection, head: Head, place: Place, private: str, tapes: Path
) -> Continued:
    """
    Apply what an executor's off-site copy holds beyond a backup, in the open transaction.

    Args:
        connection: To the restored database.
        head: Where the executor's journal ends in it.
        place: Where the copy lies.
        private: Private key that opens it.
        tapes: Folder of the restored tapes of every mode.

    Raises:
        JournalCorruptError: This build reads a record otherwise than it was written.
    """
    book = _Book(connection, head, tapes)
    segments = _segments(place, head, private)
    ended: Text | None = None
    while ended is None:
        try:
            segment = next(segments, None)
        except StorageError as error:
            ended = error.text
            continue
        if segment is None:
            break
        ended = book.objection(segment)
        if ended is None:
            book.apply(segment)
    return Continued(head.executor_id, book.applied, book.seq, ended)


def _segments(place: Place, head: Head, private: str) -> Iterator[Segment]:
    """Yield what continues a backup, each one the continuation of the one before."""
    for _, named in sorted(streams(place, head.executor_id).items(), reverse=True):
        beyond = named[first_reaching(place, named, head.seq) :]
        if not beyond:
            continue
        content = place.get(beyond[0].name)
        first = open_segment(content, private, beyond[0].name)
        if _holds(first, head):
            yield first
            yield from _following(place, beyond, first, digest(content), private)
            return


def _holds(segment: Segment, head: Head) -> bool:
    """Return whether a segment's history is the backup's."""
    places = {(row.seq, row.hash.hex()) for row in segment.records}
    places.add((segment.header.begins.seq, segment.header.begins.hash))
    return (head.seq, head.hash) in places


def _following(
    place: Place, named: list[Named], last: Segment, proof: str, private: str
) -> Iterator[Segment]:
    for each in named[1:]:
        content = place.get(each.name)
        segment = open_segment(content, private, each.name)
        header = segment.header
        if header.number != last.header.number + 1 or header.before != proof:
            raise StorageError(
                f"외부 사본의 {last.header.number + 1}번 조각이 없거나 바뀌었습니다. 그 앞까지만 "
                "되돌렸습니다.",
                f"Segment {last.header.number + 1} of the off-site copy is missing or was "
                "changed; only what comes before it was restored.",
            )
        yield segment
        last, proof = segment, digest(content)


class _Book:
    """An executor's restored journal, tables and tapes, as segments extend them."""

    def __init__(self, connection: Connection, head: Head, tapes: Path) -> None:
        number = head.executor_id
        row = connection.execute(
            select(executors.c.owner, executors.c.mode, lease.c.epoch)
            .join(lease, lease.c.executor_id == executors.c.executor_id)
            .where(executors.c.executor_id == number)
        ).one()
        mode = Mode(row.mode)
        book = read_book(connection, number, genesis(row.owner, mode))
        self.applied = 0
        self._connection = connection
        self._executor_id = number
        self._epoch: int = row.epoch
        self._tapes = tapes / mode.value.lower()
        self._state: CoreState = book.state
        self._projection = Projection(number, book.state)
        self._log = TurnLog(connection.dialect.name, number, book.head, book.state.session_date)

    @property
    def seq(self) -> int:
        """Number of the newest record."""
        return self._log.head.seq

    def objection(self, segment: Segment) -> Text | None:
        """Return why a segment does not continue this book; None if it does."""
        link = self._log.head.hash
        for row in self._new(segment):
            link = next_hash(link, row.seq, row.event, row.actions)
            if link != row.hash:
                return Text(
                    f"외부 사본의 {row.seq}번 기록이 앞의 기록을 잇지 않습니다. 그 앞 조각까지만 "
                    "되돌렸습니다.",
                    f"Record {row.seq} of the off-site copy does not continue the one before; only "
                    "the segments before it were restored.",
                )
        return None

    def apply(self, segment: Segment) -> None:
        """Take in one segment; of the first, what the backup holds already is left out."""
        self._take_commands(segment.commands)
        rows = self._new(segment)
        if rows:
            self._append(rows)
        self._keep_in_doubt(segment.in_doubt)
        for piece in segment.pieces:
            _write_piece(self._tapes, piece)

    def _new(self, segment: Segment) -> Sequence[JournalRow]:
        return [row for row in segment.records if row.seq > self.seq]

    def _append(self, rows: Sequence[JournalRow]) -> None:
        entries = [
            Entry(row.seq, _decode_event(row.event), decode_actions(row.actions), row.command_id)
            for row in rows
        ]
        for entry in entries:
            for action in entry.actions:
                fold(self._state, action)
        changes = self._projection.changes(entries, self._state)
        waiting = Waiting(Turn(entries), changes, self._epoch, Future())
        self._log.head = self._log.append(self._connection, [waiting])
        if self._log.head.hash != rows[-1].hash:
            raise JournalCorruptError(
                f"외부 사본의 {rows[-1].seq}번까지의 기록을 이 버전이 다르게 읽습니다. "
                "기록한 버전의 maemae 로 되돌리세요.",
                f"This build reads the records up to {rows[-1].seq} of the off-site copy otherwise "
                "than they were written. Restore with the maemae that wrote them.",
            )
        self.applied += len(rows)

    def _take_commands(self, commands: tuple[InboxRow, ...]) -> None:
        mine = inbox.c.executor_id == self._executor_id
        known = set(self._connection.execute(select(inbox.c.key).where(mine)).scalars())
        for command in commands:
            if command.key not in known:
                row = {"executor_id": self._executor_id, **msgspec.structs.asdict(command)}
                self._connection.execute(insert(inbox), row)

    def _keep_in_doubt(self, in_doubt: tuple[OutboxRow, ...]) -> None:
        """Let exactly these requests be open, as far as their orders are known."""
        mine = outbox.c.executor_id == self._executor_id
        numbers = [row.cl_ord_id for row in in_doubt]
        self._connection.execute(
            update(outbox)
            .where(mine, outbox.c.settled_seq.is_(None), outbox.c.cl_ord_id.not_in(numbers))
            .values(settled_seq=self.seq)
        )
        held = set(self._connection.execute(select(outbox.c.cl_ord_id).where(mine)).scalars())
        ours = orders.c.executor_id == self._executor_id
        known = set(self._connection.execute(select(orders.c.cl_ord_id).where(ours)).scalars())
        for row in in_doubt:
            if row.cl_ord_id not in held and row.orig_cl_ord_id in known:
                values = {"executor_id": self._executor_id, **msgspec.structs.asdict(row)}
                self._connection.execute(insert(outbox), values | {"lane": int(row.lane)})


def _write_piece(folder: Path, piece: TapePiece) -> None:
    """Put bytes of a tape in their place; where bytes before them are missing, leave them out."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(piece.name).name
    path.touch(0o600)
    if piece.offset > path.stat().st_size:
        return
    with path.open("r+b") as file:
        if piece.offset == 0:
            file.truncate()
        file.seek(piece.offset)
        file.write(piece.content)
