"""The truth: what came in and what followed, and what goes to and fro with it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)

from maemae.storage.tables.metadata import (
    METADATA,
    Progress,
    day,
    instant,
    not_blank,
    number,
    one_of,
    serial,
    text,
)

IN_DOUBT: Final = "settled_seq IS NULL"
"""Condition of the requests whose outcome is not known; it stands in an index."""

OF_A_COMMAND: Final = "command_id IS NOT NULL"
"""Condition of the records that a command brought; it stands in an index."""

WAITING: Final = "status = 'PENDING'"
"""Condition of the commands that the executor has not taken; it stands in an index."""

journal: Final = Table(
    "journal",
    METADATA,
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), primary_key=True),
    number("seq", key=True),
    day("session_date"),
    text("command_id", optional=True),
    Column("event", LargeBinary, nullable=False),
    Column("actions", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ix_journal_session_date", "executor_id", "session_date", "seq"),
    Index(
        "ix_journal_command_id",
        "executor_id",
        "command_id",
        sqlite_where=sql(OF_A_COMMAND),
        postgresql_where=sql(OF_A_COMMAND),
    ),
)

snapshots: Final = Table(
    "snapshots",
    METADATA,
    number("executor_id", key=True),
    number("seq", key=True),
    text("state_version"),  # shape of the book; another shape is not read
    text("build"),
    Column("state", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    ForeignKeyConstraint(["executor_id", "seq"], ["journal.executor_id", "journal.seq"]),
)

outbox: Final = Table(
    "outbox",
    METADATA,
    number("executor_id", key=True),
    number("cl_ord_id", key=True),
    number("orig_cl_ord_id"),
    number("lane"),
    text("fingerprint"),
    number("epoch"),
    instant("expires_at"),
    instant("at"),
    number("settled_seq", optional=True),  # record that tells its outcome
    ForeignKeyConstraint(
        ["executor_id", "orig_cl_ord_id"], ["orders.executor_id", "orders.cl_ord_id"]
    ),
    CheckConstraint("lane BETWEEN 0 AND 3", name="lane"),
    Index(
        "ix_outbox_in_doubt",
        "executor_id",
        "cl_ord_id",
        sqlite_where=sql(IN_DOUBT),
        postgresql_where=sql(IN_DOUBT),
    ),
)

inbox: Final = Table(
    "inbox",
    METADATA,
    serial("place"),  # commands are taken in this order
    Column("executor_id", BigInteger, ForeignKey("executors.executor_id"), nullable=False),
    text("key"),
    text("who"),
    text("kind"),
    Column("body", LargeBinary, nullable=False),
    instant("posted_at"),
    text("status"),
    number("seq", optional=True),  # record of the input that it became
    text("answer", optional=True),
    not_blank("key"),
    one_of("status", Progress),
    UniqueConstraint("executor_id", "key"),
    Index(
        "ix_inbox_waiting",
        "executor_id",
        "place",
        sqlite_where=sql(WAITING),
        postgresql_where=sql(WAITING),
    ),
)
