"""What a strategy may see of its own sleeve; whoever drives the run supplies it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from maemae.domain.ids import Symbol
from maemae.domain.position import Position


class Book(Protocol):
    """The strategy's share of the account, as of now."""

    @property
    def cash(self) -> int:
        """Cash that new buys may use [won]."""
        ...

    @property
    def equity(self) -> int:
        """Cash and holdings at the last prices [won]."""
        ...

    @property
    def positions(self) -> Mapping[Symbol, Position]:
        """What is held, nothing empty."""
        ...

    def position(self, symbol: Symbol) -> Position:
        """Return what is held of an instrument; an empty position if nothing."""
        ...

    def is_buying(self, symbol: Symbol) -> bool:
        """Return whether an open buy could still fill."""
        ...
