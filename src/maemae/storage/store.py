"""The store of one owner and mode, in SQLite or PostgreSQL: `maemae.ports.Store`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import date
from typing import Final, Self

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.domain.terms import Mode, TradingState
from maemae.failpoints import hit
from maemae.ports import Entry, Lease, Recovered, Turn
from maemae.storage import lease as leases
from maemae.storage.alerts import Alerts
from maemae.storage.engine import SqlDatabase, open_database
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.history import History
from maemae.storage.inbox import Inbox
from maemae.storage.jobs import Jobs
from maemae.storage.lease import Head, read_head
from maemae.storage.migrate import migrate
from maemae.storage.outcome import fail, not_written, reason, unknown
from maemae.storage.projection import Projection
from maemae.storage.queries import Queries
from maemae.storage.records import encode, snapshot_hash
from maemae.storage.recovery import (
    genesis,
    read_book,
    read_entries,
    read_requests,
    state_version,
)
from maemae.storage.runs import Runs
from maemae.storage.statements import Statements
from maemae.storage.tables.accounts import executors, lease
from maemae.storage.tables.journal import journal, snapshots
from maemae.storage.tables.people import users
from maemae.storage.turns import TurnLog, Waiting
from maemae.storage.upsert import insert_missing
from maemae.storage.writer import ANSWER_SECS, Writer

_SNAPSHOTS_KEPT: Final = 2


class SqlStore:
    """
    Journal and tables of one owner and mode; satisfies `maemae.ports.Store`.

    `recover` comes before the first `write`, and again after one that failed: turns that were
    decided on a book that is not durable are never written.

    Args:
        database: Migrated; the store closes it.
        owner: Whose executor it is.
        mode: Whose market it trades on.
        answer_secs: How long a transaction may take before its turns count as in doubt.

    Attributes:
        database: For readers.
        executor_id: Number of the executor in the tables.
        inbox, jobs, alerts: What else is kept for the executor.
        runs: Its strategies' runs.
        queries: What the tables show.
        history: What the journal tells.

    Raises:
        StorageError: The database cannot be written.
    """

    def __init__(
        self, database: SqlDatabase, owner: str, mode: Mode, answer_secs: float = ANSWER_SECS
    ) -> None:
        self.database = database
        self._origin = genesis(owner, mode)
        self._writer = Writer(database, answer_secs)
        self._projection: Projection | None = None
        self._given = 0
        try:
            self.executor_id = self._writer.run(
                lambda connection: _register(connection, owner, mode, self._origin)
            )
        except StorageError:
            self.close()
            raise
        statements = Statements(database.writing.dialect.name, self.executor_id)
        self.inbox = Inbox(self._writer, self.executor_id)
        self.jobs = Jobs(self._writer, self.executor_id)
        self.runs = Runs(self._writer, self.executor_id, owner)
        self.queries = Queries(database.reading, self.executor_id)
        self.history = History(database.reading, self.executor_id)
        self.alerts = Alerts(self._writer, self.executor_id, statements)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def read_lease(self) -> Lease:
        """Return who holds the lease."""
        return self._writer.run(lambda one: leases.read_lease(one, self.executor_id))

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        """Take the lease if it still is as it was seen; None if somebody was faster."""
        return self._writer.run(lambda one: leases.take_lease(one, self.executor_id, holder, seen))

    def beat(self, lease: Lease) -> Lease | None:
        """Show that the holder lives; None if the lease is another's now."""
        return self._writer.run(lambda one: leases.beat(one, self.executor_id, lease))

    def recover(self) -> Recovered:
        """
        Return what is durable, and take turns from there on.

        Raises:
            JournalCorruptError: A record is damaged or missing.
            StorageError: The store cannot be read.
        """
        self._projection = None
        # Once this chore is done, every turn before it is, and so is every COMMIT.
        self._writer.run(lambda one: read_head(one, self.executor_id, lock=True))
        with self._reading() as connection:
            book = read_book(connection, self.executor_id, self._origin)
            requests = read_requests(connection, self.executor_id)
        self._writer.run(lambda one: self._resume(one, book.head, book.state.session_date))
        self._projection = Projection(self.executor_id, book.state)
        self._given = book.head.seq
        return Recovered(book.state, book.head.seq, requests)

    def write(
        self, turn: Turn, state: CoreState, epoch: int, first: Callable[[], None] | None = None
    ) -> Future[None]:
        """
        Make a turn durable, with the tables that show the state after it.

        Args:
            turn: What to write.
            state: The book after it.
            epoch: Under which it was decided.
            first: Done in the writer's thread before the transaction; if it raises, there is none.

        The future raises:
            FencedError: The lease has a newer epoch; nothing was written.
            CommitUnknownError: It may or may not be durable; throw the core away and recover.
            StorageError: It is proved not to be durable; throw the core away and recover.
        """
        future: Future[None] = Future()
        if self._projection is None:
            fail(future, unknown("not recovered"))
            return future
        changes = self._projection.changes(turn.entries, state)
        if turn.entries:
            self._given = turn.entries[-1].seq
        self._writer.put(Waiting(turn, changes, epoch, future, first))
        return future

    def snapshot(self, state: CoreState, seq: int) -> Future[None]:
        """
        Keep the book as of an input, so that recovery need not read every record.

        The future raises:
            StorageError: It was not kept; recovery reads more records, and loses nothing.
        """
        after, content = min(seq, self._given), encode(state)
        kept = self._writer.start(lambda one: self._keep(one, after, content))
        kept.add_done_callback(lambda _: hit("snapshot.after"))
        return kept

    def records(self, day: date) -> Iterator[Entry]:
        """
        Yield what the journal holds of a session, in order.

        Raises:
            JournalCorruptError: A record is damaged or missing.
        """
        with self._reading() as connection:
            yield from read_entries(connection, self.executor_id, self._origin, day)

    def close(self) -> None:
        """Write what was given, then close."""
        self._writer.close()
        self.database.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self.database.reading.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _unreadable(self.database.name, error) from error

    def _resume(self, connection: Connection, head: Head, session: date | None) -> None:
        """Have the writer go on from what was read, if it still is the end."""
        if read_head(connection, self.executor_id) != head:
            raise unknown("somebody else wrote meanwhile")
        dialect = connection.dialect.name
        self._writer.resume(TurnLog(dialect, self.executor_id, head, session))

    def _keep(self, connection: Connection, seq: int, content: bytes) -> None:
        """Keep a snapshot beside the record that it was taken after."""
        mine = snapshots.c.executor_id == self.executor_id
        record = connection.execute(
            select(journal.c.hash).where(
                journal.c.executor_id == self.executor_id, journal.c.seq == seq
            )
        ).one_or_none()
        if record is None:
            raise not_written(f"no record {seq}")
        hit("snapshot.before")
        row = {
            "executor_id": self.executor_id,
            "seq": seq,
            "state_version": state_version(),
            "build": build_fingerprint(),
            "state": content,
            "hash": snapshot_hash(record.hash, content),
        }
        connection.execute(insert_missing(connection.dialect.name, snapshots), row)
        kept = select(snapshots.c.seq).where(mine).order_by(snapshots.c.seq.desc())
        newest = connection.execute(kept.limit(_SNAPSHOTS_KEPT)).scalars().all()
        connection.execute(delete(snapshots).where(mine, snapshots.c.seq < newest[-1]))


