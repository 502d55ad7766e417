"""Alerts and jobs."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    """Make the tables of this part."""
    _alerts()
    _jobs()


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column(
            "alert_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("executor_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("is_critical", sa.Boolean(), nullable=False),
        sa.Column("ko", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger()),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alerts"),
        sa.CheckConstraint("trim(code) <> ''", name="ck_alerts_code"),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_alerts_executor_id"
        ),
    )
    op.create_index("ix_alerts_opened_at", "alerts", ["executor_id", "opened_at"])
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["executor_id", "code", "subject"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("late_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("executor_id", "name", "due_at", name="pk_jobs"),
        sa.CheckConstraint("trim(name) <> ''", name="ck_jobs_name"),
        sa.CheckConstraint(
            "status IN ('PENDING', 'RUNNING', 'DONE', 'REFUSED', 'FAILED')", name="ck_jobs_status"
        ),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_jobs_executor_id"
        ),
    )
    op.create_index("ix_jobs_status", "jobs", ["executor_id", "status", "late_at"])
