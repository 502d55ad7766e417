"""What comes to an account by another way than maemae: orders of HTS and MTS are adopted."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from maemae.core.actions import OrderAdopted, SleeveAdded
from maemae.core.desk import Desk
from maemae.core.events import ExternalOrderSeen
from maemae.core.limits import Limits
from maemae.core.orders import candidate
from maemae.core.reports import take_report
from maemae.core.state import Sleeve
from maemae.domain.errors import InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ExecId, IntentId, OrderId
from maemae.domain.instant import kst_date
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus, status_of
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import Cause, Purpose, Side


def require_account(desk: Desk, account_id: AccountId) -> None:
    """
    Make sure that an account's charges are known.

    Raises:
        InvalidValueError: They are not.
    """
    if account_id not in desk.config.schedules:
        raise InvalidValueError(
            f"{account_id} 계좌의 수수료표가 없습니다. 설정에 계좌를 먼저 등록하세요.",
            f"Account {account_id} has no cost schedule. Register the account first.",
        )


def external_sleeve(desk: Desk, account_id: AccountId) -> Sleeve:
    """Return the EXTERNAL sleeve of an account; an empty one is added if there is none."""
    found = desk.state.find_sleeve(account_id, EXTERNAL_SLEEVE)
    if found is not None:
        return found
    require_account(desk, account_id)
    desk.do(SleeveAdded(account_id, EXTERNAL_SLEEVE, 0, Limits()))
    return desk.state.get_sleeve(account_id, EXTERNAL_SLEEVE)


def take_external(desk: Desk, event: ExternalOrderSeen) -> None:
    """
    Adopt an order that is not ours; one that is known by its number changes nothing.

    An order that replaced a known one is the same order on new terms.
    """
    stated = event.order
    if stated.cl_ord_id in desk.state.orders or _find(desk, stated, stated.order_id) is not None:
        return
    if stated.orig_order_id is not None:
        replaced = _find(desk, stated, stated.orig_order_id)
        if replaced is not None:
            take_report(desk, _replacement(replaced, stated))
            return
    sleeve = external_sleeve(desk, stated.account_id)
    order = candidate(desk, _wish(stated), sleeve)
    standing = _STANDINGS[stated.status]
    desk.do(
        OrderAdopted(
            replace(
                order,
                at=stated.at,  # its day tells what its numbers mean
                standing=standing,
                status=status_of(standing, 0, stated.order_qty),
                order_ids=(stated.order_id,),
            )
        )
    )


def _find(desk: Desk, stated: StatedOrder, order_id: OrderId) -> Order | None:
    """Return the account's order with a number of the broker; numbers live for a day."""
    day = kst_date(stated.at)
    for order in desk.state.orders.values():
        is_its_day = order.account_id == stated.account_id and kst_date(order.at) == day
        if is_its_day and order_id in order.order_ids:
            return order
    return None


def _wish(stated: StatedOrder) -> OrderIntent:
    """Return what the person must have wished."""
    day = kst_date(stated.at)
    return OrderIntent(
        IntentId(f"{stated.account_id}:{EXTERNAL_SLEEVE}:{day}:{stated.order_id}"),
        stated.account_id,
        EXTERNAL_SLEEVE,
        stated.symbol,
        stated.side,
        Shares(stated.order_qty),
        stated.at,
        stated.price,
        time_in_force=stated.time_in_force,
        purpose=Purpose.NEW if stated.side is Side.BUY else Purpose.REDUCE,
        cause=Cause.PERSON,
    )


def _replacement(order: Order, stated: StatedOrder) -> ExecutionReport:
    return ExecutionReport(
        order.cl_ord_id,
        ExecId(f"REPLACED:{stated.order_id}"),
        ExecType.REPLACED,
        stated.at,
        stated.order_id,
        price=stated.price,
        order_qty=stated.order_qty,
    )


# An adopted order begins as NEW even if the broker lists it as filled: its fills follow as reports.
_STANDINGS: Final = {
    StatedStatus.WORKING: OrderStatus.NEW,
    StatedStatus.FILLED: OrderStatus.NEW,
    StatedStatus.REPLACED: OrderStatus.NEW,
    StatedStatus.CANCELED: OrderStatus.CANCELED,
    StatedStatus.REJECTED: OrderStatus.REJECTED,
    StatedStatus.EXPIRED: OrderStatus.EXPIRED,
}
