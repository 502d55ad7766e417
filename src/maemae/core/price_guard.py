"""
Which prints are believed, and when the lack of them is a danger.

A print that can hardly be true neither fires a stop nor sizes an order: a second source, or
prints near it that go on for a while, confirm it. A guard whose instrument shows no prices
while it ought to trade is blind, and a person is told. A print after the beginning of a
volatility interruption shows that it is over, as does time.

Nor does a print tell the time: one stamped ahead of the executor's own clock counts as of now.

Ticks are no measure of a print: trades may lie between them since mid-price orders exist
(`maemae.krx.tick`).
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from maemae.core.actions import (
    AlarmCode,
    AlarmRaised,
    PriceDoubted,
    ProtectionBlinded,
    ProtectionSighted,
)
from maemae.core.config import PriceGuard
from maemae.core.desk import Desk
from maemae.core.events import Event, InstrumentUpdated, PriceUpdated
from maemae.core.exits import may_go
from maemae.core.market import Doubt
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import (
    MILLION,
    CancelIntent,
    OrderIntent,
    ParentIntent,
    ReplaceIntent,
    TargetWeights,
    WithdrawIntent,
)
from maemae.krx.session import Phase


def on_our_clock(desk: Desk, guard: PriceGuard, event: Event) -> Event:
    """
    Return an event, stamped with our own time if its stamp lies too far ahead of that.

    Stamps of the feed, and of strategies that it wakes, tell no time by themselves: a single
    one from the future would make every later print old, and all that waits due.
    """
    if not isinstance(event, _HEARSAY):
        desk.told_at = max(desk.told_at, event.at)
    elif event.at > desk.told_at + guard.ahead:
        if isinstance(event, ParentIntent):
            return replace(event, order=replace(event.order, at=desk.told_at))
        return replace(event, at=desk.told_at)
    return event


def believes(desk: Desk, guard: PriceGuard, event: PriceUpdated) -> bool:
    """Judge a print that is not older than the last, and remember it if it is in doubt."""
    market, symbol = desk.market, event.symbol
    doubt = market.doubts.get(symbol)
    if not event.is_confirmed and _is_suspect(desk, guard, event):
        goes_on = doubt is not None and _is_near(guard, doubt.price, event.price)
        since = doubt.since if doubt is not None and goes_on else event.at
        if not goes_on or event.at - since < guard.confirm_after:
            market.doubts[symbol] = Doubt(event.price, since)
            return False
    if doubt is not None:
        del market.doubts[symbol]
    # A second source says what holds now, however long ago it traded.
    market.sighted_at[symbol] = desk.now if event.is_confirmed else event.at
    began = market.interrupted.get(symbol)
    if began is not None and event.at >= began + SECOND:  # stamps may be of whole seconds
        market.end_interruption(symbol)
    return True


def tell_doubt(desk: Desk, event: PriceUpdated) -> None:
    """Say that a print is not believed; told when a doubt begins."""
    last = desk.market.prices.get(event.symbol, 0)
    desk.do(PriceDoubted(event.symbol, event.price, last, event.at))


def tell_sight(desk: Desk, symbol: Symbol) -> None:
    """Say that prices have returned to a guard that was blind."""
    if symbol in desk.state.blinded:
        desk.do(ProtectionSighted(symbol, desk.now))


def check_sight(desk: Desk) -> None:
    """Page for every guard that has become blind, once."""
    for symbol in tuple(desk.state.guarded):
        blind_at = goes_blind_at(desk, symbol)
        if blind_at is not None and desk.now >= blind_at:
            desk.do(ProtectionBlinded(symbol, desk.now))
            desk.do(AlarmRaised(AlarmCode.BLIND, symbol, desk.now, symbol=symbol))


def goes_blind_at(desk: Desk, symbol: Symbol) -> int | None:
    """Return when a guard will be blind without another print [ns]; None if it ought not to."""
    guard, market = desk.config.price_guard, desk.market
    if guard is None or market.phase is not Phase.CONTINUOUS or symbol in desk.state.blinded:
        return None
    if not may_go(desk, symbol):
        return None  # halted, or in an interruption of its own: nothing trades
    return max(market.sighted_at.get(symbol, 0), market.phase_at) + guard.blind_after


def _is_suspect(desk: Desk, guard: PriceGuard, event: PriceUpdated) -> bool:
    """Whether a print lies outside the day's limits, or far from what was believed before."""
    told = desk.market.instruments.get(event.symbol)
    base = None
    if told is not None and told.session_date == desk.state.session_date:
        base = told.base_price
        if told.band is not None and not told.band.lower <= event.price <= told.band.upper:
            return True
    last = desk.market.prices.get(event.symbol, base)
    return last is not None and abs(event.price - last) * MILLION > guard.jump_ppm * last


def _is_near(guard: PriceGuard, price: int, other: int) -> bool:
    return abs(price - other) * MILLION <= guard.tolerance_ppm * price


_HEARSAY: Final = (
    PriceUpdated,
    InstrumentUpdated,
    OrderIntent,
    TargetWeights,
    CancelIntent,
    ReplaceIntent,
    ParentIntent,
    WithdrawIntent,
)
