"""Orders and what was executed of them, as the newest record left them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)

from maemae.domain.order_status import CLOSED, OrderStatus
from maemae.domain.terms import Cause, ExecutionVenue, OrdType, Purpose, Side, TimeInForce
from maemae.storage.tables.metadata import (
    METADATA,
    broker_number,
    day,
    instant,
    number,
    one_of,
    text,
)

_CLOSED: Final = ", ".join(f"'{status.value}'" for status in sorted(CLOSED))
STILL_OPEN: Final = f"status NOT IN ({_CLOSED})"
"""Condition of the orders that can still fill; it stands in an index, so queries repeat it."""

orders: Final = Table(
    "orders",
    METADATA,
    number("executor_id", key=True),
    number("cl_ord_id", key=True),
    text("account_id"),
    text("sleeve_id"),
    text("symbol"),
    text("side"),
    text("ord_type"),
    text("time_in_force"),
    text("venue"),
    text("purpose"),
    text("cause"),
    text("intent_id"),
    day("session_date"),  # in which it was sent
    instant("at"),
    number("price", optional=True),
    number("order_qty"),
    text("status"),
    text("order_id", optional=True),  # the broker's newest number of it
    number("cum_qty"),
    number("leaves_qty"),
    number("notional"),
    number("seq"),  # record that last changed it
    ForeignKeyConstraint(
        ["executor_id", "account_id", "sleeve_id"],
        ["sleeves.executor_id", "sleeves.account_id", "sleeves.sleeve_id"],
    ),
    one_of("side", Side),
    one_of("ord_type", OrdType),
    one_of("time_in_force", TimeInForce),
    one_of("venue", ExecutionVenue),
    one_of("purpose", Purpose),
    one_of("cause", Cause),
    one_of("status", OrderStatus),
    broker_number("order_id"),
    CheckConstraint("price > 0", name="price"),
    CheckConstraint("order_qty > 0", name="order_qty"),
    CheckConstraint("cum_qty >= 0 AND leaves_qty >= 0 AND notional >= 0", name="quantities"),
    Index("ix_orders_day", "executor_id", "account_id", "session_date", "status"),
    Index("ix_orders_order_id", "executor_id", "account_id", "session_date", "order_id"),
    Index("ix_orders_symbol", "executor_id", "symbol", "session_date"),
    Index(
        "ix_orders_open",
        "executor_id",
        "account_id",
        sqlite_where=sql(STILL_OPEN),
        postgresql_where=sql(STILL_OPEN),
    ),
)

executions: Final = Table(
    "executions",
    METADATA,
    number("executor_id", key=True),
    number("cl_ord_id", key=True),
    text("exec_id", key=True),
    text("account_id"),
    text("sleeve_id"),
    text("symbol"),
    text("side"),
    text("venue"),
    day("session_date"),  # in which it traded
    instant("at"),
    text("order_id", optional=True),
    number("qty"),  # 0 once it was taken back
    number("px"),
    number("commission"),
    number("tax"),
    number("realized"),
    number("seq"),  # record that last changed it
    ForeignKeyConstraint(["executor_id", "cl_ord_id"], ["orders.executor_id", "orders.cl_ord_id"]),
    # Brokers count from the beginning every day, and each venue for itself.
    UniqueConstraint(
        "executor_id",
        "account_id",
        "venue",
        "session_date",
        "order_id",
        "exec_id",
        name="uq_executions_at_broker",
    ),
    one_of("side", Side),
    one_of("venue", ExecutionVenue),
    broker_number("order_id"),
    CheckConstraint("qty >= 0 AND px >= 0", name="quantities"),
    Index("ix_executions_day", "executor_id", "account_id", "session_date", "at"),
)
