"""Whether our book and the broker's own say the same about an account."""

from __future__ import annotations

from collections import Counter

from maemae.core.state import CoreState
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.text import Text
from maemae.venue.account import Account


def differences(state: CoreState, account: Account) -> tuple[Text, ...]:
    """Return where cash or shares of the sleeves do not add up to the broker's account."""
    cash, held = _sums(state, account.account_id)
    found = []
    if cash != account.cash:
        found.append(
            Text(
                f"현금: 전략 합계 {cash:,}원, 증권사 {account.cash:,}원",
                f"cash: {cash:,} won in the sleeves, {account.cash:,} won at the broker",
            )
        )
    theirs = {symbol: holding.qty for symbol, holding in account.holdings.items()}
    for symbol in sorted(held.keys() | theirs.keys()):
        ours, other = held[symbol], theirs.get(symbol, 0)
        if ours != other:
            found.append(
                Text(
                    f"{symbol}: 전략 합계 {ours:,}주, 증권사 {other:,}주",
                    f"{symbol}: {ours:,} shares in the sleeves, {other:,} at the broker",
                )
            )
    return tuple(found)


def _sums(state: CoreState, account_id: AccountId) -> tuple[int, Counter[Symbol]]:
    """Return cash [won] and shares over all sleeves of an account."""
    cash, held = 0, Counter[Symbol]()
    for sleeve in state.sleeves.values():
        if sleeve.account_id == account_id:
            cash += sleeve.cash
            held.update({symbol: position.qty for symbol, position in sleeve.positions.items()})
    return cash, held
