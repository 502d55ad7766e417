"""
What became of orders, trading and limits, told record by record as the journal grows.

The journal alone decides what is told: whoever reads it from the same place is told the same,
today and after a restart. So a place in it is all that a listener has to remember.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from maemae.core.actions import (
    Action,
    CancelOrder,
    CeilingChanged,
    FillBooked,
    KillChanged,
    OrderAdopted,
    OrderReported,
    ReplaceOrder,
    SessionOpened,
    SleeveAdded,
    SleeveLimited,
    SleeveStateChanged,
    SubmitOrder,
    TradingStateChanged,
)
from maemae.domain.errors import JournalCorruptError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType
from maemae.storage.queries import ShownExecution, ShownOrder
from maemae.storage.records import decode_actions, decode_state
from maemae.storage.recovery import state_version
from maemae.storage.rows import Rows
from maemae.storage.tables.accounts import lease
from maemae.storage.tables.journal import journal, snapshots

MOST_AT_ONCE: Final = 1_000
"""Records that one reading takes."""

_FARTHEST: Final = 200_000  # records that are read to know the orders of a place far back
_ROWS_AT_ONCE: Final = 1_000
_REVISIONS: Final = frozenset({ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT})


class OrderChanged(msgspec.Struct, frozen=True):
    """
    An order is there, was asked to change, or was reported on.

    Attributes:
        order: As it stands after that.
        text: The broker's own words, empty if none.
    """

    order: ShownOrder
    text: str = ""


class Executed(msgspec.Struct, frozen=True):
    """
    A fill was booked, taken back or changed.

    Attributes:
        execution: Quantity and price as they are now; the charges are those of this booking
            and come on top of what was told of the same fill before.
    """

    execution: ShownExecution
    exec_type: ExecType


OfTrading = (
    TradingStateChanged
    | CeilingChanged
    | KillChanged
    | SleeveLimited
    | SleeveStateChanged
    | SleeveAdded
    | SessionOpened
)
"""Facts about the executor itself; they are told as they are."""

StreamEvent = OrderChanged | Executed | OfTrading


class TailRecord(msgspec.Struct, frozen=True):
    """
    What one record of the journal tells.

    Attributes:
        seq: Its number.
        events: In order; empty if it changes nothing of what is told.
    """

    seq: int
    events: tuple[StreamEvent, ...]


class JournalTail:
    """
    A place in the journal of one executor, and the orders as they stood there.

    Args:
        executor_id: Whose journal it is.
        seq: Number of the last record that was taken in, 0 before the first.
        orders: The orders of its session, and every open one.
    """

    def __init__(self, executor_id: int, seq: int, orders: Mapping[ClOrdId, Order]) -> None:
        self.seq = seq
        self._executor_id = executor_id
        self._hash: bytes | None = None
        self._teller = _Teller(executor_id, dict(orders))

    def read(self, connection: Connection, most: int = MOST_AT_ONCE) -> list[TailRecord]:
        """
        Take in the next records, and return what they tell.

        Args:
            connection: Inside of a transaction that sees one moment.
            most: How many at once; fewer than that were left when fewer come back.

        Raises:
            JournalCorruptError: The journal is another one than before, or damaged.
        """
        self._require_same(connection)
        query = _after(self._executor_id, self.seq).limit(most)
        told = []
        for row in connection.execute(query):
            told.append(self._teller.tell(row.seq, _actions(row.seq, row.actions)))
            self.seq, self._hash = row.seq, row.hash
        return told

    def skip_to(self, connection: Connection, seq: int) -> None:
        """Take in every record up to a number, and tell nothing."""
        query = _after(self._executor_id, self.seq).where(journal.c.seq <= seq)
        with connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query) as rows:
            for row in rows:
                self._teller.tell(row.seq, _actions(row.seq, row.actions))
                self.seq, self._hash = row.seq, row.hash

    def _require_same(self, connection: Connection) -> None:
        """Notice that a backup was brought back meanwhile: numbers then mean other records."""
        if self._hash is None:
            return
        found = connection.execute(
            select(journal.c.hash).where(
                journal.c.executor_id == self._executor_id, journal.c.seq == self.seq
            )
        ).scalar_one_or_none()
        if found != self._hash:
            raise _damaged(f"record {self.seq} is not the one that was read")


def read_head(connection: Connection, executor_id: int) -> int:
    """Return the number of the newest record, 0 before the first."""
    head = select(lease.c.head_seq).where(lease.c.executor_id == executor_id)
    return connection.execute(head).scalar_one_or_none() or 0


def find_tail(connection: Connection, executor_id: int, after: int) -> JournalTail | None:
    """
    Return the tail that begins after a record; None if it lies ahead, or too far back.

    Args:
        connection: Inside of a transaction that sees one moment.
        executor_id: Whose journal.
        after: Number of the last record that is known already.

    Raises:
        JournalCorruptError: What is read is damaged.
    """
    if not 0 <= after <= read_head(connection, executor_id):
        return None
    if _records_to_read(connection, executor_id, after) > _FARTHEST:
        return None
    return tail_at(connection, executor_id, after)


def tail_at(connection: Connection, executor_id: int, after: int) -> JournalTail:
    """
    Return the tail that begins after a record that is there, however far back it lies.

    Raises:
        JournalCorruptError: What is read is damaged.
    """
    base, orders = _snapshot_before(connection, executor_id, after)
    tail = JournalTail(executor_id, base, orders)
    tail.skip_to(connection, after)
    return tail


def _snapshot_before(
    connection: Connection, executor_id: int, seq: int
) -> tuple[int, Mapping[ClOrdId, Order]]:
    """Return the newest book that is not newer than a record: its place, and its orders."""
    row = connection.execute(
        select(snapshots.c.seq, snapshots.c.state)
        .where(_readable(executor_id, seq))
        .order_by(snapshots.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return 0, {}
    try:
        return row.seq, decode_state(row.state).orders
    except msgspec.MsgspecError as error:
        raise _damaged(f"snapshot {row.seq}: {error}") from error


def _records_to_read(connection: Connection, executor_id: int, after: int) -> int:
    """Return how many records lie between a record and the book that is nearest before it."""
    nearest = (
        select(func.coalesce(func.max(snapshots.c.seq), 0))
        .where(_readable(executor_id, after))
        .scalar_subquery()
    )
    between = journal.c.seq > nearest, journal.c.seq <= after
    query = select(func.count()).where(journal.c.executor_id == executor_id, *between)
    return connection.execute(query).scalar_one()


def _readable(executor_id: int, seq: int) -> ColumnElement[bool]:
    return and_(
        snapshots.c.executor_id == executor_id,
        snapshots.c.seq <= seq,
        snapshots.c.state_version == state_version(),
    )


def _after(executor_id: int, seq: int) -> Select[Any]:
    return (
        select(journal.c.seq, journal.c.actions, journal.c.hash)
        .where(journal.c.executor_id == executor_id, journal.c.seq > seq)
        .order_by(journal.c.seq)
    )


class _Teller:
    """The orders of one place in the journal, and how the next record changes them."""

    def __init__(self, executor_id: int, orders: dict[ClOrdId, Order]) -> None:
        self._rows = Rows(executor_id)
        self._orders = orders

    def tell(self, seq: int, actions: Sequence[Action]) -> TailRecord:
        """Take in a record."""
        events: list[StreamEvent] = []
        charges = _charges(actions)
        for action in actions:
            handler = _HANDLERS.get(type(action))
            if handler is not None:
                self._take(handler, action, seq, events, charges)
            elif isinstance(action, OfTrading):
                events.append(action)
                if isinstance(action, SessionOpened):
                    self._leave_closed()
        return TailRecord(seq, tuple(events))

    def _take(
        self,
        handler: Callable[[Mapping[ClOrdId, Order], Any], Order],
        action: Action,
        seq: int,
        events: list[StreamEvent],
        charges: dict[_FillKey, list[int]],
    ) -> None:
        try:
            order = handler(self._orders, action)
        except KeyError as error:
            raise _damaged(f"record {seq} tells of order {error}, which is not there") from error
        self._orders[order.cl_ord_id] = order
        report = action.report if isinstance(action, OrderReported) else None
        events.append(OrderChanged(self._shown(order, seq), "" if report is None else report.text))
        key = None if report is None else _fill_key(report)
        if report is not None and key is not None:
            booked = charges.pop(key, [0, 0, 0])
            row = self._rows.execution(order, key[1], report, booked, seq)
            events.append(Executed(msgspec.convert(row, ShownExecution), report.exec_type))

    def _shown(self, order: Order, seq: int) -> ShownOrder:
        return msgspec.convert(self._rows.order(order, None, seq), ShownOrder)

    def _leave_closed(self) -> None:
        self._orders = {key: order for key, order in self._orders.items() if not order.is_closed}


_FillKey = tuple[ClOrdId, ExecId]


def _fill_key(report: ExecutionReport) -> _FillKey | None:
    """Return which fill a report tells of, takes back or changes; None for any other report."""
    if report.exec_type in _REVISIONS and report.exec_ref_id is not None:
        return report.cl_ord_id, report.exec_ref_id
    return (report.cl_ord_id, report.exec_id) if report.exec_type is ExecType.TRADE else None


def _charges(actions: Sequence[Action]) -> dict[_FillKey, list[int]]:
    """Return what was booked for each fill of a record: a booking comes after its report."""
    charges: dict[_FillKey, list[int]] = {}
    filling: dict[ClOrdId, _FillKey] = {}
    for action in actions:
        if isinstance(action, OrderReported):
            key = _fill_key(action.report)
            if key is not None:
                filling[key[0]] = key
        elif isinstance(action, FillBooked):
            booked = charges.setdefault(filling[action.cl_ord_id], [0, 0, 0])
            booked[0] += action.commission
            booked[1] += action.tax
            booked[2] += action.realized
    return charges


def _entered(_orders: Mapping[ClOrdId, Order], action: SubmitOrder | OrderAdopted) -> Order:
    return action.order


def _canceling(orders: Mapping[ClOrdId, Order], action: CancelOrder) -> Order:
    asked = Request(action.cl_ord_id, RequestKind.CANCEL)
    return orders[action.orig_cl_ord_id].request(asked)


def _replacing(orders: Mapping[ClOrdId, Order], action: ReplaceOrder) -> Order:
    asked = Request(action.cl_ord_id, RequestKind.REPLACE, action.price, action.order_qty)
    return orders[action.orig_cl_ord_id].request(asked)


def _reported(orders: Mapping[ClOrdId, Order], action: OrderReported) -> Order:
    return orders[action.report.cl_ord_id].apply(action.report)


_HANDLERS: Final[dict[type, Callable[[Mapping[ClOrdId, Order], Any], Order]]] = {
    SubmitOrder: _entered,
    OrderAdopted: _entered,
    CancelOrder: _canceling,
    ReplaceOrder: _replacing,
    OrderReported: _reported,
}


def _actions(seq: int, content: bytes) -> list[Action]:
    try:
        return decode_actions(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _damaged(f"record {seq}: {error}") from error


def _damaged(what: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"저널이 바뀌었거나 손상되었습니다 ({what}). 백업에서 되돌린 뒤라면 처음부터 다시 "
        "읽으세요.",
        f"The journal is another one, or damaged ({what}). If a backup was brought back, read it "
        "from the start.",
    )
