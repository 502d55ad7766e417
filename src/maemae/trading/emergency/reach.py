"""How far the emergency lane goes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique
from types import MappingProxyType
from typing import Final

from maemae.core.events import KillLevel
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import OrdType, Side, Term


@unique
class Reach(Term):
    """What the emergency lane does; each includes the ones before it."""

    NOTHING = "NOTHING"
    CANCEL_BUYS = "CANCEL_BUYS"  # no new risk; exits go on working
    CANCEL_ALL = "CANCEL_ALL"
    LIQUIDATE = "LIQUIDATE"  # sells what is left once nothing else works


_RANKS: Final = {reach: rank for rank, reach in enumerate(Reach)}

REACHES: Final[Mapping[KillLevel, Reach]] = MappingProxyType(
    {
        KillLevel.OFF: Reach.NOTHING,
        KillLevel.STOP_NEW: Reach.NOTHING,  # nothing has to be sent for it
        KillLevel.CANCEL_ALL: Reach.CANCEL_ALL,
        KillLevel.LIQUIDATE: Reach.LIQUIDATE,
    }
)


def farther(one: Reach, other: Reach) -> Reach:
    """Return the one that goes farther."""
    return max(one, other, key=_RANKS.__getitem__)


def must_go(order: StatedOrder, reach: Reach) -> bool:
    """
    Whether an order has to be canceled.

    A liquidation leaves working sales at market alone: they are what it would send itself.
    """
    if order.status is not StatedStatus.WORKING:
        return False
    match reach:
        case Reach.NOTHING:
            return False
        case Reach.CANCEL_BUYS:
            return order.side is Side.BUY
        case Reach.CANCEL_ALL:
            return True
        case Reach.LIQUIDATE:
            return not is_market_sale(order)


def is_market_sale(order: StatedOrder) -> bool:
    """Whether an order sells at whatever price there is."""
    return order.side is Side.SELL and order.ord_type is OrdType.MARKET
