"""Positions, balances, limits."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Make the tables of this part."""
    _positions()
    _balances()
    _daily_performance()
    _limits()


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("stop_px", sa.BigInteger()),
        sa.Column("take_px", sa.BigInteger()),
        sa.PrimaryKeyConstraint(
            "executor_id", "account_id", "sleeve_id", "symbol", name="pk_positions"
        ),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id", "sleeve_id"],
            ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
            name="fk_positions_executor_id_account_id_sleeve_id",
        ),
        sa.CheckConstraint("qty <> 0", name="ck_positions_qty"),
        sa.CheckConstraint("cost >= 0", name="ck_positions_cost"),
    )
    op.create_index("ix_positions_symbol", "positions", ["executor_id", "symbol"])


def _balances() -> None:
    op.create_table(
        "balances",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Date(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("receivable", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "account_id", "session_date", name="pk_balances"),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id"],
            ["accounts.executor_id", "accounts.account_id"],
            name="fk_balances_executor_id_account_id",
        ),
    )


def _daily_performance() -> None:
    op.create_table(
        "daily_performance",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Date(), nullable=False),
        sa.Column("opening_equity", sa.BigInteger(), nullable=False),
        sa.Column("opening_flows", sa.BigInteger(), nullable=False),
        sa.Column("flows", sa.BigInteger(), nullable=False),
        sa.Column("realized", sa.BigInteger(), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "executor_id", "account_id", "sleeve_id", "session_date", name="pk_daily_performance"
        ),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id", "sleeve_id"],
            ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
            name="fk_daily_performance_executor_id_account_id_sleeve_id",
        ),
    )
    op.create_index(
        "ix_daily_performance_day", "daily_performance", ["executor_id", "session_date"]
    )


def _limits() -> None:
    op.create_table(
        "limits",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("session_date", sa.Date()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "account_id", "sleeve_id", "seq", name="pk_limits"),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id", "sleeve_id"],
            ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
            name="fk_limits_executor_id_account_id_sleeve_id",
        ),
    )
