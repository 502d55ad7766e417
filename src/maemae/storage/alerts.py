"""Alerts: equal codes about equal subjects are one alert, until it is resolved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from maemae.ports import Alert
from maemae.storage.statements import Statements
from maemae.storage.tables.operations import alerts
from maemae.storage.writer import Writer


class Alerts:
    """
    Alerts that no turn brings.

    Everything blocks, and raises StorageError if the store cannot be written.

    Args:
        writer: Its chores' lane is used.
        executor_id: Whose alerts they are.
        statements: Of the same executor.
    """

    def __init__(self, writer: Writer, executor_id: int, statements: Statements) -> None:
        self._writer = writer
        self._executor_id = executor_id
        self._statements = statements

    def open(self, alert: Alert) -> None:
        """Open an alert, or count one that is open already."""
        self._writer.run(lambda connection: self._statements.put_alerts(connection, (alert,)))

    def acknowledge(self, alert_id: int, who: str, at: int) -> bool:
        """Note that a person saw an alert; False if somebody did before, or it is resolved."""
        return self._mark(alert_id, "acknowledged_at", {"acknowledged_by": who}, at)

    def resolve(self, alert_id: int, at: int) -> bool:
        """Close an alert; False if it is closed. The next one like it is a new alert."""
        return self._mark(alert_id, "resolved_at", {}, at)

    def resolve_all(self, code: str, subject: str, at: int) -> bool:
        """Close the open alert of a kind about a subject; False if there is none."""
        statement = update(alerts).where(
            alerts.c.executor_id == self._executor_id,
            alerts.c.code == code,
            alerts.c.subject == subject,
            alerts.c.resolved_at.is_(None),
        )
        return self._writer.run(
            lambda connection: connection.execute(statement, {"resolved_at": at}).rowcount == 1
        )

    def acknowledge_all(self, code: str, subject: str, who: str, at: int) -> bool:
        """
        Close the open alert of a kind about a subject because a person saw it, and say who.

        False if there is none. The next one like it is a new alert.
        """
        statement = update(alerts).where(
            alerts.c.executor_id == self._executor_id,
            alerts.c.code == code,
            alerts.c.subject == subject,
            alerts.c.resolved_at.is_(None),
        )
        values = {"acknowledged_at": at, "acknowledged_by": who, "resolved_at": at}
        return self._writer.run(
            lambda connection: connection.execute(statement, values).rowcount == 1
        )

    def _mark(self, alert_id: int, column: str, also: dict[str, str], at: int) -> bool:
        statement = update(alerts).where(
            alerts.c.executor_id == self._executor_id,
            alerts.c.alert_id == alert_id,
            alerts.c[column].is_(None),
            alerts.c.resolved_at.is_(None),
        )
        values: dict[str, Any] = {column: at, **also}

        def mark(connection: Connection) -> bool:
            return connection.execute(statement, values).rowcount == 1

        return self._writer.run(mark)
