"""Alerts: equal codes about equal subjects are one alert, until it is resolved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from maemae.ports import Alert
from maemae.storage.alert_log import note_changes
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
        values = {"acknowledged_at": at, "acknowledged_by": who}
        unseen = alerts.c.acknowledged_at.is_(None)
        return self._change(values, alerts.c.alert_id == alert_id, unseen)

    def resolve(self, alert_id: int, at: int) -> bool:
        """Close an alert; False if it is closed. The next one like it is a new alert."""
        return self._change({"resolved_at": at}, alerts.c.alert_id == alert_id)

    def resolve_all(self, code: str, subject: str, at: int) -> bool:
        """Close the open alert of a kind about a subject; False if there is none."""
        return self._change({"resolved_at": at}, *_about(code, subject))

    def acknowledge_all(self, code: str, subject: str, who: str, at: int) -> bool:
        """
        Close the open alert of a kind about a subject because a person saw it, and say who.

        False if there is none. The next one like it is a new alert.
        """
        values = {"acknowledged_at": at, "acknowledged_by": who, "resolved_at": at}
        return self._change(values, *_about(code, subject))

    def _change(self, values: dict[str, Any], *which: ColumnElement[bool]) -> bool:
        """Change those of the open alerts, and note that they were; False if there are none."""
        statement = (
            update(alerts)
            .where(
                alerts.c.executor_id == self._executor_id, alerts.c.resolved_at.is_(None), *which
            )
            .returning(alerts.c.alert_id)
        )

        def change(connection: Connection) -> bool:
            changed = connection.execute(statement, values).scalars().all()
            note_changes(connection, self._executor_id, changed)
            return bool(changed)

        return self._writer.run(change)


def _about(code: str, subject: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return alerts.c.code == code, alerts.c.subject == subject
