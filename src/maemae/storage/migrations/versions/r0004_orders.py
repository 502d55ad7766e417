"""Orders and executions."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    """Make the tables of this part."""
    _orders()
    _executions()


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("cl_ord_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("ord_type", sa.Text(), nullable=False),
        sa.Column("time_in_force", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger()),
        sa.Column("order_qty", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text()),
        sa.Column("cum_qty", sa.BigInteger(), nullable=False),
        sa.Column("leaves_qty", sa.BigInteger(), nullable=False),
        sa.Column("notional", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "cl_ord_id", name="pk_orders"),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id", "sleeve_id"],
            ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
            name="fk_orders_executor_id_account_id_sleeve_id",
        ),
        sa.CheckConstraint("side IN ('BUY', 'SELL')", name="ck_orders_side"),
        sa.CheckConstraint("ord_type IN ('MARKET', 'LIMIT')", name="ck_orders_ord_type"),
        sa.CheckConstraint(
            "time_in_force IN ('DAY', 'IOC', 'FOK')", name="ck_orders_time_in_force"
        ),
        sa.CheckConstraint("venue IN ('KRX', 'NXT')", name="ck_orders_venue"),
        sa.CheckConstraint("purpose IN ('NEW', 'REDUCE', 'LIQUIDATE')", name="ck_orders_purpose"),
        sa.CheckConstraint(
            "cause IN ('SIGNAL', 'PERSON', 'STOP', 'TAKE', 'KILL')", name="ck_orders_cause"
        ),
        sa.CheckConstraint(
            "status IN ('PENDING_NEW', 'UNKNOWN', 'NEW', 'PARTIALLY_FILLED', "
            "'PENDING_REPLACE', 'PENDING_CANCEL', 'REJECTED', 'EXPIRED', 'CANCELED', 'FILLED')",
            name="ck_orders_status",
        ),
        sa.CheckConstraint(
            "ltrim(order_id, '0 ') <> '' AND order_id NOT LIKE '-%'", name="ck_orders_order_id"
        ),
        sa.CheckConstraint("price > 0", name="ck_orders_price"),
        sa.CheckConstraint("order_qty > 0", name="ck_orders_order_qty"),
        sa.CheckConstraint(
            "cum_qty >= 0 AND leaves_qty >= 0 AND notional >= 0", name="ck_orders_quantities"
        ),
    )
    _orders_indexes()


def _orders_indexes() -> None:
    op.create_index(
        "ix_orders_day", "orders", ["executor_id", "account_id", "session_date", "status"]
    )
    op.create_index(
        "ix_orders_open",
        "orders",
        ["executor_id", "account_id"],
        sqlite_where=sa.text("status NOT IN ('CANCELED', 'EXPIRED', 'FILLED', 'REJECTED')"),
        postgresql_where=sa.text("status NOT IN ('CANCELED', 'EXPIRED', 'FILLED', 'REJECTED')"),
    )
    op.create_index(
        "ix_orders_order_id", "orders", ["executor_id", "account_id", "session_date", "order_id"]
    )
    op.create_index("ix_orders_symbol", "orders", ["executor_id", "symbol", "session_date"])


def _executions() -> None:
    op.create_table(
        "executions",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("cl_ord_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("exec_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Date(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Text()),
        sa.Column("qty", sa.BigInteger(), nullable=False),
        sa.Column("px", sa.BigInteger(), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("realized", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "cl_ord_id", "exec_id", name="pk_executions"),
        sa.ForeignKeyConstraint(
            ["executor_id", "cl_ord_id"],
            ["orders.executor_id", "orders.cl_ord_id"],
            name="fk_executions_executor_id_cl_ord_id",
        ),
        sa.UniqueConstraint(
            "executor_id",
            "account_id",
            "venue",
            "session_date",
            "order_id",
            "exec_id",
            name="uq_executions_at_broker",
        ),
        sa.CheckConstraint("side IN ('BUY', 'SELL')", name="ck_executions_side"),
        sa.CheckConstraint("venue IN ('KRX', 'NXT')", name="ck_executions_venue"),
        sa.CheckConstraint(
            "ltrim(order_id, '0 ') <> '' AND order_id NOT LIKE '-%'", name="ck_executions_order_id"
        ),
        sa.CheckConstraint("qty >= 0 AND px >= 0", name="ck_executions_quantities"),
    )
    op.create_index(
        "ix_executions_day", "executions", ["executor_id", "account_id", "session_date", "at"]
    )
