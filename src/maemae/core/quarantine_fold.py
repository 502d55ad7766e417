"""How the facts of instruments that are set aside change the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from maemae.core.actions import BasePriceDoubted, QuarantineLifted, SymbolQuarantined
from maemae.core.state import BaseDoubt, CoreState
from maemae.domain.ids import AccountId


def _quarantined(state: CoreState, action: SymbolQuarantined) -> None:
    state.quarantined.setdefault(action.symbol, []).append(action.account_id)


def _quarantine_lifted(state: CoreState, action: QuarantineLifted) -> None:
    accounts = state.quarantined[action.symbol]
    accounts.remove(action.account_id)
    if not accounts:
        del state.quarantined[action.symbol]
    doubt = state.base_doubts.get(action.symbol)
    if doubt is not None:
        left = tuple(each for each in doubt.accounts if each != action.account_id)
        state.base_doubts[action.symbol] = replace(doubt, accounts=left)


def _base_price_doubted(state: CoreState, action: BasePriceDoubted) -> None:
    """Let the guards wait; ratios of two days that no person looked at are multiplied."""
    symbol, close, base = action.symbol, action.close, action.base_price
    doubt = state.base_doubts.get(symbol)
    accounts: tuple[AccountId, ...] = (action.account_id,)
    if doubt is not None and doubt.session_date == action.session_date:
        close, base = doubt.close, doubt.base_price
        accounts = (*doubt.accounts, action.account_id)
    elif doubt is not None and doubt.accounts:
        close, base = close * doubt.close, base * doubt.base_price
    state.base_doubts[symbol] = BaseDoubt(action.session_date, close, base, accounts)
    for sleeve_id, fall in action.falls:
        state.get_sleeve(action.account_id, sleeve_id).flows -= fall
    if not state.is_quarantined(action.account_id, symbol):
        state.quarantined.setdefault(symbol, []).append(action.account_id)


QUARANTINE_FOLDS: Final[Mapping[type, Callable[[CoreState, Any], None]]] = {
    SymbolQuarantined: _quarantined,
    BasePriceDoubted: _base_price_doubted,
    QuarantineLifted: _quarantine_lifted,
}
