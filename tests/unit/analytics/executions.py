"""Builds fills and trades for the tests of figures; every argument is optional."""

from __future__ import annotations

from maemae.analytics.costs import Execution
from maemae.analytics.trades import RoundTrip
from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.instant import DAY
from maemae.domain.terms import Side

SLEEVE = SleeveId("S")


def an_execution(
    side: Side = Side.BUY,
    *,
    qty: int = 10,
    px: int = 1_000,
    seen: int = 1_000,
    opening: int = 0,
    commission: int = 0,
    tax: int = 0,
    volume: int = 1_000,
    at: int = 0,
    symbol: str = "000010",
    sleeve: str = SLEEVE,
) -> Execution:
    return Execution(
        SleeveId(sleeve),
        Symbol(symbol),
        side,
        qty,
        px,
        seen,
        opening,
        commission,
        tax,
        volume,
        at,
    )


def a_trip(
    pnl: int = 100,
    *,
    opened_at: int = 0,
    closed_at: int = DAY,
    symbol: str = "000010",
    sleeve: str = SLEEVE,
) -> RoundTrip:
    return RoundTrip(
        SleeveId(sleeve),
        Symbol(symbol),
        opened_at,
        closed_at,
        10,
        10_000,
        10_000 + pnl,
        0,
        0,
        pnl,
        "SIGNAL",
    )
