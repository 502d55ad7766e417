"""
Who may write for an owner and mode, and where the journal ends: one row, its lock and its fence.

The row is updated by every turn under the epoch that the turn was decided under, so that a
process that lost the lease cannot write, however late it wakes up.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, update

from maemae.domain.errors import CommitUnknownError, FencedError, StorageError
from maemae.ports import Lease
from maemae.storage.prepared import Prepared
from maemae.storage.tables.accounts import lease

_COLUMNS: Final = (lease.c.holder, lease.c.epoch, lease.c.beat)
_MOVE: Final = Prepared(
    update(lease)
    .where(
        lease.c.executor_id == bindparam("of_executor"),
        lease.c.epoch == bindparam("under_epoch"),
        lease.c.head_seq == bindparam("from_seq"),
    )
    .values(head_seq=bindparam("to_seq"), head_hash=bindparam("to_hash"))
)


class Head(NamedTuple):
    """The newest record: its number, 0 before the first, and its hash."""

    seq: int
    hash: bytes


def read_lease(connection: Connection, executor_id: int) -> Lease:
    """Return who holds the lease."""
    row = connection.execute(select(*_COLUMNS).where(lease.c.executor_id == executor_id)).one()
    return Lease(*row)


def take_lease(connection: Connection, executor_id: int, holder: str, seen: Lease) -> Lease | None:
    """Take the lease if it still is as it was seen; None if somebody was faster."""
    mine = Lease(holder, seen.epoch + 1, seen.beat + 1)
    taken = connection.execute(
        update(lease)
        .where(
            lease.c.executor_id == executor_id,
            lease.c.holder == seen.holder,
            lease.c.epoch == seen.epoch,
            lease.c.beat == seen.beat,
        )
        .values(holder=mine.holder, epoch=mine.epoch, beat=mine.beat)
    )
    return mine if taken.rowcount == 1 else None


def beat(connection: Connection, executor_id: int, held: Lease) -> Lease | None:
    """Count the beat up; None if the lease is another's now."""
    beaten = connection.execute(
        update(lease)
        .where(
            lease.c.executor_id == executor_id,
            lease.c.holder == held.holder,
            lease.c.epoch == held.epoch,
        )
        .values(beat=lease.c.beat + 1)  # counted there: the answer to the last one may be lost
    )
    return read_lease(connection, executor_id) if beaten.rowcount == 1 else None


def read_head(connection: Connection, executor_id: int, *, lock: bool = False) -> Head:
    """Return where the journal ends; with a lock, after every COMMIT that still goes on."""
    query = select(lease.c.head_seq, lease.c.head_hash).where(lease.c.executor_id == executor_id)
    row = connection.execute(query.with_for_update() if lock else query).one()
    return Head(*row)


def move_head(
    connection: Connection, executor_id: int, epoch: int, before: Head, after: Head
) -> None:
    """
    Move the end of the journal, if the epoch still holds and nobody else moved it.

    Raises:
        FencedError: The lease has another epoch.
        CommitUnknownError: The journal ends elsewhere: an earlier commit was not what it seemed.
    """
    move = {
        "of_executor": executor_id,
        "under_epoch": epoch,
        "from_seq": before.seq,
        "to_seq": after.seq,
        "to_hash": after.hash,
    }
    if _MOVE.run(connection, (move,)) == 1:
        return
    found = _row(connection, executor_id)
    if found.epoch != epoch:
        raise FencedError(
            f"다른 실행기({found.holder})가 이어받았습니다(현재 {found.epoch}세대, 이쪽은 "
            f"{epoch}세대). 아무것도 보내지 않고 끝냅니다.",
            f"Another executor ({found.holder}) took over: the epoch is {found.epoch}, not "
            f"{epoch}. Stop without sending anything.",
        )
    raise CommitUnknownError(
        f"저널이 {before.seq} 번이 아니라 {found.head_seq} 번에서 끝납니다. 저장된 데까지 "
        "되살린 뒤 이어 가세요.",
        f"The journal ends at {found.head_seq}, not at {before.seq}. Recover what is stored and "
        "go on from there.",
    )


def _row(connection: Connection, executor_id: int) -> Row[Any]:
    row = connection.execute(select(lease).where(lease.c.executor_id == executor_id)).one_or_none()
    if row is None:
        raise StorageError(
            "실행기의 기록이 없습니다. 백업에서 되돌리세요.",
            "The executor's own row is missing. Restore the database from a backup.",
        )
    return row
