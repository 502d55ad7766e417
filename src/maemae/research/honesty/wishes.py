"""What a strategy wished in a run, and what it would wish over an empty book."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from maemae.core.actions import Action
from maemae.core.events import Event
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.intent import (
    CancelIntent,
    Intent,
    OrderIntent,
    ParentIntent,
    TargetWeights,
    WithdrawIntent,
)
from maemae.domain.position import Position
from maemae.strategies.call_limit import setup_limit, watchdog
from maemae.strategy.author import Strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import Panel

Maker = Callable[[], Strategy]
"""Makes the strategy anew: each run needs its own."""

CASH: Final = 10_000_000
_ACCOUNT: Final = AccountId("HONESTY")
_SLEEVE: Final = SleeveId("HONESTY")


class WishJournal:
    """
    A journal that keeps what the strategy wished.

    Attributes:
        wishes: In the order in which they were told to the core.
    """

    def __init__(self) -> None:
        self.wishes: list[Intent] = []

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Keep the event if it is a wish."""
        if isinstance(event, _WISHES):
            self.wishes.append(event)

    def commit(self) -> None:
        """Keep nothing durable."""


class EmptyBook:
    """A book that never holds anything, so that wishes depend on the bars alone."""

    cash = CASH
    equity = CASH
    positions: Mapping[Symbol, Position] = {}

    def position(self, symbol: Symbol) -> Position:
        """Return an empty position."""
        return Position()

    def is_buying(self, symbol: Symbol) -> bool:
        """Return that nothing is being bought."""
        return False


def empty_host(make: Maker, panel: Panel) -> StrategyHost:
    """
    Return a host of the strategy over an empty book.

    Raises:
        StrategyError: The strategy's setup failed, or did not come back.
    """
    with setup_limit():
        return StrategyHost(make(), panel, _ACCOUNT, _SLEEVE, EmptyBook())


def wishes_of(host: StrategyHost) -> list[Intent]:
    """
    Return everything that a host's strategy wishes, barrier by barrier.

    Raises:
        StrategyRaisedError: The strategy's own code raised, or did not come back.
    """
    wishes: list[Intent] = []
    with watchdog([host]):
        for k in host.wakes.tolist():
            wishes += host.run(k)
    return wishes


_WISHES: Final = (OrderIntent, TargetWeights, ParentIntent, CancelIntent, WithdrawIntent)
