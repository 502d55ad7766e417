"""Backtests that were asked for: who waits, which one runs, and what came of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Update, func, insert, select, update

from maemae.domain.text import Language, Text
from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.strategies import BacktestStatus, backtests, strategies
from maemae.storage.upsert import insert_missing

_OPEN: Final = (BacktestStatus.PENDING.value, BacktestStatus.RUNNING.value)


class BacktestAsked(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks a backtest for.

    Attributes:
        spec: A bundled name, or `my.py:MyStrategy` of the folder of strategies.
        values: Of its parameters; the others keep their defaults.
        symbols: What may be traded; empty for everything in the dataset.
        first, last: Korean days, both included.
        cash: At the start [won].
        fees: Whose commission: a word of `maemae.app.backtests.FEES`.
        language: Of the report.
    """

    spec: str
    values: Mapping[str, int | float]
    dataset: str
    symbols: tuple[str, ...]
    first: date
    last: date
    cash: int
    fees: str
    language: Language


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """
    A backtest as it stands.

    Attributes:
        asked_at, began_at, ended_at: Instants [ns, UTC].
        progress: How much of it has run [ppm].
        summary: Its figures; None until it is done.
        error: Why it failed; None unless it did.
    """

    backtest_id: str
    asked_by: str
    asked: BacktestAsked
    status: BacktestStatus
    asked_at: int
    began_at: int | None
    ended_at: int | None
    progress: int
    order_hash: str | None
    summary: Mapping[str, int | str | None] | None
    error: Text | None