def open_store(
    url: str,
    owner: str,
    mode: Mode,
    *,
    backup: Callable[[], None],
    is_market_open: Callable[[], bool],
) -> SqlStore:
    """
    Open a store by the URL of its database, and bring its tables up to date.

    Args:
        url: As `maemae.storage.engine.open_database` takes it.
        owner: Whose executor it is.
        mode: Whose market it trades on.
        backup: Called before tables that hold anything are changed.
        is_market_open: Whether a session goes on; tables are not changed meanwhile.

    Raises:
        ConfigError: The URL or the settings of the database cannot be used.
        StorageError: It cannot be reached, written or migrated.
    """
    database = open_database(url)
    try:
        migrate(database, backup=backup, is_market_open=is_market_open)
        return SqlStore(database, owner, mode)
    except BaseException:
        database.close()
        raise


def _register(connection: Connection, owner: str, mode: Mode, origin: Head) -> int:
    """Return the number of an executor; make its rows if it is new."""
    dialect = connection.dialect.name
    connection.execute(insert_missing(dialect, users), {"user_id": owner, "is_locked": False})
    connection.execute(
        insert_missing(dialect, executors),
        {
            "owner": owner,
            "mode": mode.value,
            "trading_state": TradingState.HALTED.value,
            "ceiling": TradingState.ACTIVE.value,
            "kill": KillLevel.OFF.value,
        },
    )
    executor_id: int = connection.execute(
        select(executors.c.executor_id).where(
            executors.c.owner == owner, executors.c.mode == mode.value
        )
    ).scalar_one()
    row = {"executor_id": executor_id, "holder": "", "epoch": 0, "beat": 0}
    row |= {"head_seq": origin.seq, "head_hash": origin.hash}
    connection.execute(insert_missing(dialect, lease), row)
    return executor_id


def _unreadable(name: str, error: SQLAlchemyError) -> StorageError:
    if type(error) is DatabaseError:  # SQLite found a damaged page
        return JournalCorruptError(
            f"{name} 이(가) 손상되었습니다 ({reason(error)}). 거래를 멈추고 백업에서 되돌리세요.",
            f"{name} is damaged ({reason(error)}). Stop trading and restore it from a backup.",
        )
    return StorageError(
        f"{name} 을(를) 읽을 수 없습니다 ({reason(error)}). 데이터베이스가 켜져 있는지 확인하세요.",
        f"{name} cannot be read ({reason(error)}). Check that the database runs.",
    )
