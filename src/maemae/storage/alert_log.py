"""
Every change of every alert, numbered: what a listener has seen is one number.

An alert's row shows how it stands; here is how it came to that. Written in the transaction that
changes the row, by the executor's one writer, so that the numbers become visible in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, literal, select

from maemae.storage.queries import ShownAlert
from maemae.storage.tables.operations import alert_changes, alerts

KEPT: Final = 10_000
"""Changes that are kept of an executor; who saw only older ones starts anew."""

_COPIED: Final = [column.name for column in alerts.columns if column.name != "executor_id"]


class AlertChanged(msgspec.Struct, frozen=True):
    """
    An alert was opened, told again, acknowledged or closed.

    Attributes:
        version: Number of the change, from 1 without a gap.
        alert: As it stands after that.
    """

    version: int
    alert: ShownAlert


def note_changes(connection: Connection, executor_id: int, alert_ids: Iterable[int]) -> None:
    """Note that alerts were changed in this transaction."""
    mine = alert_changes.c.executor_id == executor_id
    newest = select(func.coalesce(func.max(alert_changes.c.version), 0)).where(mine)
    for alert_id in alert_ids:
        version = connection.execute(newest).scalar_one() + 1
        copy = select(
            literal(executor_id), literal(version), *(alerts.c[name] for name in _COPIED)
        ).where(alerts.c.alert_id == alert_id)
        connection.execute(
            insert(alert_changes).from_select(["executor_id", "version", *_COPIED], copy)
        )
        connection.execute(
            delete(alert_changes).where(mine, alert_changes.c.version <= version - KEPT)
        )


def read_version(connection: Connection, executor_id: int) -> int:
    """Return the number of the newest change, 0 before the first."""
    mine = alert_changes.c.executor_id == executor_id
    newest = select(func.max(alert_changes.c.version)).where(mine)
    return connection.execute(newest).scalar_one() or 0


def read_changes(
    connection: Connection, executor_id: int, after: int, most: int = 1_000
) -> list[AlertChanged] | None:
    """Return the next changes after a number, oldest first; None if those are not kept any more."""
    columns = (alert_changes.c[name] for name in ("version", *ShownAlert.__struct_fields__))
    rows = connection.execute(
        select(*columns)
        .where(alert_changes.c.executor_id == executor_id, alert_changes.c.version > after)
        .order_by(alert_changes.c.version)
        .limit(most)
    ).all()
    first = rows[0].version if rows else read_version(connection, executor_id) + 1
    if first != after + 1:
        return None
    return [
        AlertChanged(row.version, msgspec.convert(row, ShownAlert, from_attributes=True))
        for row in rows
    ]
