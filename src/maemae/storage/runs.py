"""Runs of strategies: what runs with which code and values, from its begin to its end."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from maemae.domain.ids import AccountId, SleeveId
from maemae.storage.tables.strategies import strategies, strategy_runs
from maemae.storage.upsert import insert_missing
from maemae.storage.writer import Writer
from maemae.strategy.run import Run

_values: Final = msgspec.json.Decoder(dict[str, int | float]).decode


class Runs:
    """
    The runs of one executor.

    Everything blocks, and raises StorageError if the store cannot be read or written.

    Args:
        writer: Its chores' lane is used.
        executor_id: Whose runs they are.
        owner: Whose strategies they are.
    """

    def __init__(self, writer: Writer, executor_id: int, owner: str) -> None:
        self._writer = writer
        self._executor_id = executor_id
        self._owner = owner
        self._mine = strategy_runs.c.executor_id == executor_id

    def begin(self, run: Run) -> None:
        """Note that a run began; its sleeve is in the tables. Told again it changes nothing."""
        parameters = msgspec.json.encode(run.values, order="sorted").decode()
        strategy_id = _strategy_id(run, parameters)
        strategy = {
            "strategy_id": strategy_id,
            "owner": self._owner,
            "name": run.spec.rpartition(":")[2],
            "source": run.spec,
            "code_hash": run.code_hash,
            "parameters": parameters,
            "made_at": run.began_at,
        }
        row = {
            "run_id": run.run_id,
            "strategy_id": strategy_id,
            "executor_id": self._executor_id,
            "account_id": run.account_id,
            "sleeve_id": run.sleeve_id,
            "code_hash": run.code_hash,
            "parameters": parameters,
            "began_at": run.began_at,
            "cash": run.cash,
        }

        def begin(connection: Connection) -> None:
            connection.execute(insert_missing(connection.dialect.name, strategies), strategy)
            found = connection.execute(
                select(strategy_runs.c.run_id).where(strategy_runs.c.run_id == run.run_id)
            ).one_or_none()
            if found is None:
                connection.execute(insert(strategy_runs), row)

        self._writer.run(begin)

    def pause(self, run_id: str, at: int | None, reason: str | None) -> None:
        """Note that a run is paused, or with None that it goes on."""
        self._change(run_id, {"paused_at": at, "pause_reason": reason})

    def end(self, run_id: str, at: int, reason: str) -> None:
        """Note that a run ended; once it has, it is not started again by itself."""
        self._change(run_id, {"ended_at": at, "end_reason": reason})

    def newest(self) -> tuple[Run, ...]:
        """Return the newest run of each sleeve, ended or not."""
        query = (
            select(strategies.c.source, strategy_runs)
            .join(strategies, strategies.c.strategy_id == strategy_runs.c.strategy_id)
            .where(self._mine)
            .order_by(strategy_runs.c.began_at)
        )
        rows = self._writer.run(lambda connection: connection.execute(query).all())
        newest = {(row.account_id, row.sleeve_id): _run(row) for row in rows}
        return tuple(newest.values())

    def find(self, run_id: str) -> Run | None:
        """Return a run, None if there is none."""
        query = (
            select(strategies.c.source, strategy_runs)
            .join(strategies, strategies.c.strategy_id == strategy_runs.c.strategy_id)
            .where(self._mine, strategy_runs.c.run_id == run_id)
        )
        row = self._writer.run(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else _run(row)

    def _change(self, run_id: str, values: dict[str, Any]) -> None:
        statement = update(strategy_runs).where(
            self._mine, strategy_runs.c.run_id == run_id, strategy_runs.c.ended_at.is_(None)
        )
        self._writer.run(lambda connection: connection.execute(statement, values))


def _strategy_id(run: Run, parameters: str) -> str:
    told = "\n".join((run.spec, run.code_hash, parameters))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _run(row: Row[Any]) -> Run:
    return Run(
        row.run_id,
        row.source,
        _values(row.parameters),
        row.code_hash,
        AccountId(row.account_id),
        SleeveId(row.sleeve_id),
        row.cash or 0,
        row.began_at,
        row.paused_at,
        row.pause_reason,
        row.ended_at,
        row.end_reason,
    )
