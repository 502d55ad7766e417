"""Between maemae's orders and Kiwoom's REST bodies; total, or it raises."""

from __future__ import annotations

import msgspec

from maemae.brokers.kiwoom_rest import transactions
from maemae.brokers.kiwoom_rest.codes import (
    TERMS,
    Exchange,
    TradeType,
    exchange_of,
    trade_type_of,
    trade_type_refusal,
)
from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.brokers.kiwoom_rest.http import Answer
from maemae.brokers.kiwoom_rest.messages import CashReply, HoldingRow, OrderTaken
from maemae.brokers.kiwoom_rest.reading import count, find_order_id, price, symbol, won
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import (
    BrokerUnavailableError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.order import Order
from maemae.domain.statement import StatedCash, StatedHolding
from maemae.domain.terms import Side
from maemae.ports import BrokerTraits, ClientIdSupport

ALL: str = "0"
"""Quantity of a cancel that takes back everything that is left."""


def submit_body(
    order: Order,
    config: KiwoomConfig,
    exchange: Exchange | None = None,
    trade_type: TradeType | None = None,
    trigger: int | None = None,
) -> dict[str, str]:
    """
    Return a new order as it is sent.

    Args:
        order: What is wanted.
        config: How an order without a price is written, and which kinds are sent.
        exchange: Where; None for the order's own venue. SOR has no venue of ours.
        trade_type: Its kind; None for the one that its type and condition say.
        trigger: Price at which a stop-limit order comes to life [won]; of no other kind.

    Raises:
        NotAcceptedError: This server is set not to take that kind, or a price is missing or
            one too many.
    """
    kind = trade_type or trade_type_of(order.ord_type, order.time_in_force)
    if config.order_types is not None and kind not in config.order_types:
        raise trade_type_refusal(kind)
    if TERMS[kind].has_price and order.price is None:
        raise NotAcceptedError(
            f"주문 {order.cl_ord_id} 에 가격이 없습니다. 지정가를 정해 다시 내세요.",
            f"Order {order.cl_ord_id} has no price. Give it a limit.",
        )
    if (kind is TradeType.STOP_LIMIT) is (trigger is None):
        raise NotAcceptedError(
            f"스톱지정가에만 조건단가가 있고, 꼭 있어야 합니다. 주문 {order.cl_ord_id} 을(를) "
            "고치세요.",
            "A stop-limit order has a trigger price, and no other has one. Correct order "
            f"{order.cl_ord_id}.",
        )
    return {
        "dmst_stex_tp": (exchange or exchange_of(order.venue)).value,
        "stk_cd": order.symbol,
        "ord_qty": str(order.order_qty),
        "ord_uv": str(order.price) if TERMS[kind].has_price else config.market_price,
        "trde_tp": kind.value,
        "cond_uv": "" if trigger is None else str(trigger),
    }


def submit_transaction(order: Order) -> Transaction:
    """Return which transaction a new order is."""
    return transactions.BUY if order.side is Side.BUY else transactions.SELL


def cancel_body(order: Order, request: CancelOrder) -> dict[str, str]:
    """
    Return a cancel of everything that is left, as it is sent.

    Raises:
        NotAcceptedError: The broker's number of the order is not known.
    """
    return {
        "dmst_stex_tp": exchange_of(order.venue).value,
        "orig_ord_no": _number(order, request.order_id),
        "stk_cd": order.symbol,
        "cncl_qty": ALL,
    }


def replace_body(order: Order, request: ReplaceOrder) -> dict[str, str]:
    """
    Return a change of the price of everything that is left, as it is sent.

    Kiwoom moves as many shares as are named to a new number and leaves the rest working under
    the old one, so a smaller quantity would make two orders of one; a larger one it refuses.

    Raises:
        NotAcceptedError: The broker's number is not known, or the quantity would change.
    """
    left = order.order_qty - order.cum_qty
    if request.order_qty != order.order_qty or left < 1:
        raise NotAcceptedError(
            "키움에서는 정정으로 수량을 바꿀 수 없습니다. 취소하고 새로 주문하세요.",
            "At Kiwoom a change cannot alter the quantity. Cancel, and place a new order.",
            "QUANTITY",
        )
    return {
        "dmst_stex_tp": exchange_of(order.venue).value,
        "orig_ord_no": _number(order, request.order_id),
        "stk_cd": order.symbol,
        "mdfy_qty": str(left),
        "mdfy_uv": str(request.price),
        "mdfy_cond_uv": "",
    }


def order_id_from_answer(answer: Answer) -> OrderId:
    """
    Return the number that a request was given.

    Raises:
        OutcomeUnknownError: It was accepted, and the number cannot be one.
    """
    try:
        number = find_order_id(_decode_taken(answer.body).ord_no)
    except msgspec.MsgspecError:
        number = None
    if number is None:
        raise OutcomeUnknownError(
            "키움이 접수했다면서 주문번호를 주지 않았습니다. 주문 내역을 조회하세요.",
            "Kiwoom says it accepted and gave no order number. Read the list of orders.",
        )
    return number


def holdings_from_rows(rows: list[HoldingRow], account_id: AccountId) -> tuple[StatedHolding, ...]:
    """
    Return the positions; lots of one instrument are added up, what is gone is left out.

    Raises:
        BrokerUnavailableError: A row cannot be understood.
    """
    found: dict[Symbol, StatedHolding] = {}
    for row in rows:
        code = symbol("stk_cd", row.stk_cd)
        known = found.get(code, StatedHolding(account_id, code, 0, 0, 0))
        found[code] = StatedHolding(
            account_id,
            code,
            known.qty + count("rmnd_qty", row.rmnd_qty),
            known.sellable + count("trde_able_qty", row.trde_able_qty),
            known.cost + price("pur_amt", row.pur_amt),
        )
    return tuple(held for held in found.values() if held.qty)


def cash_from_reply(reply: CashReply, account_id: AccountId) -> StatedCash:
    """
    Return the cash: by trade date, and what may be spent without credit.

    Raises:
        BrokerUnavailableError: An amount cannot be understood.
    """
    return StatedCash(
        account_id, won("d2_entra", reply.d2_entra), won("100stk_ord_alow_amt", reply.orderable)
    )


def traits_of(host: Host, config: KiwoomConfig) -> BrokerTraits:
    """Return what an executor must know; Kiwoom keeps no number of ours and fences nobody."""
    return BrokerTraits(
        host.mode,
        ClientIdSupport.NONE,
        config.quiet_period,
        config.orders_per_sec,
        config.queries_per_sec,
        fences=False,
        is_emulated=host.is_emulator,
    )


def account_from_text(text: str) -> AccountId:
    """
    Return the account that a token belongs to.

    Raises:
        BrokerUnavailableError: It is no account number.
    """
    number = text.strip().replace("-", "")
    if not (number.isascii() and number.isdecimal()):
        raise BrokerUnavailableError(
            "키움이 계좌번호를 주지 않았습니다. 앱키가 계좌에 연결되어 있는지 확인하세요.",
            "Kiwoom gave no account number. Check that the app key belongs to an account.",
        )
    return AccountId(number)


def _number(order: Order, asked: OrderId | None) -> OrderId:
    """Return the broker's newest number of an order: only that one can be acted upon."""
    number = order.order_ids[-1] if order.order_ids else asked
    if number is None:
        raise NotAcceptedError(
            f"주문 {order.cl_ord_id} 의 증권사 번호를 아직 모릅니다. 접수를 확인한 뒤 보내세요.",
            f"The broker's number of order {order.cl_ord_id} is not known yet. Wait for it.",
        )
    return number


_decode_taken = msgspec.json.Decoder(OrderTaken).decode
