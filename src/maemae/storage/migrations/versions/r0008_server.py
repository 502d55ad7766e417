"""What the server keeps: second factors, links, tickets, grants, keys, answers given."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"

_NEW_COLUMNS: Final = (
    ("users", "made_at", sa.BigInteger()),
    ("users", "totp_pending", sa.LargeBinary()),
    ("users", "failures", sa.BigInteger()),
    ("users", "locked_until", sa.BigInteger()),
    ("users", "subject", sa.Text()),
    ("users", "deleted_at", sa.BigInteger()),
    ("logins", "address", sa.Text()),
    ("logins", "factors", sa.BigInteger()),
    ("logins", "stepped_up_at", sa.BigInteger()),
    ("logins", "login_id", sa.Text()),
    ("tokens", "last_used_at", sa.BigInteger()),
    ("strategy_runs", "cash", sa.BigInteger()),
    ("strategy_runs", "paused_at", sa.BigInteger()),
    ("strategy_runs", "pause_reason", sa.Text()),
    ("backtests", "asked_by", sa.Text()),
    ("backtests", "request", sa.Text()),
    ("backtests", "progress", sa.BigInteger()),
    ("backtests", "error", sa.Text()),
    ("backtests", "beat_at", sa.BigInteger()),
)

_APPEND_ONLY: Final = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit\n"
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit\n"
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS\n"
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only appended to'; END $$",
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit\n"
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()",
    ),
}


def upgrade() -> None:
    """Add the columns and make the tables of this part."""
    for table, name, kind in _NEW_COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    _commands()
    _alert_changes()
    _ways_in()
    _grants()
    _addresses()
    _answers()
    _keys()
    op.create_index("ix_audit_user_id", "audit", ["user_id", "seq"])
    for statement in _APPEND_ONLY.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def _commands() -> None:
    of_a_command = sa.text("command_id IS NOT NULL")
    op.create_index(
        "ix_journal_command_id",
        "journal",
        ["executor_id", "command_id"],
        sqlite_where=of_a_command,
        postgresql_where=of_a_command,
    )


def _alert_changes() -> None:
    op.create_table(
        "alert_changes",
        sa.Column("executor_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
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
        sa.PrimaryKeyConstraint("executor_id", "version", name="pk_alert_changes"),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["executors.executor_id"], name="fk_alert_changes_executor_id"
        ),
    )


def _ways_in() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_recovery_codes_user_id"),
    )
    op.create_table(
        "invitations",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text()),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_invitations"),
        sa.CheckConstraint("trim(user_id) <> ''", name="ck_invitations_user_id"),
    )
    op.create_table(
        "tickets",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("login_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_tickets"),
        sa.ForeignKeyConstraint(
            ["login_hash"], ["logins.secret_hash"], name="fk_tickets_login_hash"
        ),
    )


def _grants() -> None:
    op.create_table(
        "account_grants",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "account_id", name="pk_account_grants"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_account_grants_user_id"),
        sa.CheckConstraint("trim(account_id) <> ''", name="ck_account_grants_account_id"),
    )
    op.create_table(
        "armings",
        sa.Column(
            "arming_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("armed_by", sa.Text(), nullable=False),
        sa.Column("armed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("disarmed_at", sa.BigInteger()),
        sa.Column("disarmed_by", sa.Text()),
        sa.PrimaryKeyConstraint("arming_id", name="pk_armings"),
    )
    op.create_index("ix_armings_account_id", "armings", ["account_id", "expires_at"])


def _addresses() -> None:
    op.create_table(
        "allowed_addresses",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", name="pk_allowed_addresses"),
    )
    op.create_table(
        "failed_addresses",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("address", name="pk_failed_addresses"),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_answers"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_answers_user_id"),
        sa.CheckConstraint("trim(key) <> ''", name="ck_answers_key"),
    )
    op.create_index("ix_answers_asked_at", "answers", ["asked_at"])


def _keys() -> None:
    op.create_table(
        "data_keys",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("master_version", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "version", name="pk_data_keys"),
        sa.ForeignKeyConstraint(["owner"], ["users.user_id"], name="fk_data_keys_owner"),
    )
    op.create_table(
        "anchors",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "place", name="pk_anchors"),
    )
