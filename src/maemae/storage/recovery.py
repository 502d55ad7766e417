"""What a database knows of an executor that stopped, checked record by record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, select
from sqlalchemy import text as sql

from maemae.core.events import Event
from maemae.core.fold import fold
from maemae.core.state import SCHEMA, CoreState
from maemae.domain.errors import JournalCorruptError
from maemae.domain.ids import ClOrdId
from maemae.domain.terms import Mode
from maemae.ports import Entry, Lane, OutboxRow
from maemae.storage.lease import Head, read_head
from maemae.storage.records import decode_actions, decode_state, next_hash, snapshot_hash
from maemae.storage.tables.journal import IN_DOUBT, journal, outbox, snapshots

_decode_event: Final = msgspec.msgpack.Decoder(Event).decode
_ROWS_AT_ONCE: Final = 1_000

T = TypeVar("T")
_DAMAGED: Final = (msgspec.MsgspecError, UnicodeDecodeError)


class Book(NamedTuple):
    """The book after the newest record."""

    state: CoreState
    head: Head


@cache
def state_version() -> str:
    """Return version and digest of the book's shape: a snapshot of another is not read."""
    shape = msgspec.json.encode(msgspec.json.schema(CoreState), order="sorted")
    return f"{SCHEMA}-{hashlib.sha256(shape).hexdigest()[:16]}"


def genesis(owner: str, mode: Mode) -> Head:
    """Return the end of a journal without a record; its hash is what the first continues."""
    return Head(0, hashlib.sha256(f"{owner}\t{mode.value}".encode()).digest())


def read_book(connection: Connection, executor_id: int, origin: Head) -> Book:
    """
    Return the newest snapshot that can be read, and what was recorded since.

    Raises:
        JournalCorruptError: A record is damaged or missing, at the end as well.
    """
    end = read_head(connection, executor_id)
    state, at = _newest_snapshot(connection, executor_id, origin)
    query = (
        select(journal)
        .where(journal.c.executor_id == executor_id, journal.c.seq > at.seq)
        .order_by(journal.c.seq)
    )
    for row, head in _chained(connection, query, at):
        for action in _decoded(row.seq, decode_actions, row.actions):
            fold(state, action)
        at = head
    if at != end:
        raise _damaged(f"record {end.seq} is missing")
    return Book(state, end)


def read_requests(connection: Connection, executor_id: int) -> tuple[OutboxRow, ...]:
    """Return the requests whose outcome is not known, oldest first."""
    rows = connection.execute(
        select(outbox)
        .where(outbox.c.executor_id == executor_id, sql(IN_DOUBT))
        .order_by(outbox.c.cl_ord_id)
    )
    return tuple(
        OutboxRow(
            ClOrdId(row.cl_ord_id),
            ClOrdId(row.orig_cl_ord_id),
            Lane(row.lane),
            row.fingerprint,
            row.epoch,
            row.expires_at,
            row.at,
        )
        for row in rows
    )


def read_entries(
    connection: Connection, executor_id: int, origin: Head, day: date
) -> Iterator[Entry]:
    """
    Yield the records of a session in order.

    Raises:
        JournalCorruptError: A record is damaged or missing between two others.
    """
    mine = journal.c.executor_id == executor_id
    query = select(journal).where(mine, journal.c.session_date == day).order_by(journal.c.seq)
    first = connection.execute(query.limit(1)).one_or_none()
    if first is None:
        return
    before = connection.execute(
        select(journal.c.seq, journal.c.hash)
        .where(mine, journal.c.seq < first.seq)
        .order_by(journal.c.seq.desc())
        .limit(1)
    ).one_or_none()
    for row, _ in _chained(connection, query, origin if before is None else Head(*before)):
        event = _decoded(row.seq, _decode_event, row.event)
        actions = _decoded(row.seq, decode_actions, row.actions)
        yield Entry(row.seq, event, actions, row.command_id)


def _newest_snapshot(
    connection: Connection, executor_id: int, origin: Head
) -> tuple[CoreState, Head]:
    """Return the newest book of this shape and the record it was taken after."""
    row = connection.execute(
        select(snapshots.c.seq, snapshots.c.state, snapshots.c.hash, journal.c.hash.label("after"))
        .join(journal, (journal.c.executor_id == executor_id) & (journal.c.seq == snapshots.c.seq))
        .where(
            snapshots.c.executor_id == executor_id,
            snapshots.c.state_version == state_version(),
        )
        .order_by(snapshots.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return CoreState(), origin
    if snapshot_hash(row.after, row.state) != row.hash:
        raise _damaged(f"snapshot {row.seq}")
    return _decoded(row.seq, decode_state, row.state), Head(row.seq, row.after)


def _chained(
    connection: Connection, query: Select[Any], at: Head
) -> Iterator[tuple[Row[Any], Head]]:
    """Yield rows of the journal, each with its place, checking that each continues the last."""
    with connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query) as rows:
        for row in rows:
            at = Head(row.seq, next_hash(at.hash, row.seq, row.event, row.actions))
            if at.hash != row.hash:
                raise _damaged(f"record {row.seq}, or one before it")
            yield row, at


def _decoded(seq: int, decode: Callable[[bytes], T], content: bytes) -> T:
    try:
        return decode(content)
    except _DAMAGED as error:
        raise _damaged(f"record {seq}: {error}") from error


def _damaged(what: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"저널이 손상되었습니다 ({what}). 거래를 멈추고 백업에서 되돌리세요.",
        f"The journal is damaged ({what}). Stop trading and restore it from a backup.",
    )
