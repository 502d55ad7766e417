"""Journal, snapshots, outbox, inbox."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    """Make the tables of this part."""
    _journal()
    _snapshots()
    _outbox()
    _inbox()


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("session_date", sa.Date(), nullable=False),
        sa.Column("command_id", sa.Text()),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("actions", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "seq", name="pk_journal"),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_journal_executor_id"
        ),
    )
    op.create_index("ix_journal_session_date", "journal", ["executor_id", "session_date", "seq"])


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("state_version", sa.Text(), nullable=False),
        sa.Column("build", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "seq", name="pk_snapshots"),
        sa.ForeignKeyConstraint(
            ["executor_id", "seq"],
            ["journal.executor_id", "journal.seq"],
            name="fk_snapshots_executor_id_seq",
        ),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("cl_ord_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("orig_cl_ord_id", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled_seq", sa.BigInteger()),
        sa.PrimaryKeyConstraint("executor_id", "cl_ord_id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["executor_id", "orig_cl_ord_id"],
            ["orders.executor_id", "orders.cl_ord_id"],
            name="fk_outbox_executor_id_orig_cl_ord_id",
        ),
        sa.CheckConstraint("lane BETWEEN 0 AND 3", name="ck_outbox_lane"),
    )
    op.create_index(
        "ix_outbox_in_doubt",
        "outbox",
        ["executor_id", "cl_ord_id"],
        sqlite_where=sa.text("settled_seq IS NULL"),
        postgresql_where=sa.text("settled_seq IS NULL"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column(
            "place",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("executor_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("place", name="pk_inbox"),
        sa.CheckConstraint("trim(key) <> ''", name="ck_inbox_key"),
        sa.CheckConstraint(
            "status IN ('PENDING', 'RUNNING', 'DONE', 'REFUSED', 'FAILED')", name="ck_inbox_status"
        ),
        sa.UniqueConstraint("executor_id", "key", name="uq_inbox_executor_id_key"),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_inbox_executor_id"
        ),
    )
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["executor_id", "place"],
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )
