"""Words and figures of trading as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.cli.screen import DOWN, QUIET, UP, WARNING
from maemae.domain.instant import kst_datetime
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import Side, TradingState
from maemae.domain.text import Text

SIDES: Final[Mapping[Side, Text]] = {
    Side.BUY: Text("매수", "buy"),
    Side.SELL: Text("매도", "sell"),
}

SIDE_STYLES: Final[Mapping[Side, str]] = {Side.BUY: UP, Side.SELL: DOWN}

STATUSES: Final[Mapping[OrderStatus, Text]] = {
    OrderStatus.PENDING_NEW: Text("접수 대기", "pending"),
    OrderStatus.UNKNOWN: Text("확인 중", "unknown"),
    OrderStatus.NEW: Text("접수", "working"),
    OrderStatus.PARTIALLY_FILLED: Text("일부 체결", "part filled"),
    OrderStatus.PENDING_REPLACE: Text("정정 대기", "replacing"),
    OrderStatus.PENDING_CANCEL: Text("취소 대기", "canceling"),
    OrderStatus.REJECTED: Text("거부", "rejected"),
    OrderStatus.EXPIRED: Text("만료", "expired"),
    OrderStatus.CANCELED: Text("취소됨", "canceled"),
    OrderStatus.FILLED: Text("전량 체결", "filled"),
}

STATUS_STYLES: Final[Mapping[OrderStatus, str]] = {
    OrderStatus.UNKNOWN: WARNING,
    OrderStatus.REJECTED: WARNING,
    OrderStatus.EXPIRED: QUIET,
    OrderStatus.CANCELED: QUIET,
}

STATES: Final[Mapping[TradingState, Text]] = {
    TradingState.ACTIVE: Text("거래 중", "active"),
    TradingState.REDUCING: Text("줄이기만", "reducing"),
    TradingState.HALTED: Text("멈춤", "halted"),
}


def clock(at: int) -> str:
    """Return the time of day in Korea of an instant [ns, UTC]."""
    return f"{kst_datetime(at):%H:%M:%S}"


def won_text(amount: int) -> Text:
    """Return a sum of money in full [won]."""
    return Text(f"{amount:,}원", f"₩{amount:,}")


def price_text(price: int | None) -> Text:
    """Return a limit price [won], or that the order is at market."""
    return Text("시장가", "market") if price is None else won_text(price)


def order_text(order: Order, called: str) -> Text:
    """Return an order in a few words, with what its instrument is called."""
    side, price = SIDES[order.side], price_text(order.price)
    return Text(
        f"#{order.cl_ord_id} {called} {side.ko} {order.order_qty:,}주 {price.ko}",
        f"#{order.cl_ord_id} {side.en} {order.order_qty:,} {called} at {price.en}",
    )
