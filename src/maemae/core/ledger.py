"""From a fill to what it does to cash, cost and profit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec.structs import replace

from maemae.core.actions import AlarmCode, FillBooked, SleeveStateChanged, about_order
from maemae.core.desk import Desk
from maemae.core.fold import turnover_key
from maemae.core.sharing import Parts, divide, follow_sale, parts_of
from maemae.core.state import Sleeve
from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.ids import EXTERNAL_SLEEVE
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.position import Position
from maemae.domain.terms import Side
from maemae.krx.calendar import settlement_date
from maemae.krx.costs import Rounding
from maemae.krx.instrument import Instrument

_EMPTY = Position()

_BUY: Final = Side.BUY
_PER_ORDER: Final = Rounding.PER_ORDER


def price_fill(desk: Desk, order: Order, parts: Parts, px: int, at: int) -> list[FillBooked]:
    """
    Return what one fill does to the books: charges, cost, profit and the day its cash settles.

    Args:
        desk: The book.
        order: The order before the fill; its notional tells the charges already taken.
        parts: In which sleeves it is booked, with how many shares of each.
        px: Price [won].
        at: When it traded [ns, UTC]; a late report still settles by its own day.

    Raises:
        InvalidValueError: A sale of an instrument that nobody has described.
        UnknownRuleError: The day lies outside the known calendar.
    """
    charged = _charged_before(desk, order)
    return _price(desk, order, parts, px, at, charged, is_taken_back=False)


def book(desk: Desk, order: Order, bookings: Iterable[FillBooked]) -> None:
    """Book a fill; shares gone that were not there stop the sleeve."""
    for booked in bookings:
        sleeve = desk.state.get_sleeve(booked.account_id, booked.sleeve_id)
        was_overdrawn = sleeve.cash < 0
        desk.do(booked)
        held = sleeve.positions.get(order.symbol, _EMPTY)
        if held.qty >= 0 and sleeve.cash >= 0:
            continue
        is_overdrawn = order.sleeve_id == EXTERNAL_SLEEVE and sleeve.cash < 0 and not was_overdrawn
        if (held.qty < 0 or is_overdrawn) and not desk.state.is_stated(order.account_id):
            continue  # what the account had before is not known yet
        if held.qty < 0:
            _halt(desk, order, sleeve, AlarmCode.OVERSOLD, f"{order.symbol} {held.qty}")
        if is_overdrawn:
            desk.do(about_order(AlarmCode.OVERDRAWN, order, f"{sleeve.cash}", desk.now))


def book_revision(desk: Desk, before: Order, after: Order, at: int) -> list[FillBooked]:
    """
    Book what the exchange took back or changed: the old fill's opposite, then the new fill.

    Returns:
        The bookings in order.
    """
    done: list[FillBooked] = []
    olds = {fill.exec_id: fill for fill in before.fills}
    order = before
    for fill in after.fills:
        old = olds.get(fill.exec_id)
        if old is not None and (old.qty, old.px) == (fill.qty, fill.px):
            continue
        taken: Parts = ()
        if old is not None and old.qty:
            taken = parts_of(desk.state, order, old)
            opposite = _price_opposite(desk, order, taken, old.px, at)
            book(desk, order, opposite)
            done += opposite
            order = replace(order, notional=order.notional - old.qty * old.px)
        parts = divide(desk.state, order, fill.qty, taken) if fill.qty else ()
        bookings = price_fill(desk, order, parts, fill.px, at)
        book(desk, order, bookings)
        done += bookings
        follow_sale(desk, order, fill.exec_id, parts, taken)
    return done


def require_instrument(desk: Desk, order: Order) -> Instrument:
    """
    Return the instrument of an order; its market and product decide the tax.

    Raises:
        InvalidValueError: Nobody has described it since the start.
    """
    told = desk.market.instruments.get(order.symbol)
    if told is None:
        raise InvalidValueError(
            f"{order.symbol} 의 종목 정보를 모릅니다. 체결 통보보다 먼저 종목 정보를 알려 주세요.",
            f"{order.symbol} has not been described. Tell its instrument before its reports.",
        )
    return told.instrument


def expected_charges(desk: Desk, order: Order, notional: int) -> tuple[int, int] | None:
    """
    Return commission and tax of an order, were it filled for that notional at once [won].

    None while that cannot be known: nobody has described the instrument, or the day lies
    outside of the known rates.
    """
    if order.side is not _BUY and order.symbol not in desk.market.instruments:
        return None
    try:
        return _charges(desk, order, _charged_before(desk, order), notional, kst_date(desk.now))
    except UnknownRuleError:
        return None


def _price_opposite(desk: Desk, order: Order, parts: Parts, px: int, at: int) -> list[FillBooked]:
    """Return a fill taken back; its charges come back as the order's charges without it."""
    notional = sum(qty for _, qty in parts) * px
    rest = max(0, _charged_before(desk, order) - notional)
    return _price(desk, order, parts, px, at, rest, is_taken_back=True)


