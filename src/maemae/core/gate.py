"""
The one door between a wish to trade and a broker.

Whether a check applies is decided by the purpose of the order, in one table. Exits pass with
fewer checks than entries, and the kill switch with fewer still; what can be sold and what the
exchange takes is never bypassed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from maemae.core import checks
from maemae.core.desk import Desk
from maemae.core.entry_checks import ENTRY_CHECKS
from maemae.core.state import Sleeve
from maemae.domain.order import Order
from maemae.domain.refusal import Refusal
from maemae.domain.terms import OrdType, Purpose

Check = Callable[[Desk, Order, Sleeve], Refusal | None]

_ALWAYS: Final = (
    checks.mode,
    checks.phase,
    checks.instrument_state,
    checks.limit_named,
    checks.tick,
    checks.band,
    checks.quantity,
    checks.exchange_cap,
    checks.sellable,
    checks.self_trade,
)

CHECKS: Final[Mapping[Purpose, tuple[Check, ...]]] = {
    Purpose.NEW: (
        checks.kill,
        checks.active,
        checks.sleeve_running,
        *_ALWAYS,
        checks.collar,
        checks.fresh_price,
        checks.value,
        checks.cash,
        checks.position_count,
        checks.position_weight,
        checks.daily_loss,
        checks.order_rate,
        checks.orders_today,
        checks.repetition,
        checks.in_doubt,
    ),
    Purpose.REDUCE: (
        checks.not_halted,
        *_ALWAYS,
        checks.collar,
        checks.repetition,
    ),
    Purpose.LIQUIDATE: _ALWAYS,
}

_OF_A_PRICE: Final = frozenset({checks.limit_named, checks.tick, checks.band, checks.collar})

_UNPRICED: Final[Mapping[Purpose, tuple[Check, ...]]] = {
    purpose: tuple(check for check in row if check not in _OF_A_PRICE)
    for purpose, row in CHECKS.items()
}
"""The same without what only a limit order can fail."""


class Approved(msgspec.Struct, frozen=True, gc=False):
    """An order that passed; only the gate makes one, and only it is sent."""

    order: Order


class Refused(msgspec.Struct, frozen=True, gc=False):
    """An order that did not pass, with every reason and not just the first."""

    order: Order
    refusals: tuple[Refusal, ...]


def checks_of(order: Order, sleeve: Sleeve) -> tuple[Check, ...]:
    """Return the checks that apply to an order."""
    is_unpriced = order.ord_type is _MARKET and order.price is None
    row = (_UNPRICED if is_unpriced else CHECKS)[order.purpose]
    if (sleeve.cooling or sleeve.limits.entry is not None) and order.purpose is _NEW:
        return row + ENTRY_CHECKS
    return row


def decide(desk: Desk, order: Order, sleeve: Sleeve) -> Approved | Refused:
    """Return the order approved, or refused with all reasons."""
    answers = [check(desk, order, sleeve) for check in checks_of(order, sleeve)]
    refusals = tuple(filter(None, answers))
    return Refused(order, refusals) if refusals else Approved(order)


_MARKET: Final = OrdType.MARKET
_NEW: Final = Purpose.NEW
