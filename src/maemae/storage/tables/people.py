"""People who may enter, and what they may do."""

from __future__ import annotations

from enum import unique
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    event,
)

from maemae.domain.terms import Term
from maemae.storage.tables.metadata import (
    METADATA,
    instant,
    not_blank,
    number,
    one_of,
    serial,
    text,
)


@unique
class Permission(Term):
    """What a person may do; each is granted by itself."""

    VIEW = "VIEW"
    TRADE_PAPER = "TRADE_PAPER"
    TRADE_REAL = "TRADE_REAL"
    ADMINISTER = "ADMINISTER"
    WATCH = "WATCH"  # read the figures of the machine, and nothing else; only of tokens


users: Final = Table(
    "users",
    METADATA,
    text("user_id", key=True),
    text("password_hash", optional=True),  # argon2id; NULL cannot log in
    Column("totp_secret", LargeBinary, nullable=True),  # sealed, like a credential
    number("totp_step", optional=True),  # last one used: a code counts once
    Column("is_locked", Boolean, nullable=False),  # by an administrator, until one unlocks it
    instant("made_at", optional=True),
    Column("totp_pending", LargeBinary, nullable=True),  # sealed; a secret not confirmed yet
    number("failures", optional=True),  # wrong passwords and codes in a row
    instant("locked_until", optional=True),  # because of them
    text("subject", optional=True),  # who they are to the outside issuer of tokens
    instant("deleted_at", optional=True),  # the name stays taken: the audit log speaks of it
    not_blank("user_id"),
)

permissions: Final = Table(
    "permissions",
    METADATA,
    Column("user_id", ForeignKey("users.user_id"), primary_key=True),
    text("permission", key=True),
    instant("granted_at"),
    one_of("permission", Permission),
)

logins: Final = Table(
    "logins",
    METADATA,
    Column("secret_hash", LargeBinary, primary_key=True),  # of the cookie, never the cookie
    Column("user_id", ForeignKey("users.user_id"), nullable=False, index=True),
    text("device"),
    instant("began_at"),
    instant("seen_at"),
    instant("expires_at"),
    instant("ended_at", optional=True),
    text("address", optional=True),
    number("factors", optional=True),  # 1 after the password, 2 after the second factor
    instant("stepped_up_at", optional=True),  # last time the second factor was shown
    text("login_id", optional=True),  # stays when the secret is replaced; no secret itself
)

tokens: Final = Table(
    "tokens",
    METADATA,
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.user_id"), nullable=False, index=True),
    text("name"),
    text("scope"),
    instant("made_at"),
    instant("expires_at", optional=True),
    instant("revoked_at", optional=True),
    instant("last_used_at", optional=True),
)

recovery_codes: Final = Table(
    "recovery_codes",
    METADATA,
    Column("user_id", ForeignKey("users.user_id"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    instant("made_at"),
    instant("used_at", optional=True),
)

invitations: Final = Table(
    "invitations",
    METADATA,
    Column("secret_hash", LargeBinary, primary_key=True),  # of the one-time link
    text("user_id"),  # who will be made of it
    text("role"),
    text("made_by", optional=True),  # NULL: maemae itself, for the first administrator
    instant("made_at"),
    instant("expires_at"),
    instant("used_at", optional=True),
    not_blank("user_id"),
)

tickets: Final = Table(
    "tickets",
    METADATA,
    Column("secret_hash", LargeBinary, primary_key=True),  # of the ticket of one socket
    Column("login_hash", ForeignKey("logins.secret_hash"), nullable=False),
    instant("made_at"),
    instant("expires_at"),
    instant("used_at", optional=True),
)

account_grants: Final = Table(
    "account_grants",
    METADATA,
    Column("user_id", ForeignKey("users.user_id"), primary_key=True),
    text("account_id", key=True),
    text("granted_by"),
    instant("granted_at"),
    not_blank("account_id"),
)

armings: Final = Table(
    "armings",
    METADATA,
    serial("arming_id"),
    text("account_id"),
    text("armed_by"),
    instant("armed_at"),
    instant("expires_at"),
    instant("disarmed_at", optional=True),
    text("disarmed_by", optional=True),
    Index("ix_armings_account_id", "account_id", "expires_at"),
)

allowed_addresses: Final = Table(
    "allowed_addresses",
    METADATA,
    text("network", key=True),  # CIDR
    text("note"),
    text("made_by"),
    instant("made_at"),
)

failed_addresses: Final = Table(
    "failed_addresses",
    METADATA,
    text("address", key=True),
    number("failures"),  # logins that failed in a row
    instant("last_at"),
    instant("blocked_until", optional=True),
)

known_devices: Final = Table(
    "known_devices",
    METADATA,
    Column("mark_hash", LargeBinary, primary_key=True),  # of the cookie that stays in the browser
    Column("user_id", ForeignKey("users.user_id"), primary_key=True),
    instant("seen_at"),  # last time that somebody got in with it
    number("failures"),  # wrong passwords and codes in a row, of this device
    instant("paused_until", optional=True),  # because of them
)

answers: Final = Table(
    "answers",
    METADATA,
    Column("user_id", ForeignKey("users.user_id"), primary_key=True),
    text("key", key=True),  # Idempotency-Key of the request
    Column("request_hash", LargeBinary, nullable=False),
    instant("asked_at"),
    number("status", optional=True),  # NULL: under way, or its process died
    Column("body", LargeBinary, nullable=True),
    not_blank("key"),
    Index("ix_answers_asked_at", "asked_at"),
)

data_keys: Final = Table(
    "data_keys",
    METADATA,
    Column("owner", ForeignKey("users.user_id"), primary_key=True),
    number("version", key=True),
    number("master_version"),  # of the key outside of the database that wraps it
    Column("wrapped", LargeBinary, nullable=False),
    instant("made_at"),
)

anchors: Final = Table(
    "anchors",
    METADATA,
    number("seq", key=True),  # newest row of the audit log then
    text("place", key=True),  # off this machine
    Column("hash", LargeBinary, nullable=False),
    instant("at"),
)

audit: Final = Table(
    "audit",
    METADATA,
    number("seq", key=True),
    instant("at"),
    text("user_id", optional=True),  # NULL: maemae itself
    text("action"),
    text("subject"),
    text("detail"),
    Column("hash", LargeBinary, nullable=False),  # over the row and every row before it
    Index("ix_audit_at", "at"),
    Index("ix_audit_subject", "subject", "at"),
    Index("ix_audit_user_id", "user_id", "seq"),
)

APPEND_ONLY: Final = {
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
"""What keeps rows of the audit log as they are, by the kind of database."""


def _keep_append_only(_table: Table, connection: Connection, **_given: object) -> None:
    for statement in APPEND_ONLY.get(connection.dialect.name, ()):
        connection.exec_driver_sql(statement)


event.listen(audit, "after_create", _keep_append_only)
