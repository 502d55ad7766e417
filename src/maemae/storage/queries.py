"""
What people ask of the tables: typed answers, over connections that cannot write.

The tables show the state after the newest durable turn; no order is decided by them.
"""

from __future__ import annotations

from datetime import date
from typing import Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Table, TextClause, select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from maemae.core.events import KillLevel
from maemae.domain.ids import AccountId, ClOrdId, ExecId, IntentId, OrderId, SleeveId, Symbol
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import (
    Cause,
    ExecutionVenue,
    OrdType,
    Purpose,
    Side,
    TimeInForce,
    TradingState,
)
from maemae.storage.outcome import unreadable
from maemae.storage.tables.accounts import executors, lease, sleeves
from maemae.storage.tables.books import balances, daily_performance, positions
from maemae.storage.tables.metadata import Progress
from maemae.storage.tables.operations import UNRESOLVED, alerts, jobs
from maemae.storage.tables.orders import STILL_OPEN, executions, orders

_BY_SLEEVE: Final = "account_id, sleeve_id"

T = TypeVar("T", bound=msgspec.Struct)


class ShownOrder(msgspec.Struct, frozen=True):
    """
    An order.

    Attributes:
        session_date: In which it was sent.
        at: When it was sent [ns, UTC].
        price: Limit [won], None for a market order.
        order_qty, cum_qty, leaves_qty: Asked for, filled, still able to fill [shares].
        notional: Sum of its fills [won].
        order_id: The broker's newest number of it, None before the acknowledgment.
        seq: Record that last changed it.
    """

    cl_ord_id: ClOrdId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    venue: ExecutionVenue
    purpose: Purpose
    cause: Cause
    intent_id: IntentId
    session_date: date
    at: int
    price: int | None
    order_qty: int
    status: OrderStatus
    order_id: OrderId | None
    cum_qty: int
    leaves_qty: int
    notional: int
    seq: int


class ShownExecution(msgspec.Struct, frozen=True):
    """
    A fill.

    Attributes:
        at: When it traded [ns, UTC].
        qty: Shares; 0 once it was taken back.
        px: Price [won].
        commission, tax, realized: Charges, and profit after them [won].
    """

    cl_ord_id: ClOrdId
    exec_id: ExecId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    venue: ExecutionVenue
    session_date: date
    at: int
    order_id: OrderId | None
    qty: int
    px: int
    commission: int
    tax: int
    realized: int


class ShownPosition(msgspec.Struct, frozen=True):
    """
    What a sleeve holds of an instrument.

    Attributes:
        qty: Shares; negative only after the broker sold more than there was.
        cost: Paid for them, charges left out [won].
        stop_px, take_px: Prices at which it is left [won], None where there is none.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    cost: int
    opened_at: int
    stop_px: int | None
    take_px: int | None


class ShownSleeve(msgspec.Struct, frozen=True):
    """A sleeve's money [won]; the fields are those of `maemae.core.state.Sleeve`."""

    account_id: AccountId
    sleeve_id: SleeveId
    is_halted: bool
    cash: int
    reserved: int
    flows: int
    realized: int
    commission: int
    tax: int
    opening_equity: int
    opening_flows: int
    orders_today: int


class ShownBalance(msgspec.Struct, frozen=True):
    """
    An account's money at the end of a session, or now.

    Attributes:
        cash: By trade date, unsettled trades included [won].
        receivable: Dividends earned and not paid yet [won].
    """

    account_id: AccountId
    session_date: date
    cash: int
    receivable: int


class ShownAlert(msgspec.Struct, frozen=True):
    """
    An alert.

    Attributes:
        ko, en: What happened and what to do.
        times: How often it was told.
        opened_at, last_at: First and last time [ns, UTC].
        resolved_at: When it was closed [ns, UTC]; None while it is open.
    """

    alert_id: int
    code: str
    subject: str
    is_critical: bool
    ko: str
    en: str
    times: int
    opened_at: int
    last_at: int
    acknowledged_at: int | None
    acknowledged_by: str | None
    resolved_at: int | None


class ShownPerformance(msgspec.Struct, frozen=True):
    """
    How a sleeve did in a session.

    Attributes:
        opening_equity, opening_flows: When the session began [won].
        flows, realized, commission, tax: Counted since the sleeve was opened [won].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    session_date: date
    opening_equity: int
    opening_flows: int
    flows: int
    realized: int
    commission: int
    tax: int


class ShownJob(msgspec.Struct, frozen=True):
    """
    One expected run of a job, and what became of it.

    Attributes:
        due_at, late_at: When it was to begin, and from when on it counts as missed [ns, UTC].
        note: What it had to say, in words.
    """

    name: str
    due_at: int
    late_at: int
    status: Progress
    started_at: int | None
    finished_at: int | None
    note: str | None


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which orders of an account.

    Attributes:
        day: Session in which they were sent; None for all.
        is_open_only: Whether only those that can still fill.
        before: Only those with a lower number: where the page before ended.
        limit: At most so many.
    """

    day: date | None = None
    is_open_only: bool = False
    before: ClOrdId | None = None
    limit: int = 100


class ShownExecutor(msgspec.Struct, frozen=True):
    """
    Whether and how an executor trades, and where its journal ends.

    Attributes:
        ceiling: How far the executor lets trading go; the trading state is not above it.
        holder: Process that holds the lease, empty before the first.
        head_seq: Number of the newest record, 0 before the first.
    """

    trading_state: TradingState
    ceiling: TradingState
    kill: KillLevel
    session_date: date | None
    holder: str
    epoch: int
    beat: int
    head_seq: int
    head_hash: bytes


