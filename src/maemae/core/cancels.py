"""
Orders that a person wants gone: asked to cancel until they are.

A broker refuses a cancel while its link is down, above its rate, and where a replace has made
the number void. A kill switch that asks once has stopped nothing then.
"""

from __future__ import annotations

from typing import Final

from maemae.core.desk import Desk
from maemae.core.events import KillLevel
from maemae.core.exits import ask_to_cancel
from maemae.core.orders import send_cancel
from maemae.domain.ids import EXTERNAL_SLEEVE
from maemae.domain.order import Order
from maemae.domain.terms import Purpose, TradingState

CANCELS: Final = frozenset({KillLevel.CANCEL_ALL, KillLevel.LIQUIDATE})
"""Levels of the kill switch at which nothing goes on working."""


def adds_risk(order: Order) -> bool:
    """Whether an order of ours buys; what a person placed elsewhere is the person's."""
    return order.purpose is Purpose.NEW and order.sleeve_id != EXTERNAL_SLEEVE


def unwanted(desk: Desk) -> list[Order]:
    """Return the open orders that the kill switch, or trading that is not ACTIVE, wants gone."""
    state = desk.state
    if state.kill not in CANCELS and state.wanted_state is _ACTIVE:
        return []
    orders = (state.orders[number] for numbers in state.working.values() for number in numbers)
    return [order for order in orders if _is_unwanted(desk, order)]


def ask_again(desk: Desk) -> None:
    """Ask for every cancel that is wanted and not asked for, each once a second at most."""
    for order in unwanted(desk):
        ask_to_cancel(desk, order)


def follow_report(desk: Desk, before: Order) -> None:
    """
    Ask again for a cancel that a report on an open order has left undone.

    It was refused, or names a void number.

    A cancel that left for an old number is refused; the one for the new number goes at once.
    """
    order = desk.state.orders[before.cl_ord_id]
    is_unwanted = _is_unwanted(desk, order)
    if order.order_ids[-1:] != before.order_ids[-1:]:
        if is_unwanted or (before.requests and before.is_cancel_pending):
            send_cancel(desk, order)
    elif is_unwanted:
        ask_to_cancel(desk, order)


def _is_unwanted(desk: Desk, order: Order) -> bool:
    """
    Whether an open order is to be canceled, whoever asked for it first.

    The kill switch wants gone what it found when it was pressed, and so asked to cancel; exits
    that came later go on, and so does what a person placed elsewhere since. An order of an
    earlier day cannot be canceled any more.
    """
    state = desk.state
    is_unwanted = state.wanted_state is not _ACTIVE and adds_risk(order)
    if state.kill in CANCELS and order.purpose is not Purpose.LIQUIDATE:
        is_unwanted = is_unwanted or order.cancel_at >= 0 or adds_risk(order)
    return is_unwanted and not state.is_of_before(order)


_ACTIVE: Final = TradingState.ACTIVE
