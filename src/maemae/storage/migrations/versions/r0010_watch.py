"""A permission more: to watch figures and nothing else."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0010"
down_revision: Final = "0009"

_CHECK: Final = "ck_permissions_permission"
_KNOWN: Final = "permission IN ('VIEW', 'TRADE_PAPER', 'TRADE_REAL', 'ADMINISTER', 'WATCH')"


def upgrade() -> None:
    """Let the table take it; SQLite changes a check only by writing the table anew."""
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(_CHECK, "permissions", type_="check")
        op.create_check_constraint(_CHECK, "permissions", sa.text(_KNOWN))
        return
    op.rename_table("permissions", "permissions_before")
    op.create_table(
        "permissions",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "permission", name="pk_permissions"),
        sa.CheckConstraint(_KNOWN, name=_CHECK),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_permissions_user_id"),
    )
    op.execute(
        "INSERT INTO permissions SELECT user_id, permission, granted_at FROM permissions_before"
    )
    op.drop_table("permissions_before")
