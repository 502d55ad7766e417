"""What accounts hold, own and may do, as the newest record left them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Table

from maemae.storage.tables.metadata import METADATA, day, instant, number, text


def _of_sleeve() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["executor_id", "account_id", "sleeve_id"],
        ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
    )


positions: Final = Table(
    "positions",
    METADATA,
    number("executor_id", key=True),
    text("account_id", key=True),
    text("sleeve_id", key=True),
    text("symbol", key=True),
    number("qty"),
    number("cost"),
    instant("opened_at"),
    number("stop_px", optional=True),
    number("take_px", optional=True),
    _of_sleeve(),
    CheckConstraint("qty <> 0", name="qty"),  # nothing held is no row
    CheckConstraint("cost >= 0", name="cost"),
    Index("ix_positions_symbol", "executor_id", "symbol"),
)

balances: Final = Table(
    "balances",
    METADATA,
    number("executor_id", key=True),
    text("account_id", key=True),
    day("session_date", key=True),
    number("cash"),  # by trade date, unsettled trades included
    number("receivable"),
    ForeignKeyConstraint(
        ["executor_id", "account_id"], ["accounts.executor_id", "accounts.account_id"]
    ),
)

daily_performance: Final = Table(
    "daily_performance",
    METADATA,
    number("executor_id", key=True),
    text("account_id", key=True),
    text("sleeve_id", key=True),
    day("session_date", key=True),
    number("opening_equity"),
    number("opening_flows"),
    # Counted since the sleeve was opened; the row of a past session keeps its last value.
    number("flows"),
    number("realized"),
    number("commission"),
    number("tax"),
    _of_sleeve(),
    Index("ix_daily_performance_day", "executor_id", "session_date"),
)

limits: Final = Table(
    "limits",
    METADATA,
    number("executor_id", key=True),
    text("account_id", key=True),
    text("sleeve_id", key=True),
    number("seq", key=True),  # record that set them; the newest holds
    Column("session_date", Date, nullable=True),  # NULL: before the first one
    text("content"),  # JSON of `maemae.core.limits.Limits`
    _of_sleeve(),
)
