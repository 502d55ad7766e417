"""Executors, their accounts, and whose money is whose."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from maemae.core.events import KillLevel
from maemae.domain.terms import Mode, TradingState
from maemae.storage.tables.metadata import (
    METADATA,
    day,
    instant,
    not_blank,
    number,
    one_of,
    serial,
    text,
)

executors: Final = Table(
    "executors",
    METADATA,
    serial("executor_id"),
    Column("owner", ForeignKey("users.user_id"), nullable=False),
    text("mode"),
    text("trading_state"),
    text("ceiling"),  # how far the executor lets trading go
    text("kill"),
    day("session_date", optional=True),
    one_of("mode", Mode),
    one_of("trading_state", TradingState),
    one_of("ceiling", TradingState),
    one_of("kill", KillLevel),
    UniqueConstraint("owner", "mode"),
)

lease: Final = Table(
    "lease",
    METADATA,
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), primary_key=True),
    text("holder"),
    number("epoch"),
    number("beat"),
    # The newest record, so that a lost tail of the journal shows and a lost COMMIT is found.
    number("head_seq"),
    Column("head_hash", LargeBinary, nullable=False),
)

credentials: Final = Table(
    "credentials",
    METADATA,
    text("credential_id", key=True),
    Column("owner", ForeignKey("users.user_id"), nullable=False, index=True),
    text("broker"),
    text("mode"),
    number("version"),
    Column("sealed", LargeBinary, nullable=False),  # AES-GCM, bound to id, owner, mode, version
    instant("made_at"),
    instant("revoked_at", optional=True),
    one_of("mode", Mode),
)

accounts: Final = Table(
    "accounts",
    METADATA,
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), primary_key=True),
    text("account_id", key=True),
    Column("credential_id", ForeignKey("credentials.credential_id"), nullable=True),
    text("name", optional=True),
    not_blank("account_id"),
)

sleeves: Final = Table(
    "sleeves",
    METADATA,
    number("executor_id", key=True),
    text("account_id", key=True),
    text("sleeve_id", key=True),
    Column("is_halted", Boolean, nullable=False),
    number("cash"),
    number("reserved"),
    number("flows"),
    number("realized"),
    number("commission"),
    number("tax"),
    number("opening_equity"),
    number("opening_flows"),
    number("orders_today"),
    ForeignKeyConstraint(
        ["executor_id", "account_id"], ["accounts.executor_id", "accounts.account_id"]
    ),
    not_blank("sleeve_id"),
)
