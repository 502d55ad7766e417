"""
The one thread that writes, through the one connection that does.

Turns go first, and those that queue up while one is being written share the next transaction.
Everything else is a chore: it waits until no turn does, but not for ever, since the beat of the
lease is a chore too.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import SQLAlchemyError

from maemae.domain.errors import MaemaeError, StorageError
from maemae.failpoints import hit
from maemae.storage.engine import SqlDatabase
from maemae.storage.lease import Head, read_head
from maemae.storage.outcome import fail, not_written, reason, succeed, unknown
from maemae.storage.turns import TurnLog, Waiting

ANSWER_SECS: Final = 5.0
"""How long a transaction may take before its turns count as in doubt."""

_MOST_TURNS: Final = 64  # of one transaction
_MOST_BATCHES: Final = 8  # before a chore that waits
_TENDED_EVERY: Final = 500  # transactions, once nothing waits
_TENDED_AT_LAST: Final = 5_000  # transactions, however much waits
_LOOKS_IN_ANSWER: Final = 20
_FAILURES: Final = (SQLAlchemyError, OSError)

T = TypeVar("T")


class Chore(NamedTuple):
    """
    Something to do in a transaction of its own.

    Attributes:
        future: Tells the outcome.
        do: Is given the connection.
        is_aside: Whether nothing changes that anybody remembers after reading it.
    """

    future: Future[Any]
    do: Callable[[Connection], Any]
    is_aside: bool


class Writer:
    """
    A queue of turns and a queue of chores, and the thread that serves both.

    Turns are taken once `resume` has told where the journal ends, until one of them fails:
    whatever was decided after that one was decided on a book that does not exist.

    Args:
        database: Nobody else writes through it.
        answer_secs: How long a transaction may take before its turns count as in doubt.

    Attributes:
        changes: Transactions that ended, whatever became of them, but for those aside; counted
            before anybody is told.
    """

    def __init__(self, database: SqlDatabase, answer_secs: float = ANSWER_SECS) -> None:
        self._database = database
        self._answer_secs = answer_secs
        self._log: TurnLog | None = None
        self._connection: Connection | None = None
        self.changes = 0
        self._untended = 0
        self._passed_over = 0
        self._turns: deque[Waiting] = deque()
        self._chores: deque[Chore] = deque()
        self._is_open = True
        self._changed = threading.Condition()
        self._wire = threading.Lock()  # no connection is closed while it is being cut
        self._current: Sequence[Waiting] = ()
        self._began: float | None = None
        self._is_late = False
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=target, name=f"store-{name}", daemon=True)
            for name, target in (("writer", self._serve), ("watch", self._watch))
        ]
        for thread in self._threads:
            thread.start()

    def put(self, waiting: Waiting) -> None:
        """Queue a turn; its future tells the outcome."""
        with self._changed:
            if self._is_open:
                self._turns.append(waiting)
                self._changed.notify()
                return
        fail(waiting.future, not_written("closed"))

    def start(self, chore: Callable[[Connection], T], *, is_aside: bool = False) -> Future[T]:
        """
        Queue a chore, which gets a transaction of its own; its future tells the outcome.

        Args:
            chore: Is given the connection.
            is_aside: Whether nothing changes that anybody remembers after reading it.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._is_open:
                self._chores.append(Chore(future, chore, is_aside))
                self._changed.notify()
                return future
        future.set_exception(not_written("closed"))
        return future

    def run(self, chore: Callable[[Connection], T], *, is_aside: bool = False) -> T:
        """
        Do a chore and return its result; blocks. Arguments as `start`.

        Raises:
            CommitUnknownError: It may or may not have been done.
            StorageError: The writer is closed.
        """
        future = self.start(chore, is_aside=is_aside)
        try:
            return future.result(2 * self._answer_secs)
        except TimeoutError as error:
            future.cancel()
            raise unknown("no answer") from error

    def resume(self, log: TurnLog) -> None:
        """Take turns again, from the end of a journal on; call it from a chore."""
        self._log = log

    def close(self) -> None:
        """Write what is queued, then end."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        for thread in self._threads:
            thread.join(2 * self._answer_secs)

    def _serve(self) -> None:
        try:
            while (work := self._next()) is not None:
                if isinstance(work, list):
                    self._write(work)
                else:
                    self._do(work)
                self._tend()
        finally:
            self._end()

    def _next(self) -> list[Waiting] | Chore | None:
        with self._changed:
            self._changed.wait_for(lambda: self._turns or self._chores or not self._is_open)
            if self._turns and not (self._chores and self._passed_over >= _MOST_BATCHES):
                self._passed_over += 1
                return self._next_batch()
            self._passed_over = 0
            return self._chores.popleft() if self._chores else None

    def _next_batch(self) -> list[Waiting]:
        batch = [self._turns.popleft()]
        while self._turns and len(batch) < _MOST_TURNS and self._turns[0].epoch == batch[0].epoch:
            batch.append(self._turns.popleft())
        return batch

    def _write(self, batch: list[Waiting]) -> None:
        error: StorageError | None = unknown("the writer ended")
        try:
            with self._timed(batch):
                error = self._commit(batch)
        finally:
            if error is not None or self._is_late:
                self._log = None
            for waiting in batch:
                if error is None:
                    succeed(waiting.future)
                else:
                    fail(waiting.future, error)

    def _commit(self, batch: Sequence[Waiting]) -> StorageError | None:
        """Return None once the turns are durable, otherwise what is known."""
        log = self._log
        if log is None:
            return unknown("not recovered since the last failure")
        try:
            transaction, head = self._append(log, batch)
        except StorageError as error:
            self._disconnect()
            return error
        try:
            transaction.commit()
            hit("store.after_commit")
        except _FAILURES as error:
            self._disconnect()
            doubt = self._doubt(log, head, error)
            if doubt is not None:
                return doubt
        log.head = head
        return None

    def _append(self, log: TurnLog, batch: Sequence[Waiting]) -> tuple[RootTransaction, Head]:
        """Write turns in a transaction of their own; not even a bug may end this thread."""
        try:
            for waiting in batch:
                if waiting.first is not None:
                    waiting.first()
            transaction = self._connected().begin()
            head = log.append(transaction.connection, batch)
            hit("store.before_commit")
        except StorageError:
            raise
        except Exception as error:
            raise not_written(reason(error)) from error
        return transaction, head

    def _doubt(self, log: TurnLog, head: Head, error: Exception) -> StorageError | None:
        """Look on another connection whether a COMMIT without an answer was one."""
        try:
            connection = self._connected()
            with connection.begin():
                found = read_head(connection, log.executor_id, lock=True)
        except _FAILURES as another:
            self._disconnect()
            return unknown(reason(another))
        return None if found == head else unknown(reason(error))

    def _do(self, chore: Chore) -> None:
        future = chore.future
        if not future.set_running_or_notify_cancel():
            return
        try:
            with self._timed((), is_aside=chore.is_aside):
                connection = self._connected()
                with connection.begin():
                    result = chore.do(connection)
        except MaemaeError as error:
            future.set_exception(error)
        except _FAILURES as error:
            self._disconnect()
            future.set_exception(unknown(reason(error)))
        except BaseException as error:
            future.set_exception(error)
            raise
        else:
            future.set_result(result)

    def _tend(self) -> None:
        """Let the database tidy up once nobody waits, or at last."""
        self._untended += 1
        is_idle = not self._turns and self._untended >= _TENDED_EVERY
        if self._connection is None or not (is_idle or self._untended >= _TENDED_AT_LAST):
            return
        self._untended = 0
        try:
            self._database.tend(self._connection)
        except _FAILURES:
            self._disconnect()  # the next transaction tells what is wrong

    def _connected(self) -> Connection:
        if self._connection is None:
            connection = self._database.writing.connect()
            try:
                self._database.make_certain(connection)
            except _FAILURES:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        with self._wire:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(*_FAILURES):
                    connection.invalidate()
                with suppress(*_FAILURES):
                    connection.close()

    @contextmanager
    def _timed(self, batch: Sequence[Waiting], *, is_aside: bool = False) -> Iterator[None]:
        self._current, self._is_late = batch, False
        self._began = time.monotonic()
        try:
            yield
        finally:
            self.changes += not is_aside
            self._began, self._current = None, ()

    def _watch(self) -> None:
        """Give up on transactions that take too long."""
        while not self._ended.wait(self._answer_secs / _LOOKS_IN_ANSWER):
            began = self._began
            if began is not None and time.monotonic() - began > self._answer_secs:
                self._began, self._is_late = time.monotonic(), True
                self._give_up()

    def _give_up(self) -> None:
        with self._changed:
            late = [*self._current, *self._turns]
            self._turns.clear()
        for waiting in late:
            fail(waiting.future, unknown("no answer"))
        with self._wire:
            if self._connection is not None:
                self._database.cut(self._connection)

    def _end(self) -> None:
        """Let go of the connection; whatever is still queued will not be written."""
        self._ended.set()
        with self._changed:
            self._is_open = False
            turns, chores = [*self._current, *self._turns], [*self._chores]
        for waiting in turns:
            fail(waiting.future, unknown("the writer ended"))
        for chore in chores:
            chore.future.cancel()
        self._disconnect()
