"""Between maemae's orders and the simulated broker's messages; total, or it raises."""

from __future__ import annotations

from maemae.brokers.sim.codes import MEANINGS, PROVED
from maemae.brokers.sim.messages import (
    Cancel,
    Refused,
    Replace,
    Reply,
    Submit,
    Taken,
    Welcome,
)
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import (
    BrokerUnavailableError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.ids import OrderId
from maemae.domain.order import Order
from maemae.ports import BrokerTraits

_DIGITS = 10


def submit_from_order(order: Order) -> Submit:
    """Return a new order as it is sent."""
    return Submit(
        0,
        order.cl_ord_id,
        order.account_id,
        order.symbol,
        order.side,
        order.ord_type,
        order.time_in_force,
        order.price,
        order.order_qty,
    )


def cancel_from_request(order: Order, request: CancelOrder) -> Cancel:
    """
    Return a cancel as it is sent.

    Raises:
        NotAcceptedError: The broker's number of the order is not known.
    """
    number = _number(order, request.order_id)
    return Cancel(0, request.cl_ord_id, order.account_id, number)


def replace_from_request(order: Order, request: ReplaceOrder) -> Replace:
    """
    Return a replacement as it is sent.

    Raises:
        NotAcceptedError: The broker's number of the order is not known.
    """
    number = _number(order, request.order_id)
    return Replace(0, request.cl_ord_id, order.account_id, number, request.price, request.order_qty)


def order_id_from_reply(reply: Reply) -> OrderId:
    """
    Return the number that a request was given.

    Raises:
        NotAcceptedError: The broker refused it with a code that proves that.
        OutcomeUnknownError: Anything else, such as a number that cannot be one.
    """
    if isinstance(reply, Taken):
        number = reply.order_id
        if len(number) == _DIGITS and number.isascii() and number.isdecimal() and int(number):
            return number
    if isinstance(reply, Refused):
        meaning = MEANINGS[reply.code]
        ko, en = f"{meaning.ko} ({reply.text})", f"{meaning.en} ({reply.text})"
        if reply.code in PROVED:
            raise NotAcceptedError(ko, en, reply.code)
        raise OutcomeUnknownError(ko, en)
    raise OutcomeUnknownError(
        "증권사의 답을 알아볼 수 없습니다. 주문 내역을 조회하세요.",
        "The broker's answer cannot be understood. Read the list of orders.",
    )


def unavailable(reply: Reply) -> BrokerUnavailableError:
    """Return the error of a query that was not answered with what was asked for."""
    if isinstance(reply, Refused):
        meaning = MEANINGS[reply.code]
        return BrokerUnavailableError(
            f"{meaning.ko} ({reply.text})", f"{meaning.en} ({reply.text})"
        )
    return BrokerUnavailableError(
        "증권사가 다른 것을 답했습니다. 다시 조회하세요.",
        "The broker answered something else. Ask again.",
    )


def traits_from_welcome(welcome: Welcome) -> BrokerTraits:
    """Return what an executor must know of the broker, as the broker says it."""
    said = welcome.traits
    return BrokerTraits(
        said.mode,
        said.client_id,
        said.quiet_period,
        said.orders_per_sec,
        said.queries_per_sec,
        fences=True,
    )


def _number(order: Order, asked: OrderId | None) -> OrderId:
    """Return the broker's newest number of an order."""
    number = order.order_ids[-1] if order.order_ids else asked
    if number is None:
        raise NotAcceptedError(
            f"주문 {order.cl_ord_id} 의 증권사 번호를 아직 모릅니다. 접수를 확인한 뒤 보내세요.",
            f"The broker's number of order {order.cl_ord_id} is not known yet. Wait for it.",
        )
    return number
