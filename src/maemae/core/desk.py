"""What the parts of the core work on during one turn of the machine."""

from __future__ import annotations

from maemae.core.actions import Action
from maemae.core.config import CoreConfig
from maemae.core.fold import FOLDS
from maemae.core.market import MarketView
from maemae.core.state import CoreState
from maemae.domain.ids import ClOrdId


class Desk:
    """
    The book, the market and what was done so far in this turn.

    Attributes:
        now: Time of the newest event [ns, UTC]; the core knows no other clock.
        told_at: The same, of those events only whose time is the executor's own.
        actions: What this turn did, in order.
    """

    def __init__(self, config: CoreConfig, state: CoreState) -> None:
        self.config = config
        self.state = state
        self.market = MarketView()
        self.now = 0
        self.told_at = 0
        self.actions: list[Action] = []

    def do(self, action: Action) -> None:
        """Change the state by one action and remember it; nothing else changes the state."""
        FOLDS[type(action)](self.state, action)
        self.actions.append(action)

    def next_cl_ord_id(self) -> ClOrdId:
        """Return the number that the next request will have."""
        return ClOrdId(self.state.last_cl_ord_id + 1)
