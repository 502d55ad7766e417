"""
The checks of the risk gate, one function each: a candidate order in, a refusal or None out.

Each reads the live ledger or the market view. Which apply to which purpose is the table in
`maemae.core.gate`.
"""

from __future__ import annotations

from typing import Final

from maemae.core.desk import Desk
from maemae.core.events import KillLevel
from maemae.core.state import Sleeve
from maemae.core.usage import session_loss
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Cause, Mode, OrdType, Purpose, Side, TradingState
from maemae.krx.order_types import accepts
from maemae.krx.status import Permission


def kill(desk: Desk, _order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse while the kill switch is on."""
    return Refusal(Reason.KILLED) if desk.state.kill is not _OFF else None


def active(desk: Desk, _order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse new risk unless trading is ACTIVE."""
    if desk.state.trading_state is _ACTIVE:
        return None
    if desk.state.trading_state is TradingState.REDUCING:
        return Refusal(Reason.REDUCE_ONLY)
    return not_halted(desk, _order, _sleeve)


def not_halted(desk: Desk, _order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse while trading is HALTED."""
    if desk.state.trading_state is _HALTED:
        return Refusal(Reason.TRADING_HALTED)
    return None


def sleeve_running(_desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse while the sleeve is halted."""
    return Refusal(Reason.SLEEVE_HALTED) if sleeve.halted else None


def mode(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """
    Refuse a real order of an account that is not armed.

    When an arming has run out, exits go on: nobody stays without a stop.
    """
    if desk.config.mode is not _REAL:
        return None
    until = desk.state.armed.get(order.account_id)
    if until is None or (order.purpose is _NEW and desk.now >= until):
        return Refusal(Reason.REAL_NOT_ARMED)
    return None


def phase(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse what the exchange does not take now."""
    if accepts(desk.market.phase, order.ord_type, order.time_in_force):
        return None
    return Refusal(Reason.PHASE_REFUSES_TYPE)


def instrument_state(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """
    Refuse an instrument whose state of today is unknown or forbids the side.

    Where the account's shares do not add up, nothing new is bought.
    """
    told = desk.market.instruments.get(order.symbol)
    if told is None or told.session_date != desk.state.session_date:
        return Refusal(Reason.NO_INSTRUMENT_STATE)
    is_new = order.purpose is _NEW
    if is_new and desk.state.is_quarantined(order.account_id, order.symbol):
        return Refusal(Reason.INSTRUMENT_BLOCKED)
    if not told.states:
        return None
    answer = desk.market.permission(order.symbol, order.side)
    if answer is Permission.MANUAL_ONLY and order.cause is Cause.PERSON:
        return None
    if answer in {Permission.ALLOW, Permission.WARN}:
        return None
    return Refusal(Reason.INSTRUMENT_BLOCKED)


def limit_named(_desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse a limit order without a limit: its bound had no last price to start from."""
    unnamed = order.ord_type is _LIMIT and order.price is None
    return Refusal(Reason.NO_PRICE) if unnamed else None


def tick(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse a price between ticks."""
    table = desk.market.ticks.get(order.symbol)
    if order.price is None or table is None or table.is_on_grid(order.price):
        return None
    return Refusal(Reason.OFF_TICK, order.price, table.tick(order.price) if order.price > 0 else 1)


def band(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse a price beyond today's limits."""
    told = desk.market.instruments.get(order.symbol)
    if order.price is None or told is None or told.band is None:
        return None
    if order.price > told.band.upper:
        return Refusal(Reason.OUTSIDE_BAND, order.price, told.band.upper)
    if order.price < told.band.lower:
        return Refusal(Reason.OUTSIDE_BAND, order.price, told.band.lower)
    return None


def collar(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse a limit price that gives away more than the collar, or is no price at all."""
    if order.price is None:
        return None
    last = desk.market.prices.get(order.symbol)
    if last is None:
        return Refusal(Reason.NO_PRICE)
    room = last * sleeve.limits.collar // MILLION
    if order.side is Side.BUY and order.price > last + room:
        return Refusal(Reason.OUTSIDE_COLLAR, order.price, last + room)
    if order.side is Side.SELL and order.price < last - room:
        return Refusal(Reason.OUTSIDE_COLLAR, order.price, last - room)
    return Refusal(Reason.OUTSIDE_COLLAR, order.price, 1) if order.price < 1 else None


def fresh_price(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse without a recent price."""
    priced_at = desk.market.priced_at.get(order.symbol)
    if priced_at is None:
        return Refusal(Reason.NO_PRICE)
    age = desk.now - priced_at
    # In an auction nothing has traded yet: the last price of the session before is the newest.
    if age <= sleeve.limits.max_price_age or desk.market.is_auction:
        return None
    return Refusal(Reason.STALE_PRICE, age // SECOND, sleeve.limits.max_price_age // SECOND)


def quantity(_desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse less than one share."""
    return Refusal(Reason.QTY_NOT_POSITIVE, order.order_qty, 1) if order.order_qty < 1 else None


def exchange_cap(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse more than the exchange takes in one order."""
    cap = desk.market.order_cap(order.symbol)
    if cap is None or order.order_qty <= cap:
        return None
    return Refusal(Reason.QTY_ABOVE_EXCHANGE_CAP, order.order_qty, cap)


def value(_desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse an order worth more than the sleeve may send."""
    worth = order.order_qty * order.reserve_px
    limit = sleeve.limits.max_order_value
    return Refusal(Reason.VALUE_ABOVE_LIMIT, worth, limit) if worth > limit else None


def cash(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse a buy that the sleeve's cash does not cover at worst."""
    if order.side is _SELL:
        return None
    standing = desk.state.orders.get(order.cl_ord_id)  # the order itself, when it is replaced
    needed, orderable = order.reserved_cash, sleeve.orderable - desk.config.cash_spare
    if standing is not None:
        orderable += standing.reserved_cash
    return Refusal(Reason.NOT_ENOUGH_CASH, needed, orderable) if needed > orderable else None


def sellable(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse a sale of more than is held and not already being sold."""
    if order.side is _BUY:
        return None
    most = desk.state.sellable(sleeve, order.symbol)
    standing = desk.state.orders.get(order.cl_ord_id)
    if standing is not None:
        most += standing.reserved_qty
    if order.order_qty <= most:
        return None
    return Refusal(Reason.NOT_ENOUGH_SELLABLE, order.order_qty, most)


def position_count(_desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse one instrument too many, open buys counted."""
    held, buying = sleeve.positions, sleeve.buying
    if order.symbol in held or order.symbol in buying:
        return None
    limit = sleeve.limits.max_positions
    if len(held) + len(buying) < limit:
        return None
    count = len(held.keys() | buying.keys()) + 1
    return Refusal(Reason.TOO_MANY_POSITIONS, count, limit) if count > limit else None


def position_weight(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse a position that would outgrow its share of equity, open buys counted."""
    limit = sleeve.limits.max_position_weight
    if limit >= MILLION:
        return None
    equity, price = desk.market.equity(sleeve), desk.market.prices.get(order.symbol)
    if equity is None or price is None:
        return Refusal(Reason.NO_PRICE)
    held = sleeve.positions.get(order.symbol)
    qty = order.order_qty if held is None else held.qty + order.order_qty
    for number in desk.state.working.get(order.symbol, ()):
        other = desk.state.orders[number]
        if number == order.cl_ord_id or other.side is Side.SELL:
            continue
        if (other.account_id, other.sleeve_id) == (order.account_id, order.sleeve_id):
            qty += other.reserved_qty
    worth = qty * price
    if worth * MILLION <= limit * equity:
        return None
    weight = worth * MILLION // equity if equity > 0 else MILLION
    return Refusal(Reason.POSITION_TOO_HEAVY, weight, limit)


def daily_loss(desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse new risk once the session's loss, flows left out, has reached the limit."""
    limit = sleeve.limits.max_daily_loss
    if limit is None:
        return None
    loss = session_loss(desk.market, sleeve)
    if loss is None:
        return Refusal(Reason.NO_PRICE)
    return Refusal(Reason.DAILY_LOSS, loss, limit) if loss >= limit else None


def order_rate(desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse more orders within a second than the sleeve may send."""
    limit, sent_at = sleeve.limits.max_orders_per_sec, sleeve.sent_at
    if limit > 0 and (len(sent_at) < limit or desk.now - sent_at[-limit] >= SECOND):
        return None
    return Refusal(Reason.ORDER_RATE, limit + 1, limit)


def orders_today(_desk: Desk, _order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse more orders in a session than the sleeve may send."""
    limit = sleeve.limits.max_orders_per_day
    if sleeve.orders_today < limit:
        return None
    return Refusal(Reason.TOO_MANY_ORDERS_TODAY, sleeve.orders_today + 1, limit)


def repetition(desk: Desk, order: Order, sleeve: Sleeve) -> Refusal | None:
    """Refuse the same order again and again: a loop, not a plan."""
    last = sleeve.repetitions.get(order.symbol)
    if last is None or last.count < sleeve.limits.max_repeats:
        return None
    same = (last.side, last.order_qty, last.price) == (order.side, order.order_qty, order.price)
    if not same or desk.now - last.first_at >= SECOND:
        return None
    return Refusal(Reason.REPEATED_ORDER, last.count + 1, sleeve.limits.max_repeats)


def self_trade(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse an order that could meet another of the owner's, in any account or sleeve."""
    for number in desk.state.working.get(order.symbol, ()):
        other = desk.state.orders[number]
        if other.side is order.side:
            continue
        if order.purpose is not Purpose.NEW and desk.state.is_in_doubt(other):
            continue  # an exit does not wait for what may not exist
        if order.ord_type is OrdType.MARKET or other.ord_type is OrdType.MARKET:
            return Refusal(Reason.SELF_TRADE, number)
        buy, sell = (order, other) if order.side is Side.BUY else (other, order)
        if _highest(buy) >= _lowest(sell):
            return Refusal(Reason.SELF_TRADE, number)
    return None


def _highest(buy: Order) -> int:
    """Return the highest price the buy stands at, or may stand at soon [won]."""
    return max((buy.price or 0, *(request.price for request in buy.requests)))


def _lowest(sell: Order) -> int:
    """Return the lowest price the sell stands at, or may stand at soon [won]."""
    asked = [request.price for request in sell.requests if request.price]
    return min((sell.price or 0, *asked))


def in_doubt(desk: Desk, order: Order, _sleeve: Sleeve) -> Refusal | None:
    """Refuse while an order of the same instrument and side may or may not exist."""
    for number in desk.state.working.get(order.symbol, ()):
        other = desk.state.orders[number]
        doubtful = other.standing is OrderStatus.UNKNOWN
        if doubtful and other.side is order.side and other.account_id == order.account_id:
            return Refusal(Reason.ORDER_IN_DOUBT, number)
    return None


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_LIMIT: Final = OrdType.LIMIT
_NEW: Final = Purpose.NEW
_REAL: Final = Mode.REAL
_OFF: Final = KillLevel.OFF
_ACTIVE: Final = TradingState.ACTIVE
_HALTED: Final = TradingState.HALTED
