"""Strategies, where they run, and what research says of them."""

from __future__ import annotations

from enum import unique
from typing import Final

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Table

from maemae.domain.terms import Term
from maemae.storage.tables.metadata import (
    METADATA,
    day,
    instant,
    not_blank,
    number,
    one_of,
    text,
)


@unique
class BacktestStatus(Term):
    """How far a backtest has come."""

    PENDING = "PENDING"  # waits for its turn
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


strategies: Final = Table(
    "strategies",
    METADATA,
    text("strategy_id", key=True),
    Column("owner", ForeignKey("users.user_id"), nullable=False, index=True),
    text("name"),
    text("source"),  # where its class is: module and name
    text("code_hash"),  # changed code voids the evidence
    text("parameters"),  # JSON
    instant("made_at"),
    not_blank("name"),
)

strategy_runs: Final = Table(
    "strategy_runs",
    METADATA,
    text("run_id", key=True),
    Column("strategy_id", ForeignKey("strategies.strategy_id"), nullable=False),
    number("executor_id"),
    text("account_id"),
    text("sleeve_id"),
    text("code_hash"),
    text("parameters"),  # JSON
    instant("began_at"),
    instant("ended_at", optional=True),
    text("end_reason", optional=True),
    number("cash", optional=True),  # allotted for it when it began
    instant("paused_at", optional=True),
    text("pause_reason", optional=True),
    ForeignKeyConstraint(
        ["executor_id", "account_id", "sleeve_id"],
        ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
    ),
    Index("ix_strategy_runs_strategy_id", "strategy_id", "began_at"),
    Index("ix_strategy_runs_sleeve", "executor_id", "account_id", "sleeve_id", "began_at"),
)

backtests: Final = Table(
    "backtests",
    METADATA,
    text("backtest_id", key=True),
    Column("strategy_id", ForeignKey("strategies.strategy_id"), nullable=False),
    text("code_hash"),
    text("parameters"),  # JSON
    day("first_session"),
    day("last_session"),
    text("status"),
    instant("asked_at"),
    instant("began_at", optional=True),
    instant("ended_at", optional=True),
    text("order_hash", optional=True),
    text("summary", optional=True),  # JSON
    text("asked_by", optional=True),
    text("request", optional=True),  # JSON
    number("progress", optional=True),  # ppm
    text("error", optional=True),  # sentence in Korean and in English, JSON
    instant("beat_at", optional=True),  # when whoever runs it last said so
    one_of("status", BacktestStatus),
    Index("ix_backtests_strategy_id", "strategy_id", "asked_at"),
    Index("ix_backtests_status", "status"),
)
