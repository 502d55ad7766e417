"""
What a Korean broker checks before it takes an order; the answer is its sentence, or None.

As at a broker only the first reason is given, and the customer's own risk rules are no
business of it.

Source: KRX business regulations, English text in force April 2026 (tick, band, size cap,
phases; during a halt only cancels; no market order before a listing's first print).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.domain.order import Order
from maemae.domain.terms import OrdType, TimeInForce
from maemae.domain.text import Text
from maemae.krx.order_types import accepts
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from maemae.venue.listing import Listing
from maemae.venue.working_order import WorkingOrder


def order_refusal(order: Order, listing: Listing, phase: Phase, day: date) -> Text | None:
    """Return why an order is not taken, before money and shares are looked at."""
    if order.order_qty < 1:
        return Text("주문 수량은 1주 이상이어야 합니다.", "The quantity must be at least 1 share.")
    if not listing.holds_on(day):
        return NO_LISTING
    if (order.price is None) is not (order.ord_type is _MARKET):
        return Text(
            "가격은 지정가 주문에만, 그리고 반드시 있어야 합니다.",
            "A limit order needs a price and a market order takes none.",
        )
    return (
        state_refusal(listing, phase, order.ord_type, order.time_in_force)
        or (None if order.price is None else price_refusal(listing, order.price))
        or size_refusal(listing, order.order_qty)
    )


def replace_refusal(
    order: WorkingOrder, listing: Listing, phase: Phase, price: int, order_qty: int
) -> Text | None:
    """Return why a working order cannot be changed so, before money and shares."""
    cum_qty = order.order_qty - order.leaves_qty
    if order.is_market or order.is_immediate:
        return Text(
            "지정가 당일 주문만 정정할 수 있습니다.", "Only a limit order of the day changes."
        )
    if order_qty <= cum_qty:
        return Text(
            f"정정 수량은 이미 체결된 {cum_qty}주보다 많아야 합니다.",
            f"The new quantity must exceed the {cum_qty} shares already filled.",
        )
    if price == order.limit and order_qty == order.order_qty:
        return Text("정정할 내용이 없습니다.", "The replacement changes nothing.")
    return (
        state_refusal(listing, phase, OrdType.LIMIT, TimeInForce.DAY)
        or price_refusal(listing, price)
        or size_refusal(listing, order_qty)
    )


def state_refusal(
    listing: Listing, phase: Phase, ord_type: OrdType, time_in_force: TimeInForce
) -> Text | None:
    """Return why the phase or the instrument's state refuses that kind of order."""
    if listing.states:
        if listing.is_halted:
            return Text("거래가 정지된 종목입니다.", "The instrument is halted.")
        phase = listing.phase_in(phase)
        if (
            phase is Phase.PRE_OPEN_AUCTION
            and ord_type is OrdType.MARKET
            and InstrumentState.LISTING_DAY in listing.states
        ):
            return Text(
                "신규상장일에는 첫 체결 전 시장가 주문을 받지 않습니다.",
                "No market order is taken before the first print of a listing day.",
            )
    if not accepts(phase, ord_type, time_in_force):
        return Text(
            f"지금({phase})은 {ord_type} {time_in_force} 주문을 받지 않습니다.",
            f"{phase} takes no order {ord_type} {time_in_force}.",
        )
    return None


def price_refusal(listing: Listing, price: int) -> Text | None:
    """Return why a limit price [won] is not one of the day."""
    if price < 1:
        return Text("주문 가격은 1원 이상이어야 합니다.", "The price must be at least 1 won.")
    table, band = listing.table, listing.band
    if table is not None and not table.is_on_grid(price):
        return Text(f"{price:,}원은 호가 단위에 맞지 않습니다.", f"{price:,} won is off the tick.")
    if band is not None and price not in band:
        return Text(
            f"{price:,}원은 상·하한가({band.lower:,}~{band.upper:,}원)를 벗어납니다.",
            f"{price:,} won lies outside the price limits {band.lower:,} to {band.upper:,}.",
        )
    return None


def size_refusal(listing: Listing, order_qty: int) -> Text | None:
    """Return why a quantity [shares] is too big for one order."""
    if 0 < listing.max_qty < order_qty:
        return Text(
            f"1회 주문 한도 {listing.max_qty:,}주를 넘습니다.",
            f"The cap of one order is {listing.max_qty:,} shares.",
        )
    return None


def cash_refusal(needed: int, orderable: int) -> Text | None:
    """Return why cash does not cover an order [won]."""
    if needed > orderable:
        return Text(
            f"증거금 부족: {needed:,}원이 필요하고 주문 가능 금액은 {orderable:,}원입니다.",
            f"Not enough cash: {needed:,} won needed, {orderable:,} won orderable.",
        )
    return None


def shares_refusal(needed: int, sellable: int) -> Text | None:
    """Return why holdings do not cover a sale [shares]."""
    if needed > sellable:
        return Text(
            f"매도 가능 수량 부족: {needed:,}주를 팔려 하지만 {sellable:,}주만 가능합니다.",
            f"Not enough shares: {needed:,} to be sold, {sellable:,} sellable.",
        )
    return None


UNKNOWN_ACCOUNT: Final = Text("없는 계좌입니다.", "No such account.")
UNKNOWN_ORDER: Final = Text("오늘 접수된 주문이 아닙니다.", "No such order was accepted today.")
ORDER_CLOSED: Final = Text("이미 종결된 주문입니다.", "The order is already closed.")
NO_HOLD_PRICE: Final = Text(
    "기준이 될 가격이 없어 시장가 매수 증거금을 정할 수 없습니다.",
    "No price is known to hold cash for a market buy at.",
)

NO_LISTING: Final = Text(
    "오늘의 종목 정보가 없습니다.", "Nothing is known of the instrument today."
)

_MARKET: Final = OrdType.MARKET
