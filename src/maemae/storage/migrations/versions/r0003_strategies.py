"""Strategies, where they run, and what research says of them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    """Make the tables of this part."""
    _strategies()
    _strategy_runs()
    _backtests()


def _strategies() -> None:
    op.create_table(
        "strategies",
        sa.Column("strategy_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("strategy_id", name="pk_strategies"),
        sa.CheckConstraint("trim(name) <> ''", name="ck_strategies_name"),
        sa.ForeignKeyConstraint(["owner"], ["users.user_id"], name="fk_strategies_owner"),
    )
    op.create_index("ix_strategies_owner", "strategies", ["owner"])


def _strategy_runs() -> None:
    op.create_table(
        "strategy_runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("strategy_id", sa.Text(), nullable=False),
        sa.Column("executor_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("end_reason", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", name="pk_strategy_runs"),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id", "sleeve_id"],
            ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
            name="fk_strategy_runs_executor_id_account_id_sleeve_id",
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.strategy_id"], name="fk_strategy_runs_strategy_id"
        ),
    )
    op.create_index(
        "ix_strategy_runs_sleeve",
        "strategy_runs",
        ["executor_id", "account_id", "sleeve_id", "began_at"],
    )
    op.create_index("ix_strategy_runs_strategy_id", "strategy_runs", ["strategy_id", "began_at"])


def _backtests() -> None:
    op.create_table(
        "backtests",
        sa.Column("backtest_id", sa.Text(), nullable=False),
        sa.Column("strategy_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("first_session", sa.Date(), nullable=False),
        sa.Column("last_session", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("order_hash", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.PrimaryKeyConstraint("backtest_id", name="pk_backtests"),
        sa.CheckConstraint(
            "status IN ('PENDING', 'RUNNING', 'DONE', 'FAILED', 'CANCELED')",
            name="ck_backtests_status",
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.strategy_id"], name="fk_backtests_strategy_id"
        ),
    )
    op.create_index("ix_backtests_status", "backtests", ["status"])
    op.create_index("ix_backtests_strategy_id", "backtests", ["strategy_id", "asked_at"])
