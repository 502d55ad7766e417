"""
The journal of a backtest or a simulated day in one SQLite file; an executor's is in `store`.

Every event and what followed is durable before anything leaves. Records are numbered without a
gap and chained by hashes; snapshots of the book are taken now and then, so that recovery is a
snapshot and the actions since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import msgspec

from maemae.core.actions import Action
from maemae.core.events import Event
from maemae.core.fold import fold
from maemae.core.state import CoreState
from maemae.domain.errors import CommitUnknownError, JournalCorruptError, MaemaeError
from maemae.storage.database import Database
from maemae.storage.records import (
    Header,
    Record,
    Wished,
    decode_actions,
    decode_event,
    decode_state,
    encode,
    first_hash,
    is_worth_a_record,
    next_hash,
    snapshot_hash,
)
from maemae.storage.schema import open_header

_INSERT: Final = "INSERT INTO record (seq, event, actions, hash) VALUES (?, ?, ?, ?)"
_SNAPSHOTS_KEPT: Final = 2

T = TypeVar("T")
_Row = tuple[int, bytes, bytes, bytes]


class SqliteJournal:
    """
    A journal that one process writes; satisfies `maemae.simulation.recorder.Journal`.

    Args:
        path: The file; it and its folder are made if they are not there.
        header: What the run is. A journal that exists must be of the same market and
            config; the header that it was begun with stays.
        snapshot_every: Records between two snapshots.

    Attributes:
        header: What the journal was begun with.
        seq: Number of the newest record, durable or not.

    Raises:
        ConfigError: The file lies on a network, or is the journal of another run.
        JournalCorruptError: The file is damaged.
        StorageError: Another process writes it, or a newer maemae wrote it.
    """

    def __init__(self, path: Path, header: Header, *, snapshot_every: int = 500) -> None:
        self._every = snapshot_every
        self._rows: list[_Row] = []
        self._snapshot: tuple[int, bytes, bytes] | None = None
        self._is_usable = True
        self._database = Database(path)
        self._connection = self._database.connection
        try:
            self.header = open_header(self._connection, path, header)
            self.seq, self._hash = self._newest()
            self._snapshot_seq = self._newest_snapshot()
        except sqlite3.DatabaseError as error:
            self.close()
            raise _damaged(str(error)) from error
        except MaemaeError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """
        Take an event and what followed; an observation that nothing followed from is left out.

        Raises:
            CommitUnknownError: An earlier commit failed.
        """
        if is_worth_a_record(event, actions):
            self._take(encode(event), encode(actions))

    def wish(self, wished: Wished) -> None:
        """
        Take what a strategy wished, whole, before any of it is acted upon.

        Raises:
            CommitUnknownError: An earlier commit failed.
        """
        self._take(encode(wished), encode(()))

    @property
    def wants_snapshot(self) -> bool:
        """Whether enough records were taken since the last snapshot."""
        return self.seq - self._snapshot_seq >= self._every

    def snapshot(self, state: CoreState) -> None:
        """Take the book as it stands after the newest record; durable with the next commit."""
        content = encode(state)
        self._snapshot_seq = self.seq
        self._snapshot = (self.seq, content, snapshot_hash(self._hash, content))

    def commit(self) -> None:
        """
        Return once everything taken is durable, all of it or nothing.

        Raises:
            CommitUnknownError: It may be durable or not; this journal is closed. Open it
                anew and rebuild the run from what it holds.
        """
        self._require_usable()
        if not self._rows and self._snapshot is None:
            return
        self._is_usable = False  # whatever interrupts the commit leaves it in doubt
        try:
            self._write()
        except sqlite3.Error as error:
            self.close()
            raise CommitUnknownError(
                f"기록이 저장되었는지 알 수 없습니다 ({error}). 디스크의 남은 공간과 상태를 "
                "확인하고 다시 시작하세요. 저장된 데까지 되살립니다.",
                f"Whether the records were stored is unknown ({error}). Check the disk and start "
                "again: the run is rebuilt from what is stored.",
            ) from error
        self._is_usable = True

    def records(self) -> Iterator[Record]:
        """
        Yield every durable record in order, checking number and hash of each.

        Raises:
            JournalCorruptError: A record is missing, changed or cannot be read.
        """
        for seq, event, actions, _ in self._checked(0, first_hash(self.header)):
            told = _decoded(seq, event, decode_event)
            yield Record(seq, told, event, _decoded(seq, actions, decode_actions))

    def restore(self) -> CoreState:
        """
        Return the durable book: the newest snapshot and the actions since.

        Raises:
            JournalCorruptError: The snapshot or a record is missing, changed or unreadable.
        """
        seq, state, found = 0, CoreState(), first_hash(self.header)
        row = self._connection.execute(
            "SELECT snapshot.seq, snapshot.state, snapshot.hash, record.hash FROM snapshot"
            " LEFT JOIN record USING (seq) ORDER BY snapshot.seq DESC LIMIT 1"
        ).fetchone()
        if row is not None:
            seq, content, proof, found = row
            if found is None or snapshot_hash(found, content) != proof:
                raise _damaged(f"snapshot {seq}")
            state = _decoded(seq, content, decode_state)
        for number, _, actions, _ in self._checked(seq, found):
            for action in _decoded(number, actions, decode_actions):
                fold(state, action)
        return state

    def close(self) -> None:
        """Let another process write; what was not committed is gone."""
        self._is_usable = False
        with suppress(sqlite3.Error):  # nothing is left to lose: what counts is committed
            self._database.close()

    def _take(self, event: bytes, actions: bytes) -> None:
        self._require_usable()
        self.seq += 1
        self._hash = next_hash(self._hash, self.seq, event, actions)
        self._rows.append((self.seq, event, actions, self._hash))

    def _write(self) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, self._rows)
        if self._snapshot is not None:
            connection.execute("INSERT INTO snapshot VALUES (?, ?, ?)", self._snapshot)
            connection.execute(
                "DELETE FROM snapshot WHERE seq NOT IN"
                " (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ?)",
                (_SNAPSHOTS_KEPT,),
            )
        connection.execute("COMMIT")
        self._rows.clear()
        self._snapshot = None

    def _newest(self) -> tuple[int, bytes]:
        row = self._connection.execute(
            "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return (0, first_hash(self.header)) if row is None else row

    def _newest_snapshot(self) -> int:
        row = self._connection.execute("SELECT max(seq) FROM snapshot").fetchone()
        newest: int = 0 if row[0] is None else row[0]
        if newest > self.seq:
            raise _damaged(f"snapshot {newest} > record {self.seq}")
        return newest

    def _checked(self, seq: int, before: bytes) -> Iterator[_Row]:
        """Yield the rows after a number whose hash is given."""
        rows = self._connection.execute(
            "SELECT seq, event, actions, hash FROM record WHERE seq > ? ORDER BY seq", (seq,)
        )
        for row in rows:
            number, event, actions, proof = row
            seq += 1
            if number != seq:
                raise _damaged(f"record {seq} is missing")
            before = next_hash(before, seq, event, actions)
            if before != proof:
                raise _damaged(f"record {seq}")
            yield row

    def _require_usable(self) -> None:
        if not self._is_usable:
            raise CommitUnknownError(
                "이 저널은 닫혔습니다. 다시 열어 저장된 데까지 되살린 뒤 이어 가세요.",
                "This journal is closed. Open it anew and rebuild the run from what is stored.",
            )


def _decoded(seq: int, content: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(content)
    except msgspec.MsgspecError as error:
        raise _damaged(f"record {seq}: {error}") from error


def _damaged(what: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"저널이 손상되었습니다 ({what}). 거래를 멈추고 백업에서 되돌리세요.",
        f"The journal is damaged ({what}). Stop trading and restore it from a backup.",
    )
