"""People who may enter, and what they may do."""

from __future__ import annotations

from enum import unique
from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, Table

from maemae.domain.terms import Term
from maemae.storage.tables.metadata import (
    METADATA,
    instant,
    not_blank,
    number,
    one_of,
    text,
)


@unique
class Permission(Term):
    """What a person may do; each is granted by itself."""

    VIEW = "VIEW"
    TRADE_PAPER = "TRADE_PAPER"
    TRADE_REAL = "TRADE_REAL"
    ADMINISTER = "ADMINISTER"


users: Final = Table(
    "users",
    METADATA,
    text("user_id", key=True),
    text("password_hash", optional=True),  # argon2id; NULL cannot log in
    Column("totp_secret", LargeBinary, nullable=True),  # sealed, like a credential
    number("totp_step", optional=True),  # last one used: a code counts once
    Column("is_locked", Boolean, nullable=False),
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
)
