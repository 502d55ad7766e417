"""Executors, their accounts and sleeves."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    """Make the tables of this part."""
    _executors()
    _lease()
    _credentials()
    _accounts()
    _sleeves()


def _executors() -> None:
    op.create_table(
        "executors",
        sa.Column(
            "executor_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("trading_state", sa.Text(), nullable=False),
        sa.Column("ceiling", sa.Text(), nullable=False),
        sa.Column("kill", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Date()),
        sa.PrimaryKeyConstraint("executor_id", name="pk_executors"),
        sa.CheckConstraint("mode IN ('SIM', 'PAPER', 'REAL')", name="ck_executors_mode"),
        sa.CheckConstraint(
            "trading_state IN ('HALTED', 'REDUCING', 'ACTIVE')", name="ck_executors_trading_state"
        ),
        sa.CheckConstraint(
            "ceiling IN ('HALTED', 'REDUCING', 'ACTIVE')", name="ck_executors_ceiling"
        ),
        sa.CheckConstraint(
            "kill IN ('OFF', 'STOP_NEW', 'CANCEL_ALL', 'LIQUIDATE')", name="ck_executors_kill"
        ),
        sa.UniqueConstraint("owner", "mode", name="uq_executors_owner_mode"),
        sa.ForeignKeyConstraint(["owner"], ["users.user_id"], name="fk_executors_owner"),
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name="pk_lease"),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_lease_executor_id"
        ),
    )


def _credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("broker", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("credential_id", name="pk_credentials"),
        sa.CheckConstraint("mode IN ('SIM', 'PAPER', 'REAL')", name="ck_credentials_mode"),
        sa.ForeignKeyConstraint(["owner"], ["users.user_id"], name="fk_credentials_owner"),
    )
    op.create_index("ix_credentials_owner", "credentials", ["owner"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.PrimaryKeyConstraint("executor_id", "account_id", name="pk_accounts"),
        sa.CheckConstraint("trim(account_id) <> ''", name="ck_accounts_account_id"),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_accounts_executor_id"
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.credential_id"], name="fk_accounts_credential_id"
        ),
    )


def _sleeves() -> None:
    op.create_table(
        "sleeves",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sleeve_id", sa.Text(), nullable=False),
        sa.Column("is_halted", sa.Boolean(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("flows", sa.BigInteger(), nullable=False),
        sa.Column("realized", sa.BigInteger(), nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("opening_equity", sa.BigInteger(), nullable=False),
        sa.Column("opening_flows", sa.BigInteger(), nullable=False),
        sa.Column("orders_today", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", "account_id", "sleeve_id", name="pk_sleeves"),
        sa.ForeignKeyConstraint(
            ["executor_id", "account_id"],
            ["accounts.executor_id", "accounts.account_id"],
            name="fk_sleeves_executor_id_account_id",
        ),
        sa.CheckConstraint("trim(sleeve_id) <> ''", name="ck_sleeves_sleeve_id"),
    )