BUILT: Final = tuple(
    msgspec.msgpack.Decoder(shape)
    for shape in (
        ShownOrder,
        ShownExecution,
        ShownPosition,
        ShownSleeve,
        ShownBalance,
        ShownAlert,
        ShownPerformance,
        ShownJob,
        ShownExecutor,
    )
)
"""
Every shape, known to msgspec before two threads can ask for one at once.

It learns a shape when it is first converted to, and a thread that comes in the midst of that
ends the process (seen with msgspec 0.22.0, 2026-11).
"""


class Queries:
    """
    The questions about one executor.

    Everything blocks, and raises StorageError if the database cannot be read.

    Args:
        reading: Makes the connections.
        executor_id: Whose rows are asked for.
    """

    def __init__(self, reading: Engine, executor_id: int) -> None:
        self._reading = reading
        self._executor_id = executor_id

    def executor(self) -> ShownExecutor:
        """Return how the executor stands."""
        same = executors.c.executor_id == lease.c.executor_id
        (found,) = self._rows(ShownExecutor, (executors, lease), same, order_by="epoch")
        return found

    def orders(self, day: date) -> list[ShownOrder]:
        """Return the orders that were sent in a session, oldest first."""
        where = orders.c.session_date == day
        return self._rows(ShownOrder, (orders,), where, order_by="cl_ord_id")

    def open_orders(self) -> list[ShownOrder]:
        """Return the orders that can still fill, oldest first."""
        return self._rows(ShownOrder, (orders,), sql(STILL_OPEN), order_by="cl_ord_id")

    def find_order(self, account_id: AccountId, cl_ord_id: ClOrdId) -> ShownOrder | None:
        """Return an order of an account; None if there is none."""
        where = orders.c.account_id == account_id, orders.c.cl_ord_id == cl_ord_id
        return next(iter(self._rows(ShownOrder, (orders,), *where, order_by="cl_ord_id")), None)

    def orders_of(self, account_id: AccountId, wanted: OrderFilter) -> list[ShownOrder]:
        """Return orders of an account, newest first."""
        where: list[ColumnElement[bool] | TextClause] = [orders.c.account_id == account_id]
        if wanted.day is not None:
            where.append(orders.c.session_date == wanted.day)
        if wanted.is_open_only:
            where.append(sql(STILL_OPEN))
        if wanted.before is not None:
            where.append(orders.c.cl_ord_id < wanted.before)
        by = f"cl_ord_id DESC LIMIT {wanted.limit:d}"
        return self._rows(ShownOrder, (orders,), *where, order_by=by)

    def performance(self, account_id: AccountId, first: date, last: date) -> list[ShownPerformance]:
        """Return how the sleeves of an account did from one session to another, oldest first."""
        table = daily_performance
        where = table.c.account_id == account_id, table.c.session_date.between(first, last)
        by = "session_date, sleeve_id"
        return self._rows(ShownPerformance, (table,), *where, order_by=by)

    def jobs(self, limit: int) -> list[ShownJob]:
        """Return jobs, the newest due first."""
        return self._rows(ShownJob, (jobs,), order_by=f"due_at DESC, name LIMIT {limit:d}")

    def find_alert(self, alert_id: int) -> ShownAlert | None:
        """Return an alert, None if there is none."""
        where = alerts.c.alert_id == alert_id
        return next(iter(self._rows(ShownAlert, (alerts,), where, order_by="alert_id")), None)

    def alerts(self, limit: int) -> list[ShownAlert]:
        """Return alerts, closed ones too, newest first."""
        by = f"last_at DESC, alert_id DESC LIMIT {limit:d}"
        return self._rows(ShownAlert, (alerts,), order_by=by)

    def executions(self, day: date) -> list[ShownExecution]:
        """Return what traded in a session, oldest first."""
        where = executions.c.session_date == day
        return self._rows(ShownExecution, (executions,), where, order_by="at, cl_ord_id, exec_id")

    def positions(self) -> list[ShownPosition]:
        """Return what is held."""
        return self._rows(ShownPosition, (positions,), order_by=_BY_SLEEVE + ", symbol")

    def sleeves(self) -> list[ShownSleeve]:
        """Return whose money is whose."""
        return self._rows(ShownSleeve, (sleeves,), order_by=_BY_SLEEVE)

    def balances(self, day: date) -> list[ShownBalance]:
        """Return the accounts' money in a session; the last that is known of each."""
        where = balances.c.session_date == day
        return self._rows(ShownBalance, (balances,), where, order_by="account_id")

    def open_alerts(self) -> list[ShownAlert]:
        """Return the alerts that nobody resolved, oldest first."""
        return self._rows(ShownAlert, (alerts,), sql(UNRESOLVED), order_by="opened_at, alert_id")

    def _rows(
        self,
        kind: type[T],
        tables: tuple[Table, ...],
        *where: ColumnElement[bool] | TextClause,
        order_by: str,
    ) -> list[T]:
        try:
            with self._reading.connect() as connection:
                return shown_rows(
                    connection, self._executor_id, kind, tables, *where, order_by=order_by
                )
        except SQLAlchemyError as error:
            raise unreadable(error) from error


def shown_rows(
    connection: Connection,
    executor_id: int,
    kind: type[T],
    tables: tuple[Table, ...],
    *where: ColumnElement[bool] | TextClause,
    order_by: str,
) -> list[T]:
    """Return rows of an executor in a shape whose fields are columns of the tables."""
    columns = {column.name: column for table in tables for column in table.columns}
    query = (
        select(*(columns[name] for name in kind.__struct_fields__))
        .where(tables[0].c.executor_id == executor_id, *where)
        .order_by(sql(order_by))
    )
    rows = connection.execute(query).all()
    return [msgspec.convert(row, kind, from_attributes=True) for row in rows]
