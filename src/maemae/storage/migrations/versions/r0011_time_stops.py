"""A cause more of an order: a time stop."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0011"
down_revision: Final = "0010"

_CHECK: Final = "ck_orders_cause"
_BEFORE: Final = "cause IN ('SIGNAL', 'PERSON', 'STOP', 'TAKE', 'KILL')"
_KNOWN: Final = "cause IN ('SIGNAL', 'PERSON', 'STOP', 'TAKE', 'TIME', 'KILL')"
_REWRITE: Final = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'orders'"


def upgrade() -> None:
    """
    Let the table take it.

    SQLite changes a check only by writing the table anew, or in the text of the schema. The table
    may be large and others refer to it, and a wider check holds for every row that is there.

    Source:
        https://www.sqlite.org/lang_altertable.html#otheralter, read 2026-11-30.
    """
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(_CHECK, "orders", type_="check")
        op.create_check_constraint(_CHECK, "orders", sa.text(_KNOWN))
        return
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(_REWRITE, (_BEFORE, _KNOWN))
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
