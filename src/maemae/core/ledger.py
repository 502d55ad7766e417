"""From a fill to what it does to cash, cost and profit."""

from __future__ import annotations

from maemae.core.actions import AlarmCode, AlarmRaised, FillBooked, SleeveStateChanged
from maemae.core.desk import Desk
from maemae.core.fold import turnover_key
from maemae.domain.instant import kst_date
from maemae.domain.order import Fill, Order
from maemae.domain.position import Position
from maemae.domain.terms import Side
from maemae.krx.calendar import settlement_date
from maemae.krx.costs import Rounding

_EMPTY = Position()


def book_fill(desk: Desk, before: Order, qty: int, px: int, at: int) -> None:
    """
    Book one fill of an order: charges, cost, profit and the day its cash settles.

    Args:
        desk: The book.
        before: The order before the fill; its notional tells the charges already taken.
        qty: Shares [> 0].
        px: Price [won].
        at: When it traded [ns, UTC]; a late report still settles by its own day.
    """
    trade_date = kst_date(at)
    schedule = desk.config.schedules[before.account_id]
    basis = _charged_before(desk, before, schedule.rounding)
    commission = schedule.charge_for_fill(basis, qty * px)
    sleeve = desk.state.get_sleeve(before.account_id, before.sleeve_id)
    held = sleeve.positions.get(before.symbol, _EMPTY)
    tax = 0
    if before.side is Side.BUY:
        signed, (cost, profit) = qty, held.bought(qty, px)
    else:
        signed, (cost, profit) = -qty, held.sold(qty, px)
        told = desk.market.instruments[before.symbol]
        tax = schedule.tax_for_fill(basis, qty * px, told.instrument, trade_date)
    desk.do(
        FillBooked(
            before.cl_ord_id,
            before.account_id,
            before.sleeve_id,
            before.symbol,
            signed,
            px,
            commission,
            tax,
            cost,
            profit - commission - tax,
            settlement_date(trade_date),
            at,
        )
    )
    if held.qty + signed < 0:
        _halt(desk, before, AlarmCode.OVERSOLD, f"{before.symbol} {held.qty + signed}")


def book_revision(desk: Desk, before: Order, after: Order, at: int) -> None:
    """Book what the exchange took back or changed: the old fill's opposite, then the new fill."""
    olds = {fill.exec_id: fill for fill in before.fills}
    for fill in after.fills:
        old = olds.get(fill.exec_id)
        if old is None or (old.qty, old.px) == (fill.qty, fill.px):
            continue
        if old.qty:
            _book_opposite(desk, before, old, at)
        if fill.qty:
            book_fill(desk, before, fill.qty, fill.px, at)


def _book_opposite(desk: Desk, order: Order, fill: Fill, at: int) -> None:
    """Take a fill back; its charges come back as the order's charges without it."""
    schedule = desk.config.schedules[order.account_id]
    notional = fill.qty * fill.px
    rest = max(0, _charged_before(desk, order, schedule.rounding) - notional)
    commission = schedule.charge_for_fill(rest, notional)
    sleeve = desk.state.get_sleeve(order.account_id, order.sleeve_id)
    held = sleeve.positions.get(order.symbol, _EMPTY)
    tax = 0
    if order.side is Side.BUY:
        signed, (cost, profit) = -fill.qty, held.sold(fill.qty, fill.px)
    else:
        signed, (cost, profit) = fill.qty, held.bought(fill.qty, fill.px)
        told = desk.market.instruments[order.symbol]
        tax = schedule.tax_for_fill(rest, notional, told.instrument, kst_date(at))
    desk.do(
        FillBooked(
            order.cl_ord_id,
            order.account_id,
            order.sleeve_id,
            order.symbol,
            signed,
            fill.px,
            -commission,
            -tax,
            cost,
            profit + commission + tax,
            settlement_date(kst_date(at)),
            at,
        )
    )
    if held.qty + signed < 0:
        _halt(desk, order, AlarmCode.OVERSOLD, f"{order.symbol} {held.qty + signed}")


def _charged_before(desk: Desk, order: Order, rounding: Rounding) -> int:
    """Return the notional on which charges were cut down already [won]."""
    if rounding is Rounding.PER_DAY:
        key = turnover_key(order.account_id, order.symbol, order.side)
        return desk.state.turnover.get(key, 0)
    return order.notional if rounding is Rounding.PER_ORDER else 0


def _halt(desk: Desk, order: Order, code: AlarmCode, detail: str) -> None:
    """Alarm and stop the sleeve: the books are right, the world is not."""
    desk.do(AlarmRaised(code, order.cl_ord_id, detail, desk.now))
    desk.do(SleeveStateChanged(order.account_id, order.sleeve_id, halted=True, reason=code))


def halt_overfilled(desk: Desk, order: Order) -> None:
    """Record that the broker filled more than was asked for, and stop the sleeve."""
    _halt(desk, order, AlarmCode.OVERFILL, f"{order.cum_qty}/{order.order_qty}")
