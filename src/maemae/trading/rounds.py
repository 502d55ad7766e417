"""What the newest readings of each account came to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from maemae.domain.ids import AccountId
from maemae.trading.endings import Ending
from maemae.trading.outside import Outside
from maemae.trading.reconciler import Round


class Reader(Protocol):
    """Reads an account and acts upon it; `maemae.trading.reconciler.Reconciler` is one."""

    async def run_round(self, account_id: AccountId, day: date) -> Round:
        """Return what a round came to; raises BrokerUnavailableError."""


class Rounds:
    """
    Reads accounts, and remembers when each was compared.

    Args:
        reader: Does the reading.
        outside: For the age of a comparison, and told what is over.
    """

    def __init__(self, reader: Reader, outside: Outside) -> None:
        self._reader = reader
        self._outside = outside
        self._wall = outside.wall
        self._compared_at: dict[AccountId, int] = {}

    async def run_round(self, account_id: AccountId, day: date) -> Round:
        """
        Read an account once and act upon it.

        Raises:
            BrokerUnavailableError: A list could not be read whole; nothing was concluded.
        """
        done = await self._reader.run_round(account_id, day)
        self._outside.over(Ending.READ, account_id)
        if done.is_compared:
            self._outside.over(Ending.COMPARED, account_id)
            self._compared_at[account_id] = self._wall.monotonic()
        return done

    def compared_ago(self) -> int | None:
        """Return how long ago every account had been compared [ns of wall time]; None if never."""
        oldest = min(self._compared_at.values(), default=None)
        return None if oldest is None else self._wall.monotonic() - oldest

    def are_compared(self, accounts: Iterable[AccountId], within: int) -> bool:
        """Return whether each account was compared, so long ago at most [ns of wall time]."""
        now = self._wall.monotonic()
        return all(
            account_id in self._compared_at and now - self._compared_at[account_id] <= within
            for account_id in accounts
        )
