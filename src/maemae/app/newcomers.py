"""Executors that were not there when a server started: it starts anew to know them."""

from __future__ import annotations

from collections.abc import Callable

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode

Traded = frozenset[tuple[Mode, tuple[AccountId, ...]]]
"""Modes, and the accounts that are traded in each."""


class Newcomers:
    """
    Whether others trade than a server knows.

    Args:
        known: What it knows.
        find: Returns what there is now; may raise.

    Attributes:
        were_seen: Whether there were others at any look.
    """

    def __init__(self, known: Traded, find: Callable[[], Traded]) -> None:
        self.were_seen = False
        self._known = known
        self._find = find

    def have_come(self) -> bool:
        """
        Look; return whether there were others, now or before.

        One that is known and not found is no change: its tables may only be busy.
        """
        self.were_seen = self.were_seen or bool(self._find() - self._known)
        return self.were_seen
