"""
What the broker's lists show and the book lacks.

Nothing is concluded from what a list does not show, and an order is closed only once all
fills that its row counts are in the book or in the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from maemae.core.state import CoreState
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.order import Order, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import (
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import Side
from maemae.trading.chain import chain_of, listed_report, replaced_report
from maemae.trading.links import exec_id_of
from maemae.trading.turn import fingerprint, stated_fingerprint


class Difference(msgspec.Struct, frozen=True):
    """
    What the broker's account has more than the sum of its sleeves; less is below 0.

    Attributes:
        cash: By trade date [won].
        shares: Of each instrument that differs, by symbol.
    """

    cash: int
    shares: tuple[tuple[Symbol, int], ...]

    @property
    def is_none(self) -> bool:
        """Whether the account agrees with its sleeves."""
        return not self.cash and not self.shares


def difference(
    state: CoreState, account_id: AccountId, cash: int, holdings: Sequence[StatedHolding]
) -> Difference:
    """
    Return what the core would book if it were told of this account now.

    Args:
        state: The book.
        account_id: Whose sleeves are added up.
        cash: As the broker states it, by trade date [won].
        holdings: Complete list of the account.
    """
    sleeves = state.account(account_id)
    more: Counter[Symbol] = Counter()
    for held in holdings:
        more[held.symbol] += held.qty
    for sleeve in sleeves:
        for symbol, position in sleeve.positions.items():
            more[symbol] -= position.qty
    shares = tuple((symbol, more[symbol]) for symbol in sorted(more) if more[symbol])
    return Difference(cash - sum(sleeve.cash for sleeve in sleeves), shares)


def missing_reports(
    numbers: Mapping[OrderId, ClOrdId],
    state: CoreState,
    orders: Sequence[StatedOrder],
    executions: Sequence[StatedExecution],
) -> list[ExecutionReport]:
    """
    Return the reports that would bring the book to where the lists are: fills first.

    Never further: where the book and the lists number an order's fills in different ways, as
    after an adapter lost its journal, more would be booked than anybody counts, and none is.
    A fill has the number that the stream gives it, so that told by both it counts once. Given
    the same lists again after the core took the reports, there are none.

    Args:
        numbers: What the broker's numbers of that day mean. Link the number of every report
            that the core has taken.
        state: The book.
        orders: Complete list of one account and day.
        executions: Complete list of the same, read after it or before.
    """
    named = {row.order_id: row.cl_ord_id for row in orders if row.cl_ord_id is not None}
    owners = _owners(numbers, orders, named)
    fills: dict[ExecId, ExecutionReport] = {}
    most = Counter[ClOrdId]()
    for execution in sorted(executions, key=_traded_at):
        number = owners.get(execution.order_id, numbers.get(execution.order_id))
        order = None if number is None else state.orders.get(number)
        if order is None:
            continue
        most[order.cl_ord_id] += execution.qty
        fill = _fill(order, execution)
        if fill is not None:
            fills[fill.exec_id] = fill
    for row in orders:
        if row.order_id in owners:
            most[owners[row.order_id]] = max(most[owners[row.order_id]], row.cum_qty)
    filled = Counter[ClOrdId]()
    for fill in fills.values():
        filled[fill.cl_ord_id] += fill.last_qty
    filled = Counter(
        {each: qty for each, qty in filled.items() if _would_have(state, each, qty) <= most[each]}
    )
    fills = {name: fill for name, fill in fills.items() if fill.cl_ord_id in filled}
    rest = [
        report
        for number in dict.fromkeys(owners.values())
        if (order := state.orders.get(number)) is not None
        for report in _standing(order, owners, orders, order.cum_qty + filled[number])
    ]
    return [*fills.values(), *rest]


def external_orders(
    numbers: Mapping[OrderId, ClOrdId], orders: Sequence[StatedOrder], in_doubt: Sequence[Order]
) -> list[StatedOrder]:
    """
    Return the orders that came to the account by another way, under their first number.

    None that could be an order of ours whose number is not known: adopted, it would be lost to
    us. What replaced an order of these follows as its report once that is adopted.

    Args:
        numbers: What the broker's numbers of that day mean; all that ever meant an order of ours.
        orders: Complete list of one account and day.
        in_doubt: Orders of ours without a number that may be at the broker.
    """
    owners = _owners(numbers, orders, {})
    listed = {row.order_id for row in orders}
    shapes = {fingerprint(order) for order in in_doubt}
    ours = {order.cl_ord_id for order in in_doubt}
    return [
        row
        for row in orders
        if row.order_id not in owners
        and row.orig_order_id not in listed
        and row.cl_ord_id not in ours
        and stated_fingerprint(row) not in shapes
    ]


def sales_too_early(
    state: CoreState, sales: Sequence[StatedOrder], in_doubt: Sequence[Order]
) -> list[StatedOrder]:
    """
    Return the sales from elsewhere that may be of shares which a buy of ours in doubt brought.

    Booked before that buy, they would sell what nobody holds.

    Args:
        state: The book.
        sales: Orders that came to the account by another way; buys among them are left out.
        in_doubt: Orders of ours without a number that may be at the broker.
    """
    doubted = {(order.account_id, order.symbol) for order in in_doubt if order.side is Side.BUY}
    early = [
        row for row in sales if row.side is Side.SELL and (row.account_id, row.symbol) in doubted
    ]
    short = Counter[tuple[AccountId, Symbol]]()
    for row in early:
        short[row.account_id, row.symbol] += row.cum_qty + row.leaves_qty
    for order in state.orders.values():
        if order.side is Side.SELL:
            short[order.account_id, order.symbol] += order.leaves_qty
    for sleeve in state.sleeves.values():
        for symbol, position in sleeve.positions.items():
            short[sleeve.account_id, symbol] -= position.qty
    return [row for row in early if short[row.account_id, row.symbol] > 0]


def knows_what_traded(numbers: Mapping[OrderId, ClOrdId], orders: Sequence[StatedOrder]) -> bool:
    """
    Whether every order that has traded is in the book.

    The holdings show its fills: compared without it, they would be booked from there, and once
    more as fills.

    Args:
        numbers: What the broker's numbers of that day mean.
        orders: Complete list of one account and day.
    """
    owners = _owners(numbers, orders, {})
    return all(row.order_id in owners for row in orders if row.cum_qty)


def is_settled(state: CoreState, account_id: AccountId) -> bool:
    """
    Whether holdings and cash of an account may be compared with the broker's.

    Not while an order is in flight or in doubt, nor while it may go on under a number that is
    not known: its fills could be in the broker's figures and not in ours.
    """
    return not any(
        _is_moving(order)
        for order in state.orders.values()
        if order.account_id == account_id and not order.is_closed
    )


def _is_moving(order: Order) -> bool:
    if order.standing in _WITHOUT_ANSWER:
        return True
    return any(request.kind is RequestKind.REPLACE for request in order.requests)


def _owners(
    numbers: Mapping[OrderId, ClOrdId],
    orders: Sequence[StatedOrder],
    named: Mapping[OrderId, ClOrdId],
) -> dict[OrderId, ClOrdId]:
    """Return whose each listed number is: linked, named by the broker, or a replacement of one."""
    parents = {row.order_id: row.orig_order_id for row in orders}
    owners: dict[OrderId, ClOrdId] = {}
    for order_id in parents:
        number: OrderId | None = order_id
        seen: set[OrderId] = set()
        while number is not None and number not in seen:
            owner = numbers.get(number)
            owner = named.get(number) if owner is None else owner
            if owner is not None:
                owners[order_id] = owner
                break
            seen.add(number)
            number = parents.get(number)
    return owners


def _would_have(state: CoreState, number: ClOrdId, qty: int) -> int:
    return state.orders[number].cum_qty + qty


def _fill(order: Order, execution: StatedExecution) -> ExecutionReport | None:
    """Return the report of a fill, None if its order has it."""
    exec_id = exec_id_of(order.account_id, order.cl_ord_id, execution.exec_id, execution.at)
    if order.has_fill(exec_id):
        return None
    return ExecutionReport(
        order.cl_ord_id,
        exec_id,
        ExecType.TRADE,
        execution.at,
        order_id=execution.order_id,
        last_qty=execution.qty,
        last_px=execution.px,
    )


def _standing(
    order: Order,
    owners: Mapping[OrderId, ClOrdId],
    orders: Sequence[StatedOrder],
    cum_qty: int,
) -> Iterator[ExecutionReport]:
    """Yield what the rows of an open order say besides its fills."""
    numbers = {row.order_id for row in orders if owners.get(row.order_id) == order.cl_ord_id}
    rows = chain_of(numbers, orders)
    if not rows or order.is_closed:
        return
    first, last = rows[0], rows[-1]
    if not order.order_ids:
        yield listed_report(order, ExecType.NEW, first)
    if last.cum_qty > cum_qty:
        return  # fills are on their way: neither terms nor an end without them
    if last.orig_order_id is not None and _says_more(order, last):
        yield replaced_report(order, last)
    ending = _ENDINGS.get(last.status)
    if ending is not None:
        yield listed_report(order, ending, last)


def _says_more(order: Order, row: StatedOrder) -> bool:
    """Whether a replacement is news: by its number, or by terms newer than the book's."""
    if row.order_id not in order.order_ids:
        return True
    terms, known = (row.price, row.order_qty), (order.price, order.order_qty)
    newer = order.yields_to(row.at, row.order_id, row.price, row.order_qty)
    return newer and terms != known


def _traded_at(execution: StatedExecution) -> int:
    return execution.at


_WITHOUT_ANSWER: Final = frozenset({OrderStatus.PENDING_NEW, OrderStatus.UNKNOWN})
_ENDINGS: Final = {
    StatedStatus.CANCELED: ExecType.CANCELED,
    StatedStatus.EXPIRED: ExecType.EXPIRED,
    StatedStatus.REJECTED: ExecType.REJECTED,
}
