"""Who may be bought at a time: a run over a universe that changes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.intent import Intent, OrderIntent, ParentIntent, TargetWeights
from maemae.domain.terms import Side
from maemae.strategy.panel import Panel


class Universe:
    """
    The members of a panel's universe, and what was wished of others.

    Args:
        panel: With members.

    Attributes:
        turned_away: Buys, and shares of a rebalancing, that were not of members.
    """

    def __init__(self, panel: Panel) -> None:
        self.turned_away = 0
        self._panel = panel

    def at(self, k: int) -> tuple[Symbol, ...]:
        """Return the members at a barrier, in the order of the panel."""
        members = self._panel.members
        symbols = self._panel.symbols
        if members is None:
            return symbols
        return tuple(symbol for symbol, is_in in zip(symbols, members[:, k], strict=True) if is_in)

    def admitted(self, wishes: Sequence[Intent], k: int) -> list[Intent]:
        """Return what may be wished at a barrier: sales always, buys of members only."""
        inside = frozenset(self.at(k))
        kept: list[Intent] = []
        for wish in wishes:
            if isinstance(wish, TargetWeights):
                weights = tuple(one for one in wish.weights if one[0] in inside)
                self.turned_away += len(wish.weights) - len(weights)
                kept.append(msgspec.structs.replace(wish, weights=weights))
            elif _buys(wish) and _symbol(wish) not in inside:
                self.turned_away += 1
            else:
                kept.append(wish)
        return kept


def _buys(wish: Intent) -> bool:
    order = wish.order if isinstance(wish, ParentIntent) else wish
    return isinstance(order, OrderIntent) and order.side is Side.BUY


def _symbol(wish: Intent) -> Symbol | None:
    return wish.symbol if isinstance(wish, OrderIntent | ParentIntent) else None
