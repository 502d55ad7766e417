"""What a turn does to each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from maemae.ports import Alert
from maemae.storage.alert_log import note_changes
from maemae.storage.prepared import Prepared
from maemae.storage.projection import Changes
from maemae.storage.tables.accounts import accounts, executors, sleeves
from maemae.storage.tables.books import balances, daily_performance, limits, positions
from maemae.storage.tables.journal import inbox, journal, outbox
from maemae.storage.tables.metadata import Progress
from maemae.storage.tables.operations import UNRESOLVED, alerts
from maemae.storage.tables.orders import executions, orders
from maemae.storage.upsert import insert_missing, upsert, upsert_open

Rows = Sequence[Mapping[str, Any]]

_MOVING: Final = (
    *("price", "order_qty", "status", "order_id"),
    *("cum_qty", "leaves_qty", "notional", "seq"),
)
_CHARGES: Final = ("commission", "tax", "realized")
_FLOWING: Final = ("flows", "realized", "commission", "tax")
_REQUESTED: Final = tuple(column.name for column in outbox.columns if column.name != "settled_seq")


class Statements:
    """
    The statements of turns.

    Args:
        dialect: Name of the kind of database.
        executor_id: Whose turns they are.
    """

    def __init__(self, dialect: str, executor_id: int) -> None:
        self._executor_id = executor_id
        self._journal = Prepared(insert(journal))
        self._outbox = Prepared(insert(outbox), _REQUESTED)
        self._limits = Prepared(insert(limits))
        self._accounts = Prepared(insert_missing(dialect, accounts), ("executor_id", "account_id"))
        self._sleeves = Prepared(upsert(dialect, sleeves, _besides_keys(sleeves)))
        self._orders = Prepared(upsert(dialect, orders, _MOVING))
        self._executions = Prepared(
            upsert(dialect, executions, ("qty", "px", "seq"), added=_CHARGES)
        )
        self._positions = Prepared(upsert(dialect, positions, _besides_keys(positions)))
        self._balances = Prepared(upsert(dialect, balances, _besides_keys(balances)))
        self._performance = Prepared(upsert(dialect, daily_performance, _FLOWING))
        self._alerts = upsert_open(
            dialect,
            alerts,
            ("executor_id", "code", "subject"),
            UNRESOLVED,
            ("is_critical", "ko", "en", "last_at"),
        ).returning(alerts.c.alert_id)
        self._executor = update(executors).where(executors.c.executor_id == executor_id)
        self._emptied = Prepared(
            delete(positions).where(
                positions.c.executor_id == executor_id,
                *(
                    positions.c[name] == bindparam(name)
                    for name in ("account_id", "sleeve_id", "symbol")
                ),
            )
        )
        self._settled = Prepared(
            update(outbox)
            .where(
                outbox.c.executor_id == executor_id, outbox.c.cl_ord_id == bindparam("of_cl_ord_id")
            )
            .values(settled_seq=bindparam("at_seq"))
        )
        self._taken = Prepared(
            update(inbox)
            .where(inbox.c.executor_id == executor_id, inbox.c.key == bindparam("of_key"))
            .values(status=Progress.DONE.value, seq=bindparam("at_seq"))
        )

    def put_records(self, connection: Connection, records: Rows) -> None:
        """Append to the journal, and tell the commands that records came from done."""
        self._journal.run(connection, records)
        taken = [
            {"of_key": record["command_id"], "at_seq": record["seq"]}
            for record in records
            if record["command_id"] is not None
        ]
        self._taken.run(connection, taken)

    def put_changes(self, connection: Connection, changes: Changes) -> None:
        """Make the tables show the state; parents before children."""
        if changes.executor:
            connection.execute(self._executor, changes.executor)
        self._accounts.run(connection, list(changes.accounts.values()))
        self._sleeves.run(connection, list(changes.sleeves.values()))
        self._limits.run(connection, changes.limits)
        self._orders.run(connection, list(changes.orders.values()))
        self._executions.run(connection, list(changes.executions.values()))
        held, emptied = [], []
        for (account_id, sleeve_id, symbol), row in changes.positions.items():
            if row is None:
                key = {"account_id": account_id, "sleeve_id": sleeve_id, "symbol": symbol}
                emptied.append(key)
            else:
                held.append(row)
        self._positions.run(connection, held)
        self._emptied.run(connection, emptied)
        self._balances.run(connection, list(changes.balances.values()))
        self._performance.run(connection, list(changes.performance.values()))

    def put_requests(self, connection: Connection, requests: Rows) -> None:
        """Add requests to the outbox."""
        self._outbox.run(connection, requests)

    def settle_requests(self, connection: Connection, numbers: Sequence[int], seq: int) -> None:
        """Tell requests settled by a record."""
        rows = [{"of_cl_ord_id": number, "at_seq": seq} for number in numbers]
        self._settled.run(connection, rows)

    def put_alerts(self, connection: Connection, opened: Sequence[Alert]) -> None:
        """Open alerts; those that are open already are counted."""
        rows = [
            {
                "executor_id": self._executor_id,
                "code": alert.code,
                "subject": alert.subject,
                "is_critical": alert.is_critical,
                "ko": alert.text.ko,
                "en": alert.text.en,
                "times": 1,
                "opened_at": alert.at,
                "last_at": alert.at,
            }
            for alert in opened
        ]
        for row in rows:
            changed = connection.execute(self._alerts, row).scalars().all()
            note_changes(connection, self._executor_id, changed)


def _besides_keys(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if not column.primary_key)
