"""An order as the exchange and the broker keep it, and what it traded."""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.domain.ids import ClOrdId, OrderId, Symbol
from maemae.domain.order import Order
from maemae.domain.terms import OrdType, Side, TimeInForce
from maemae.krx.instrument import Instrument
from maemae.venue.account import Account
from maemae.venue.tally import Tally


class WorkingOrder(msgspec.Struct, gc=False):
    """
    An order taken today.

    Attributes:
        cl_ord_id: The customer's tag; every answer carries it.
        instrument: As it stands today; its market and product decide the tax.
        is_immediate: Whether it lives for one print only (IOC, FOK).
        limit: Worst price it may fill at [won]; the price of its hold for a market buy, 0
            for a market sell.
        order_qty: Quantity asked for [shares], what is filled included.
        leaves_qty: Still able to fill [shares]; 0 once closed.
        rank: Place in its queue, lowest first; entry order decides between equals.
        tally: What its charges are cut down over.
        at: When it was entered [ns, UTC].
        is_all_or_none: Whether it fills in one piece or not at all (FOK).
        order_id: The broker's number, empty until accepted; a replace gives a new one.
        ahead: Shares of others before it at its price; None where only a price beyond its limit
            fills it. Only where single trades are replayed.
    """

    cl_ord_id: ClOrdId
    account: Account
    instrument: Instrument
    symbol: Symbol
    side: Side
    is_market: bool
    is_immediate: bool
    limit: int
    order_qty: int
    leaves_qty: int
    rank: int
    tally: Tally
    at: int
    is_all_or_none: bool
    order_id: OrderId = OrderId("")
    ahead: int | None = 0

    def reprice(self, limit: int) -> None:
        """Give a limit order another limit [won] and the rank that follows."""
        self.limit = limit
        self.rank = -limit if self.side is _BUY else limit


class Match(msgspec.Struct, frozen=True, gc=False):
    """Shares of one order that traded, and their price [won]."""

    order: WorkingOrder
    qty: int
    px: int


def working_order(
    order: Order, instrument: Instrument, account: Account, limit: int, tally: Tally, at: int
) -> WorkingOrder:
    """Return an order as it starts its life at the exchange; `limit` as in WorkingOrder."""
    is_market = order.ord_type is _MARKET
    by_price = -limit if order.side is _BUY else limit
    life = order.time_in_force
    qty = order.order_qty
    return WorkingOrder(
        order.cl_ord_id,
        account,
        instrument,
        order.symbol,
        order.side,
        is_market,
        life is not _DAY,
        limit,
        qty,
        qty,
        _BEFORE_ALL_LIMITS if is_market else by_price,
        tally,
        at,
        life is _FOK,
    )


_BEFORE_ALL_LIMITS: Final = -(10**15)

_BUY: Final = Side.BUY
_MARKET: Final = OrdType.MARKET
_DAY: Final = TimeInForce.DAY
_FOK: Final = TimeInForce.FOK
