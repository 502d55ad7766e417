"""Devices that somebody got in with: their failures are counted apart from those of strangers."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "known_devices",
        sa.Column("mark_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("mark_hash", "user_id", name="pk_known_devices"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_known_devices_user_id"),
    )
