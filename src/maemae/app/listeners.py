"""Several listeners of an executor as one, and the one that opens trading at the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from maemae.core.events import Event, TradingStateSet
from maemae.core.machine import TradingCore
from maemae.domain.market_data import Trade
from maemae.domain.terms import TradingState
from maemae.ports import Entry
from maemae.trading.engine import Listener


class AllEars:
    """
    Tells several listeners in turn (`maemae.trading.engine.Listener`).

    Args:
        listeners: None of them may block or fail.
    """

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners

    def hear_print(self, trade: Trade) -> None:
        """Take a print of the stream."""
        for listener in self._listeners:
            listener.hear_print(trade)

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Take what the core took in, once it is durable."""
        for listener in self._listeners:
            listener.hear_entries(entries, core)

    def hear_time(self, core: TradingCore) -> None:
        """Look at the clock."""
        for listener in self._listeners:
            listener.hear_time(core)

    def hear_ready(self, core: TradingCore) -> None:
        """Trading may begin."""
        for listener in self._listeners:
            listener.hear_ready(core)


class Opener:
    """
    Opens trading once, when the first recovery has ended: a later one must not undo a person.

    Args:
        state: What trading is set to; None leaves it as it was.
        hand_in: Takes the event for the core.
    """

    def __init__(self, state: TradingState | None, hand_in: Callable[[Event], None]) -> None:
        self._state = state
        self._hand_in = hand_in

    def hear_print(self, trade: Trade) -> None:
        """Do nothing."""

    def hear_entries(self, entries: Sequence[Entry], core: TradingCore) -> None:
        """Do nothing."""

    def hear_time(self, core: TradingCore) -> None:
        """Do nothing."""

    def hear_ready(self, core: TradingCore) -> None:
        """Ask for the state, the first time."""
        state, self._state = self._state, None
        if state is not None:
            self._hand_in(TradingStateSet(state, "maemae trade --state", core.now))