class Backtests:
    """
    The table of backtests. Everything blocks, and raises StorageError if it cannot be used.

    Args:
        store: The server's.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    def ask(
        self, backtest_id: str, user_id: str, asked: BacktestAsked, code_hash: str, at: int
    ) -> None:
        """Queue a backtest."""
        parameters = msgspec.json.encode(asked.values, order="sorted").decode()
        told = "\n".join((user_id, asked.spec, code_hash, parameters))
        strategy = {
            "strategy_id": hashlib.sha256(told.encode()).hexdigest()[:32],
            "owner": user_id,
            "name": asked.spec.rpartition(":")[2],
            "source": asked.spec,
            "code_hash": code_hash,
            "parameters": parameters,
            "made_at": at,
        }
        row = {
            "backtest_id": backtest_id,
            "strategy_id": strategy["strategy_id"],
            "code_hash": code_hash,
            "parameters": parameters,
            "first_session": asked.first,
            "last_session": asked.last,
            "status": BacktestStatus.PENDING.value,
            "asked_at": at,
            "asked_by": user_id,
            "request": msgspec.json.encode(asked).decode(),
            "progress": 0,
        }

        def chore(connection: Connection) -> None:
            connection.execute(insert_missing(connection.dialect.name, strategies), strategy)
            connection.execute(insert(backtests), row)

        self._store.writer.run(chore)

    def find(self, backtest_id: str) -> Backtest | None:
        """Return a backtest; None if there is none."""
        found = self._select(backtests.c.backtest_id == backtest_id)
        return found[0] if found else None

    def newest(self, user_id: str | None, limit: int) -> list[Backtest]:
        """Return backtests of a user, or of everybody, the newest first."""
        whose = () if user_id is None else (backtests.c.asked_by == user_id,)
        return self._select(*whose, limit=limit)

    def count_open(self, user_id: str | None = None) -> int:
        """Return how many wait or run."""
        query = select(func.count()).where(backtests.c.status.in_(_OPEN))
        if user_id is not None:
            query = query.where(backtests.c.asked_by == user_id)
        with connected(self._store.reading) as connection:
            return connection.execute(query).scalar_one()

    def claim(self, at: int) -> Backtest | None:
        """Take the one that waits longest, so that nobody else runs it; None if none does."""
        oldest = (
            select(backtests.c.backtest_id)
            .where(backtests.c.status == BacktestStatus.PENDING.value)
            .order_by(backtests.c.asked_at, backtests.c.backtest_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )

        def chore(connection: Connection) -> str | None:
            found: str | None = connection.execute(oldest).scalar_one_or_none()
            if found is not None:
                values = {"status": "RUNNING", "began_at": at, "beat_at": at}
                connection.execute(_of(found), values)
            return found

        taken = self._store.writer.run(chore)
        return None if taken is None else self.find(taken)

    def beat(self, backtest_id: str, progress: int, at: int) -> bool:
        """Say that it still runs, and how far it is [ppm]; False if it was canceled."""
        return self._change(
            _of(backtest_id).where(backtests.c.status == BacktestStatus.RUNNING.value),
            {"progress": progress, "beat_at": at},
        )

    def finish(
        self, backtest_id: str, order_hash: str, summary: Mapping[str, object], at: int
    ) -> bool:
        """Keep what came of it; False if it was canceled meanwhile."""
        values = {
            "status": BacktestStatus.DONE.value,
            "ended_at": at,
            "progress": 1_000_000,
            "order_hash": order_hash,
            "summary": msgspec.json.encode(summary).decode(),
        }
        running = backtests.c.status == BacktestStatus.RUNNING.value
        return self._change(_of(backtest_id).where(running), values)

    def fail(self, backtest_id: str, error: Text, at: int) -> bool:
        """Say why nothing came of it; False if it was canceled meanwhile."""
        running = backtests.c.status == BacktestStatus.RUNNING.value
        return self._change(_of(backtest_id).where(running), _failed(error, at))

    def fail_lost(self, beaten_before: int, error: Text, at: int) -> None:
        """Fail those whose process has not been heard of since an instant [ns, UTC]."""
        lost = backtests.c.status == BacktestStatus.RUNNING.value
        quiet = backtests.c.beat_at < beaten_before
        self._change(update(backtests).where(lost, quiet), _failed(error, at))

    def requeue(self, backtest_id: str) -> None:
        """Let one that was stopped with its server wait again."""
        running = backtests.c.status == BacktestStatus.RUNNING.value
        values = {"status": BacktestStatus.PENDING.value, "progress": 0, "began_at": None}
        self._change(_of(backtest_id).where(running), values)

    def cancel(self, backtest_id: str, at: int) -> bool:
        """Cancel one that waits or runs; False if it has ended."""
        values = {"status": BacktestStatus.CANCELED.value, "ended_at": at}
        return self._change(_of(backtest_id).where(backtests.c.status.in_(_OPEN)), values)

    def _change(self, statement: Update, values: Mapping[str, object]) -> bool:
        return self._store.writer.run(
            lambda connection: connection.execute(statement, dict(values)).rowcount > 0
        )

    def _select(self, *where: ColumnElement[bool], limit: int = 1) -> list[Backtest]:
        newest = (backtests.c.asked_at.desc(), backtests.c.backtest_id)
        query = (
            select(backtests)
            .where(backtests.c.request.is_not(None), *where)
            .order_by(*newest)
            .limit(limit)
        )
        with connected(self._store.reading) as connection:
            return [_backtest(row) for row in connection.execute(query)]


def _of(backtest_id: str) -> Update:
    return update(backtests).where(backtests.c.backtest_id == backtest_id)


def _failed(error: Text, at: int) -> dict[str, object]:
    return {
        "status": BacktestStatus.FAILED.value,
        "ended_at": at,
        "error": msgspec.json.encode(error).decode(),
    }


_ASKED: Final = msgspec.json.Decoder(BacktestAsked)
_SENTENCES: Final = msgspec.json.Decoder(Text)


def _backtest(row: Row[Any]) -> Backtest:
    return Backtest(
        backtest_id=row.backtest_id,
        asked_by=row.asked_by,
        asked=_ASKED.decode(row.request),
        status=BacktestStatus(row.status),
        asked_at=row.asked_at,
        began_at=row.began_at,
        ended_at=row.ended_at,
        progress=row.progress or 0,
        order_hash=row.order_hash,
        summary=None if row.summary is None else msgspec.json.decode(row.summary),
        error=None if row.error is None else _SENTENCES.decode(row.error),
    )
