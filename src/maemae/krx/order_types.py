"""
Which order an exchange takes in which phase; types and lives that maemae knows.

Source: KRX business regulations, English text in force April 2026; the KRX after-market and
Nextrade's pre and after-market from notices quoted by the press (limit orders high, immediate
lives medium confidence).
"""

from __future__ import annotations

from typing import Final

from maemae.domain.terms import OrdType, TimeInForce
from maemae.krx.session import Phase


def accepts(phase: Phase, ord_type: OrdType, time_in_force: TimeInForce) -> bool:
    """Return whether a new order is taken; during a halt only cancels are."""
    return (phase, ord_type, time_in_force) in _ACCEPTED


_IMMEDIATE: Final = (TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK)
_DAY_ONLY: Final = (TimeInForce.DAY,)
_BOTH: Final = (OrdType.LIMIT, OrdType.MARKET)
_LIMIT: Final = (OrdType.LIMIT,)

# Trading at the close knows close-price orders only, which maemae does not send.
_RULES: Final = {
    Phase.PRE_MARKET: (_LIMIT, _IMMEDIATE),
    Phase.PRE_OPEN_AUCTION: (_BOTH, _DAY_ONLY),
    Phase.CONTINUOUS: (_BOTH, _IMMEDIATE),
    Phase.CLOSING_AUCTION: (_BOTH, _DAY_ONLY),
    Phase.INTRADAY_AUCTION: (_BOTH, _DAY_ONLY),
    Phase.AFTER_HOURS_SINGLE: (_LIMIT, _DAY_ONLY),
    Phase.AFTER_MARKET: (_LIMIT, _IMMEDIATE),
}

_ACCEPTED: Final = frozenset(
    (phase, ord_type, life)
    for phase, (ord_types, lives) in _RULES.items()
    for ord_type in ord_types
    for life in lives
)
