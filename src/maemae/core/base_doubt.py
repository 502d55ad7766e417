"""
Base prices that do not follow from the close before: shares changed, and nobody said how.

A split, bonus issue or issue of rights makes the old guards of what is held wrong by its ratio,
so that they would sell on the ex-date. They wait until a person has looked, and then go on in
prices of the new shares. What the base price fell by is nobody's loss: limits count the day's
result from the base price on. Cash dividends leave the base price alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from maemae.core import parents
from maemae.core.actions import BasePriceDoubted, ProtectionSet
from maemae.core.desk import Desk
from maemae.core.events import InstrumentUpdated
from maemae.core.restating import restated_trail
from maemae.core.state import Sleeve
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import kst_date
from maemae.krx.base_price import next_base_price
from maemae.krx.tick import tick_table


def see(desk: Desk, told: InstrumentUpdated) -> None:
    """Tell the last price in the new shares, until the first trade of the day tells it better."""
    symbol, close, base = told.instrument.symbol, told.last_close, told.base_price
    if close is None or base is None or not _holders(desk, told, close, base):
        return
    if kst_date(desk.market.priced_at.get(symbol, 0)) < told.session_date:
        desk.market.rescale(symbol, close, base)


def judge(desk: Desk, told: InstrumentUpdated) -> None:
    """Set what is held aside, once in a day, if the base price does not follow from the close."""
    symbol, close, base = told.instrument.symbol, told.last_close, told.base_price
    if close is None or base is None:
        return
    holders = _holders(desk, told, close, base)
    for account_id, held in sorted(holders.items()):
        falls = tuple((sleeve_id, qty * (close - base)) for sleeve_id, qty in held.items())
        day = told.session_date
        desk.do(BasePriceDoubted(account_id, symbol, day, close, base, desk.now, falls))
    if holders and desk.state.parents:
        parents.void(desk, symbol)


def _holders(
    desk: Desk, told: InstrumentUpdated, close: int, base: int
) -> Mapping[AccountId, Mapping[SleeveId, int]]:
    """Return who holds how many shares of what is in doubt; nobody if it is not, or is known."""
    symbol = told.instrument.symbol
    before = desk.state.base_doubts.get(symbol)
    is_known = before is not None and before.session_date == told.session_date
    if is_known or _follows(told, close, base):
        return {}
    holders: defaultdict[AccountId, dict[SleeveId, int]] = defaultdict(dict)
    for sleeve in desk.state.sleeves.values():
        held = sleeve.positions.get(symbol)
        if held is not None:
            holders[sleeve.account_id][sleeve.sleeve_id] = held.qty
    return holders


def _follows(told: InstrumentUpdated, close: int, base: int) -> bool:
    """Whether a base price is that of an ordinary day, or a tick beside it."""
    instrument, day = told.instrument, told.session_date
    expected = next_base_price(close, close, instrument, day)
    tick = tick_table(instrument.market, instrument.product, day).tick(max(expected, base))
    return abs(base - expected) <= tick


def is_set_aside(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> bool:
    """
    Whether the guard of a position waits.

    Even after a person's word it does until a price of the new shares was seen.
    """
    doubt = desk.state.base_doubts.get(symbol)
    if doubt is None:
        return False
    seen_at = desk.market.priced_at.get(symbol, 0)
    return sleeve.account_id in doubt.accounts or kst_date(seen_at) < doubt.session_date


def restate_guards(desk: Desk, account_id: AccountId, symbol: Symbol) -> None:
    """Tell the guards that waited in prices of the new shares; they are the exchange's own."""
    doubt = desk.state.base_doubts.get(symbol)
    if doubt is None or account_id not in doubt.accounts:
        return
    for sleeve in desk.state.account(account_id):
        guard = sleeve.protections.get(symbol)
        if guard is not None and guard.leaving is None:
            desk.do(
                ProtectionSet(
                    account_id,
                    sleeve.sleeve_id,
                    symbol,
                    guard.stop_px * doubt.base_price // doubt.close,
                    -(-guard.take_px * doubt.base_price // doubt.close),
                    restated_trail(guard.trail, doubt.base_price, doubt.close),
                    guard.leave_at,
                    guard.cooldown,
                )
            )
