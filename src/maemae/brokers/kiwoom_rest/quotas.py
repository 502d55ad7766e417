"""Kiwoom's limits of the REST server, which counts every transaction by itself."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from maemae.brokers.kiwoom_rest.config import Quotas
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.brokers.quota import Quota
from maemae.ports import WallClock


class TransactionQuotas:
    """
    Lets requests pass as fast as the server takes them.

    Args:
        quotas: What it takes.
        wall: The machine's clock.
    """

    def __init__(self, quotas: Quotas, wall: WallClock) -> None:
        self._rate = quotas.each
        self._wall = wall
        self._each: dict[str, Quota] = {}

    async def take(self, transaction: Transaction) -> None:
        """Return once one more request of a transaction may leave, and count it."""
        await self._of(transaction).take()

    def slot(self, transaction: Transaction) -> AbstractAsyncContextManager[None]:
        """Enter once one more may leave, and leave once it is answered: it counts until then."""
        return self._of(transaction).slot()

    def _of(self, transaction: Transaction) -> Quota:
        quota = self._each.get(transaction.api_id)
        if quota is None:
            quota = Quota(self._rate.requests, self._wall, self._rate.within)
            self._each[transaction.api_id] = quota
        return quota
