"""How far the executor lets trading go: as far as every reason to hold it back allows."""

from __future__ import annotations

from maemae.core.events import CeilingSet
from maemae.domain.terms import TradingState
from maemae.ports import VenueClock
from maemae.trading.reconciler import Asker


class Ceiling:
    """
    HALTED until it is opened; then ACTIVE, and REDUCING while anything holds it.

    Args:
        ask: Gives events to the core.
        venue: The exchange's time.
    """

    def __init__(self, ask: Asker, venue: VenueClock) -> None:
        self._ask = ask
        self._venue = venue
        self._told: TradingState | None = None
        self._reasons: dict[str, str] = {}

    @property
    def causes(self) -> frozenset[str]:
        """Everything that holds it now."""
        return frozenset(self._reasons)

    async def halt(self, reason: str) -> None:
        """Let nothing but cancels go."""
        await self._tell(TradingState.HALTED, reason)

    async def open(self) -> None:
        """Let trading go as far as nothing holds it."""
        await self._tell(*self._wanted())

    async def hold(self, cause: str, reason: str) -> None:
        """Let no new risk be taken until the same cause is released."""
        self._reasons[cause] = reason
        await self._follow()

    async def release(self, cause: str) -> None:
        """Take back what held it; the last one to go lets trading be active."""
        if self._reasons.pop(cause, None) is not None:
            await self._follow()

    async def _follow(self) -> None:
        if self._told is not TradingState.HALTED and self._told is not None:
            await self._tell(*self._wanted())

    def _wanted(self) -> tuple[TradingState, str]:
        if self._reasons:
            return TradingState.REDUCING, "; ".join(self._reasons.values())
        return TradingState.ACTIVE, "ready"

    async def _tell(self, state: TradingState, reason: str) -> None:
        if state is not self._told:
            self._told = state
            await self._ask(CeilingSet(state, reason, self._venue.now()))
