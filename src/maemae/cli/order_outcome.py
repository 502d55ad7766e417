"""What came of an order or request: looked at for up to a second, then said as it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from maemae.cli.asking import ask
from maemae.cli.screen import WARNING, Screen
from maemae.cli.words import SIDE_STYLES, STATUSES, order_text, won_text
from maemae.domain.ids import ClOrdId
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.text import Text
from maemae.trading.control.commands import OrdersQuery, PlaceOrder
from maemae.trading.control.replies import Accepted, Orders

_PATIENCE_SECS: Final = 1.0
_LOOK_EVERY_SECS: Final = 0.1


def follow_order(screen: Screen, home: Path, asked: PlaceOrder, reply: Accepted) -> bool:
    """
    Say what came of an order; return whether it was taken.

    Args:
        screen: Where it is said.
        home: Data folder of the executor.
        asked: The order.
        reply: What the executor answered.
    """
    if reply.refusals:
        for refusal in reply.refusals:
            screen.complain(refusal)
        return False
    if reply.is_parked:
        screen.say(
            "장이 닫혀 있어 다음 장을 기다립니다. 그때의 가격으로 검사합니다.",
            "The market is closed: it waits for the next session and is checked then.",
            WARNING,
        )
        return True
    numbers = reply.numbers or _numbers_of(home, asked)
    if not numbers:
        screen.say(
            "보낸 주문이 없습니다. 같은 키로 이미 처리했거나, 먼저 취소할 주문을 기다립니다. "
            "maemae orders --all 로 확인하세요.",
            "No order was sent: its key was used before, or other orders must go first. See "
            "maemae orders --all.",
            WARNING,
        )
        return True
    orders = [_until(home, number, _is_answered) for number in numbers]
    for number, order in zip(numbers, orders, strict=True):
        _say(screen, number, order)
    return all(order is None or order.status is not OrderStatus.REJECTED for order in orders)


def follow_request(screen: Screen, home: Path, number: ClOrdId, reply: Accepted) -> bool:
    """
    Say what came of a cancel or replace; return whether it was taken.

    Args:
        screen: Where it is said.
        home: Data folder of the executor.
        number: Of the order.
        reply: What the executor answered.
    """
    if reply.refusals:
        for refusal in reply.refusals:
            screen.complain(refusal)
        return False
    _say(screen, number, _until(home, number, lambda order: not order.requests))
    return True


def _numbers_of(home: Path, asked: PlaceOrder) -> tuple[ClOrdId, ...]:
    """Return the orders that an earlier command of the same key led to."""
    intent = f"{asked.sleeve_id}:{asked.key}"
    return tuple(order.cl_ord_id for order in _orders(home) if order.intent_id == intent)


def _until(home: Path, number: ClOrdId, is_settled: Callable[[Order], bool]) -> Order | None:
    """Return the order once it is settled, or as it stands after a second."""
    deadline = time.monotonic() + _PATIENCE_SECS
    while True:
        order = next((each for each in _orders(home) if each.cl_ord_id == number), None)
        if order is not None and is_settled(order):
            return order
        if time.monotonic() >= deadline:
            return order
        time.sleep(_LOOK_EVERY_SECS)


def _orders(home: Path) -> tuple[Order, ...]:
    return ask(home, OrdersQuery(is_open_only=False), Orders).orders


def _is_answered(order: Order) -> bool:
    """Whether nothing more is to be expected within a second."""
    if order.price is None:
        return order.is_closed
    return order.status is not OrderStatus.PENDING_NEW


def _say(screen: Screen, number: ClOrdId, order: Order | None) -> None:
    if order is None:
        screen.say(
            f"주문 {number} 은(는) 오늘 주문 목록에 없습니다. maemae orders --all 로 확인하세요.",
            f"Order {number} is not among today's. See maemae orders --all.",
            WARNING,
        )
        return
    what, how = order_text(order, order.symbol), _standing(order)
    style = SIDE_STYLES[order.side] if order.cum_qty else ""
    if order.status in _DOUBTFUL:
        style = WARNING
    screen.say(f"{what.ko} · {how.ko}", f"{what.en}: {how.en}", style)
    if order.status is OrderStatus.UNKNOWN:
        screen.say(
            "증권사의 답을 받지 못했습니다. 목록으로 확인하는 중이니 같은 주문을 다시 내지 마세요.",
            "The broker's answer is lost; its lists are being read. Do not order it again.",
            WARNING,
        )
    elif order.status is OrderStatus.PENDING_NEW:
        screen.say(
            "1초 안에 답이 오지 않았습니다. maemae orders 로 확인하세요.",
            "No answer within a second. See maemae orders.",
            WARNING,
        )


def _standing(order: Order) -> Text:
    status = STATUSES[order.status]
    if not order.cum_qty:
        return status
    price = won_text(order.notional // order.cum_qty)
    return Text(
        f"{status.ko} {order.cum_qty:,}/{order.order_qty:,}주, 평균 {price.ko}",
        f"{status.en} {order.cum_qty:,}/{order.order_qty:,} at {price.en} on average",
    )


_DOUBTFUL: Final = frozenset(
    {OrderStatus.UNKNOWN, OrderStatus.PENDING_NEW, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)