def _price(
    desk: Desk,
    order: Order,
    parts: Parts,
    px: int,
    at: int,
    charged: int,
    *,
    is_taken_back: bool,
) -> list[FillBooked]:
    """
    Return the bookings of a fill, or of its opposite, in every sleeve that has a part in it.

    The broker cuts the charges of the whole fill down once; so do the parts together.
    """
    trade_date = kst_date(at)
    settles, sign = settlement_date(trade_date), -1 if is_taken_back else 1
    comes = (order.side is _BUY) is not is_taken_back
    bookings = []
    notional = commission_before = tax_before = 0
    for sleeve_id, qty in parts:
        notional += qty * px
        commission_so_far, tax_so_far = _charges(desk, order, charged, notional, trade_date)
        commission = sign * (commission_so_far - commission_before)
        tax = sign * (tax_so_far - tax_before)
        commission_before, tax_before = commission_so_far, tax_so_far
        sleeve = desk.state.get_sleeve(order.account_id, sleeve_id)
        held = sleeve.positions.get(order.symbol, _EMPTY)
        cost, profit = held.bought(qty, px) if comes else held.sold(qty, px)
        bookings.append(
            FillBooked(
                order.cl_ord_id,
                order.account_id,
                sleeve_id,
                order.symbol,
                qty if comes else -qty,
                px,
                commission,
                tax,
                cost,
                profit - commission - tax,
                settles,
                at,
                order.side,
                order.cause,
            )
        )
    return bookings


def _charges(
    desk: Desk, order: Order, charged: int, notional: int, trade_date: date
) -> tuple[int, int]:
    """Return the commission and the tax that a notional adds to what was charged [won]."""
    schedule = desk.config.schedules[order.account_id]
    commission = schedule.charge_for_fill(charged, notional)
    if order.side is _BUY:
        return commission, 0
    instrument = require_instrument(desk, order)
    return commission, schedule.tax_for_fill(charged, notional, instrument, trade_date)


def _charged_before(desk: Desk, order: Order) -> int:
    """Return the notional on which charges were cut down already [won]."""
    rounding = desk.config.schedules[order.account_id].rounding
    if rounding is _PER_ORDER:
        return order.notional
    if rounding is Rounding.PER_DAY:
        key = turnover_key(order.account_id, order.symbol, order.side)
        return desk.state.turnover.get(key, 0)
    return 0


def _halt(desk: Desk, order: Order, sleeve: Sleeve, code: AlarmCode, detail: str) -> None:
    """
    Alarm and stop the sleeve: the books are right, the world is not.

    What a person does elsewhere cannot be stopped from here.
    """
    desk.do(about_order(code, order, detail, desk.now))
    if sleeve.sleeve_id != EXTERNAL_SLEEVE:
        desk.do(SleeveStateChanged(order.account_id, sleeve.sleeve_id, halted=True, reason=code))


def halt_overfilled(desk: Desk, order: Order) -> None:
    """Record that the broker filled more than was asked for, and stop the sleeve."""
    sleeve = desk.state.get_sleeve(order.account_id, order.sleeve_id)
    _halt(desk, order, sleeve, AlarmCode.OVERFILL, f"{order.cum_qty}/{order.order_qty}")
