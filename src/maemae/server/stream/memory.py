"""What was told last, by number, for those who come back soon."""

from __future__ import annotations

from collections import deque
from typing import Final, Generic, TypeVar

MOST_KEPT: Final = 5_000

T = TypeVar("T")


class Memory(Generic[T]):
    """
    The newest things told.

    Attributes:
        newest: Number of the newest that was read, told or not.
    """

    def __init__(self) -> None:
        self.newest = 0
        self._after = 0
        self._kept: deque[tuple[int, T]] = deque()

    def start(self, newest: int) -> None:
        """Forget everything; what comes next comes after a number."""
        self._kept.clear()
        self.newest = self._after = newest

    def keep(self, number: int, thing: T) -> None:
        """Keep a thing; the oldest goes if there are too many."""
        self._kept.append((number, thing))
        self.newest = number
        if len(self._kept) > MOST_KEPT:
            self._after, _ = self._kept.popleft()

    def after(self, number: int) -> list[T] | None:
        """Return everything after a number, oldest first; None if that is not all here."""
        if not self._after <= number <= self.newest:
            return None
        return [thing for kept, thing in self._kept if kept > number]
