"""
What a live stream needs of one executor's database, each answer of one moment.

A snapshot says which record it was taken after, so that what happens later goes on from there
without a gap and without a repetition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, or_
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from maemae.storage.alert_log import AlertChanged, read_changes, read_version
from maemae.storage.outcome import unreadable
from maemae.storage.queries import (
    ShownAlert,
    ShownExecution,
    ShownExecutor,
    ShownOrder,
    ShownPosition,
    ShownSleeve,
    shown_rows,
)
from maemae.storage.tables.accounts import executors, lease, sleeves
from maemae.storage.tables.books import positions
from maemae.storage.tables.operations import UNRESOLVED, alerts
from maemae.storage.tables.orders import STILL_OPEN, executions, orders
from maemae.storage.tail import MOST_AT_ONCE, JournalTail, TailRecord, find_tail, read_head, tail_at

MOST_RESUMED: Final = 20_000
"""Records with something to tell that are told again; whoever lacks more takes a snapshot."""


class News(msgspec.Struct, frozen=True):
    """
    What is new since the last look.

    Attributes:
        head: Number of the newest record that was read.
        version: Number of the newest change of an alert.
        records: Every one of them, in order.
        alerts: Changes of alerts; None if some were dropped before they were read.
    """

    head: int
    version: int
    records: Sequence[TailRecord] = ()
    alerts: Sequence[AlertChanged] | None = ()


class Books(msgspec.Struct, frozen=True):
    """How an executor stands after a record."""

    head: int
    executor: ShownExecutor
    positions: Sequence[ShownPosition]
    sleeves: Sequence[ShownSleeve]


class Traded(msgspec.Struct, frozen=True):
    """Orders and fills of the session after a record, and every open order."""

    head: int
    orders: Sequence[ShownOrder]
    executions: Sequence[ShownExecution]


class OpenAlerts(msgspec.Struct, frozen=True):
    """The open alerts after a change of them."""

    version: int
    alerts: Sequence[ShownAlert]


class StreamReading:
    """
    A reader that goes along with the journal.

    Everything blocks, and is called from one thread at a time. It raises StorageError if the
    database cannot be read, and JournalCorruptError if the journal became another one; `begin`
    makes it good again.

    Args:
        engine: Makes connections that cannot write.
        executor_id: Whose database it is.
    """

    def __init__(self, engine: Engine, executor_id: int) -> None:
        self._engine = engine
        self._executor_id = executor_id
        self._connection: Connection | None = None
        self._tail: JournalTail | None = None
        self._version = 0

    def begin(self) -> News:
        """Go to the end of the journal; return where that is."""
        with self._reading() as connection:
            head = read_head(connection, self._executor_id)
            self._tail = tail_at(connection, self._executor_id, head)
            self._version = read_version(connection, self._executor_id)
        return News(head, self._version)

    def read(self) -> News:
        """Return what is new since the last time."""
        tail = self._tail
        if tail is None:
            return self.begin()
        records: list[TailRecord] = []
        with self._reading() as connection:
            while len(piece := tail.read(connection, MOST_AT_ONCE)) == MOST_AT_ONCE:
                records += piece
            records += piece
            changes = read_changes(connection, self._executor_id, self._version)
            if changes is None:
                self._version = read_version(connection, self._executor_id)
            elif changes:
                self._version = changes[-1].version
        return News(tail.seq, self._version, records, changes)

    def resume(self, after: int) -> list[TailRecord] | None:
        """
        Return what was told after a record, up to the newest.

        None if the record lies ahead, or so far back that a snapshot is the better answer.
        """
        with self._reading() as connection:
            tail = find_tail(connection, self._executor_id, after)
            if tail is None:
                return None
            told: list[TailRecord] = []
            while piece := tail.read(connection, MOST_AT_ONCE):
                told += [record for record in piece if record.events]
                if len(told) > MOST_RESUMED:
                    return None
            return told

    def resume_alerts(self, after: int) -> list[AlertChanged] | None:
        """Return the changes of alerts after an earlier one; None if they are not all kept."""
        with self._reading() as connection:
            return read_changes(connection, self._executor_id, after, MOST_RESUMED)

    def books(self) -> Books:
        """Return how the executor stands."""
        with self._reading() as connection:
            same = executors.c.executor_id == lease.c.executor_id
            mine = self._executor_id
            (executor,) = shown_rows(
                connection, mine, ShownExecutor, (executors, lease), same, order_by="epoch"
            )
            by = "account_id, sleeve_id"
            return Books(
                executor.head_seq,
                executor,
                shown_rows(connection, mine, ShownPosition, (positions,), order_by=by + ", symbol"),
                shown_rows(connection, mine, ShownSleeve, (sleeves,), order_by=by),
            )

    def traded(self) -> Traded:
        """Return the orders and fills of the session."""
        with self._reading() as connection:
            mine = self._executor_id
            same = executors.c.executor_id == lease.c.executor_id
            (executor,) = shown_rows(
                connection, mine, ShownExecutor, (executors, lease), same, order_by="epoch"
            )
            day = executor.session_date
            shown = or_(orders.c.session_date == day, sql(STILL_OPEN))
            today = executions.c.session_date == day
            return Traded(
                executor.head_seq,
                shown_rows(connection, mine, ShownOrder, (orders,), shown, order_by="cl_ord_id"),
                shown_rows(
                    connection,
                    mine,
                    ShownExecution,
                    (executions,),
                    today,
                    order_by="at, cl_ord_id, exec_id",
                ),
            )

    def open_alerts(self) -> OpenAlerts:
        """Return the open alerts."""
        with self._reading() as connection:
            return OpenAlerts(
                read_version(connection, self._executor_id),
                shown_rows(
                    connection,
                    self._executor_id,
                    ShownAlert,
                    (alerts,),
                    sql(UNRESOLVED),
                    order_by="opened_at, alert_id",
                ),
            )

    def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """
        Give a transaction that sees one moment.

        The connection to a server is kept for the next one. A file is opened anew: a backup that
        was brought back is another file under the same name.
        """
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                yield self._connection
        except SQLAlchemyError as error:
            self.close()
            raise unreadable(error) from error
        except BaseException:
            self.close()
            raise
        if self._engine.dialect.name == "sqlite":
            self.close()
