"""What people must look at, and what has to happen at its time."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table
from sqlalchemy import text as sql

from maemae.storage.tables.metadata import (
    METADATA,
    Progress,
    instant,
    not_blank,
    number,
    one_of,
    serial,
    text,
)

UNRESOLVED: Final = "resolved_at IS NULL"
"""Condition of the alerts that are open; it stands in an index."""

alerts: Final = Table(
    "alerts",
    METADATA,
    serial("alert_id"),
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), nullable=False),
    text("code"),
    text("subject"),
    Column("is_critical", Boolean, nullable=False),
    text("ko"),
    text("en"),
    number("times"),
    instant("opened_at"),
    instant("last_at"),
    instant("acknowledged_at", optional=True),
    text("acknowledged_by", optional=True),
    instant("resolved_at", optional=True),
    not_blank("code"),
    Index(
        "uq_alerts_open",
        "executor_id",
        "code",
        "subject",
        unique=True,
        sqlite_where=sql(UNRESOLVED),
        postgresql_where=sql(UNRESOLVED),
    ),
    Index("ix_alerts_opened_at", "executor_id", "opened_at"),
)

alert_changes: Final = Table(
    "alert_changes",
    METADATA,
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), primary_key=True),
    number("version", key=True),
    # The alert as this change left it.
    number("alert_id"),
    text("code"),
    text("subject"),
    Column("is_critical", Boolean, nullable=False),
    text("ko"),
    text("en"),
    number("times"),
    instant("opened_at"),
    instant("last_at"),
    instant("acknowledged_at", optional=True),
    text("acknowledged_by", optional=True),
    instant("resolved_at", optional=True),
)

jobs: Final = Table(
    "jobs",
    METADATA,
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), primary_key=True),
    text("name", key=True),
    instant("due_at", key=True),
    instant("late_at"),  # from which on it counts as missed
    text("status"),
    instant("started_at", optional=True),
    instant("finished_at", optional=True),
    text("note", optional=True),
    not_blank("name"),
    one_of("status", Progress),
    Index("ix_jobs_status", "executor_id", "status", "late_at"),
)
