"""Turns as they are appended to the journal, several in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from maemae.core.actions import SessionOpened
from maemae.domain.errors import CommitUnknownError
from maemae.domain.instant import kst_date
from maemae.ports import Entry, OutboxRow, Turn
from maemae.storage.lease import Head, move_head
from maemae.storage.prepared import in_one_go
from maemae.storage.projection import Changes
from maemae.storage.records import encode, next_hash
from maemae.storage.statements import Statements


@dataclass(frozen=True, slots=True)
class Waiting:
    """A turn that waits for its transaction, what it changed, and what must be done before."""

    turn: Turn
    changes: Changes
    epoch: int
    future: Future[None]
    first: Callable[[], None] | None = None


class TurnLog:
    """
    The end of one executor's journal.

    Args:
        dialect: Name of the kind of database.
        executor_id: Whose journal it is.
        head: The newest record that is durable.
        session: Session of that record, None before the first.
    """

    def __init__(self, dialect: str, executor_id: int, head: Head, session: date | None) -> None:
        self.executor_id = executor_id
        self.head = head
        self._session = session
        self._statements = Statements(dialect, executor_id)

    def append(self, connection: Connection, batch: Sequence[Waiting]) -> Head:
        """
        Write turns of one epoch inside a transaction; return where the journal will end.

        Raises:
            FencedError: The lease has another epoch.
            CommitUnknownError: The journal ends elsewhere, or an input is older than its end.
        """
        records, head = self._records(batch)
        move_head(connection, self.executor_id, batch[0].epoch, self.head, head)
        changes = batch[0].changes
        for waiting in batch[1:]:
            changes.add(waiting.changes)
        statements = self._statements
        turns = [waiting.turn for waiting in batch]
        settled = [number for turn in turns for number in turn.settled]
        with in_one_go(connection):
            statements.put_records(connection, records)
            statements.put_changes(connection, changes)
            statements.put_requests(
                connection, [self._request(row) for turn in turns for row in turn.outbox]
            )
            statements.settle_requests(connection, settled, head.seq)
        statements.put_alerts(connection, [alert for turn in turns for alert in turn.alerts])
        return head

    def _records(self, batch: Sequence[Waiting]) -> tuple[list[dict[str, Any]], Head]:
        head, records = self.head, []
        for waiting in batch:
            for entry in waiting.turn.entries:
                if entry.seq <= head.seq:
                    raise _out_of_order(entry.seq, head.seq)
                event, actions = encode(entry.event), encode(entry.actions)
                head = Head(entry.seq, next_hash(head.hash, entry.seq, event, actions))
                records.append(
                    {
                        "executor_id": self.executor_id,
                        "seq": entry.seq,
                        "session_date": self._session_of(entry),
                        "command_id": entry.command_id,
                        "event": event,
                        "actions": actions,
                        "hash": head.hash,
                    }
                )
        return records, head

    def _session_of(self, entry: Entry) -> date:
        """Return the session of an input: the last one that was opened."""
        for action in entry.actions:
            if isinstance(action, SessionOpened):
                self._session = action.session_date
        return self._session or kst_date(entry.event.at)

    def _request(self, row: OutboxRow) -> dict[str, Any]:
        return {
            "executor_id": self.executor_id,
            "cl_ord_id": row.cl_ord_id,
            "orig_cl_ord_id": row.orig_cl_ord_id,
            "lane": int(row.lane),
            "fingerprint": row.fingerprint,
            "epoch": row.epoch,
            "expires_at": row.expires_at,
            "at": row.at,
        }


def _out_of_order(seq: int, newest: int) -> CommitUnknownError:
    return CommitUnknownError(
        f"{seq} 번 입력이 이미 저장된 {newest} 번보다 앞섭니다. 저장된 데까지 되살린 뒤 이어 "
        "가세요.",
        f"Input {seq} comes before {newest}, which is stored. Recover what is stored and go on "
        "from there.",
    )
