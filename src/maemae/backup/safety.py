"""
What makes a restored book safe: killed, fenced off its past, with nothing left to be sent.

The world went on since the backup: orders that it holds as open may be filled, gone or never
have left. So nothing of it is sent, and everything older than it is fenced by an epoch that no
lease before it can have reached. Requests whose outcome is not known stay open: the executor
resolves them by the broker's evidence when it starts, and shows where the books differ.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, select, update

from maemae.core.config import CoreConfig
from maemae.core.events import KillLevel, KillSet
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.errors import JournalCorruptError
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import Alert, Entry, Turn
from maemae.storage.projection import Projection
from maemae.storage.records import decode_state, encode
from maemae.storage.recovery import genesis, read_book
from maemae.storage.tables.accounts import executors, lease
from maemae.storage.tables.journal import inbox, outbox
from maemae.storage.tables.metadata import Progress
from maemae.storage.tape import TapeReader, tape_files
from maemae.storage.turns import TurnLog, Waiting

EPOCH_STEP: Final = 1_000_000
"""Leases that may have been taken since the backup: more than any executor takes in its life."""

WHY: Final = "restored from a backup"
"""Reason that the kill switch was pressed for."""

RESTORED: Final = "RESTORED"
"""Code of the alert, and holder of the lease until an executor takes it."""


class Frozen(msgspec.Struct, frozen=True):
    """
    What was made safe of one executor.

    Attributes:
        epoch: Of its lease now.
        kill: The kill switch now.
        requests: Requests in doubt, which will not be sent.
        commands: Commands that nobody had taken, refused now.
    """

    executor_id: int
    mode: Mode
    epoch: int
    kill: KillLevel
    requests: int
    commands: int


def make_safe(connection: Connection, tapes: Path, made_at: int, now: int) -> tuple[Frozen, ...]:
    """
    Make every executor of a restored database safe, inside the transaction that is open.

    Args:
        connection: To a database of this build's revision.
        tapes: Folder of the restored tapes of every mode.
        made_at: When the backup was made [ns, UTC].
        now: Wall time [ns, UTC].

    Raises:
        JournalCorruptError: A journal cannot be read.
    """
    rows = connection.execute(
        select(executors.c.executor_id, executors.c.owner, executors.c.mode).order_by(
            executors.c.executor_id
        )
    ).all()
    found = [_Executor(row.executor_id, row.owner, Mode(row.mode)) for row in rows]
    return tuple(_freeze(connection, executor, tapes, made_at, now) for executor in found)


class _Executor(msgspec.Struct, frozen=True):
    executor_id: int
    owner: str
    mode: Mode


def _freeze(
    connection: Connection, executor: _Executor, tapes: Path, made_at: int, now: int
) -> Frozen:
    number = executor.executor_id
    epoch = _fence(connection, number)
    requests = connection.execute(
        update(outbox)
        .where(outbox.c.executor_id == number, outbox.c.settled_seq.is_(None))
        .values(expires_at=0)
    ).rowcount
    commands = connection.execute(
        update(inbox)
        .where(
            inbox.c.executor_id == number,
            inbox.c.status.in_([Progress.PENDING.value, Progress.RUNNING.value]),
        )
        .values(status=Progress.REFUSED.value, answer=RESTORED)
    ).rowcount
    book = read_book(connection, number, genesis(executor.owner, executor.mode))
    before = decode_state(encode(book.state))
    seq = max(book.head.seq, _newest_on_tape(tapes / executor.mode.value.lower())) + 1
    entries = _kill(executor.mode, book.state, seq, now)
    frozen = Frozen(number, executor.mode, epoch, book.state.kill, requests, commands)
    turn = Turn(entries, alerts=(_alert(frozen, made_at, now),))
    changes = Projection(number, before).changes(entries, book.state)
    session = before.session_date
    TurnLog(connection.dialect.name, number, book.head, session).append(
        connection, [Waiting(turn, changes, epoch, Future())]
    )
    return frozen


def _fence(connection: Connection, executor_id: int) -> int:
    """Take the lease far above any epoch that was ever held; return the new one."""
    mine = lease.c.executor_id == executor_id
    connection.execute(
        update(lease)
        .where(mine)
        .values(holder=RESTORED, epoch=lease.c.epoch + EPOCH_STEP, beat=lease.c.beat + 1)
    )
    epoch: int = connection.execute(select(lease.c.epoch).where(mine)).scalar_one()
    return epoch


def _kill(mode: Mode, state: CoreState, seq: int, now: int) -> tuple[Entry, ...]:
    """Stop new orders, unless the kill switch stands already; it is never made milder."""
    if state.kill is not KillLevel.OFF:
        return ()
    event = KillSet(KillLevel.STOP_NEW, WHY, now)
    return (Entry(seq, event, TradingCore(CoreConfig(mode, {}), state).handle(event)),)


def _alert(frozen: Frozen, made_at: int, now: int) -> Alert:
    hours = (now - made_at) // 3_600_000_000_000
    return Alert(
        RESTORED,
        frozen.mode.value,
        is_critical=True,
        text=Text(
            f"{hours}시간 전 백업에서 되돌렸습니다. 비상정지({frozen.kill}) 상태이며, 결과를 "
            f"모르는 주문 요청 {frozen.requests}건은 보내지 않고 대기 명령 {frozen.commands}건은 "
            "거절했습니다. 증권사와 대조한 뒤 비상정지를 푸세요.",
            f"Restored from a backup made {hours} hours ago. The kill switch stands at "
            f"{frozen.kill}; {frozen.requests} requests of unknown outcome will not be sent and "
            f"{frozen.commands} waiting commands were refused. Compare with the broker, then "
            "release the kill switch.",
        ),
        at=now,
    )


def _newest_on_tape(folder: Path) -> int:
    """Return the newest number on the tapes; a damaged one is put aside, the book is not in it."""
    for _, _, path in reversed(tape_files(folder)):
        with suppress(JournalCorruptError):
            newest = max((taped.seq for taped in TapeReader(path)), default=0)
            if newest:
                return newest
            continue
        path.rename(path.with_suffix(".damaged"))
    return 0
