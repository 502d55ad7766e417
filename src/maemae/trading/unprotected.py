"""How long positions that have a guard were not guarded: a figure that ought to stay at zero."""

from __future__ import annotations

from maemae.core.state import CoreState, Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.terms import TradingState


class UnprotectedMeter:
    """
    Adds up time over all guarded positions.

    Attributes:
        spent: So far [ns of the exchange's time, two positions at once counted twice].
    """

    def __init__(self) -> None:
        self.spent = 0
        self._looked_at: int | None = None

    def look(self, state: CoreState, now: int) -> None:
        """
        Count the time since the last look, by how things stand now.

        Args:
            state: The book.
            now: The exchange's time [ns, UTC].
        """
        before, self._looked_at = self._looked_at, now
        if before is not None and now > before:
            self.spent += (now - before) * count_unprotected(state)


def count_unprotected(state: CoreState) -> int:
    """
    Return how many guarded positions could not be left now.

    Their instrument shows no prices, or its base price is in doubt, or nothing may be sent, or
    they are being left and no sale of them works.
    """
    return sum(
        not _is_protected(state, sleeve, symbol)
        for sleeve in state.sleeves.values()
        for symbol in sleeve.protections
        if symbol in sleeve.positions
    )


def _is_protected(state: CoreState, sleeve: Sleeve, symbol: Symbol) -> bool:
    if state.trading_state is TradingState.HALTED:
        return False
    if sleeve.protections[symbol].leaving is None:
        doubt = state.base_doubts.get(symbol)
        is_set_aside = doubt is not None and sleeve.account_id in doubt.accounts
        return symbol not in state.blinded and not is_set_aside
    return sleeve.selling.get(symbol, 0) > 0
