"""A part of the counter: some kinds of request that belong together, and their answers."""

from __future__ import annotations

from abc import ABC, abstractmethod

from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.wire import Tr


class Part(ABC):
    """
    Answers some kinds of request.

    Args:
        desk: What the answers are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @abstractmethod
    def served(self) -> dict[str, Tr]:
        """Return how each kind is answered."""
