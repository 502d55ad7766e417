"""
The kill switch's file on its way to the core, or past it.

A press that the core cannot make durable within a second is acted upon without it: the
emergency lane needs neither store nor journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from maemae.core.events import KillLevel, KillSet
from maemae.domain.errors import DomainError, StorageError
from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.emergency.lane import EmergencyLane
from maemae.trading.emergency.reach import REACHES, Reach
from maemae.trading.emergency.scribe import LogScribe
from maemae.trading.engine import Engine
from maemae.trading.outside import Outside

_LOOK_EVERY: Final = SECOND // 5
_LONGEST_RECOVERY: Final = 10 * SECOND  # a liquidation then goes by the emergency lane
_OVERDUE_SECS: Final = 1.0  # the cancels of a press leave within two
_RANKS: Final = {level: rank for rank, level in enumerate(KillLevel)}


class KillWatch:
    """
    Watches the kill switch of one data folder for an executor.

    Args:
        switch: The file and the emergency log.
        outside: Broker and clocks.
        accounts: Whose orders and positions an emergency is about.
        may_act: Asked right before each sending of an emergency; false once another is known
            to have taken over.
    """

    def __init__(
        self,
        switch: KillSwitch,
        outside: Outside,
        accounts: Sequence[AccountId],
        may_act: Callable[[], bool],
    ) -> None:
        self._switch = switch
        self._outside = outside
        self._accounts = accounts
        self._may_act = may_act
        self._served = ""
        self._unready_since = 0

    async def until_overdue(self, engine: Callable[[], Engine | None]) -> None:
        """Hand presses to the core; return once one has to be acted upon without it."""
        while True:
            level = self._switch.file.level()
            if level is KillLevel.OFF:
                self._served = ""
            elif not await self._is_taken(engine) and self._is_owed(level):
                return
            await self._outside.wall.sleep(_LOOK_EVERY)

    async def act(self) -> None:
        """Run the emergency lane as far as the switch asks; say what it did."""
        text = self._switch.file.text()
        scribe = LogScribe(self._switch.log, self._outside.wall)
        lane = EmergencyLane(
            self._outside.broker, self._accounts, scribe, self._outside.wall, self._may_act
        )
        report = await lane.run(REACHES[self._switch.file.level()])
        if report.is_done:
            self._served = text
        self._outside.warn("EMERGENCY_LANE", "kill", report.text, is_critical=True)

    def _is_served_by(self, life: Engine, level: KillLevel) -> bool:
        """Whether the core acts upon it: sales wait for the broker's truth, but not for ever."""
        now = self._outside.wall.monotonic()
        if life.is_ready or level is not KillLevel.LIQUIDATE:
            self._unready_since = 0
            return True
        self._unready_since = self._unready_since or now
        return now - self._unready_since < _LONGEST_RECOVERY

    def _is_owed(self, level: KillLevel) -> bool:
        """Whether something has to be sent for this press that was not sent yet."""
        return REACHES[level] is not Reach.NOTHING and self._switch.file.text() != self._served

    async def _is_taken(self, engine: Callable[[], Engine | None]) -> bool:
        """Whether the core has the press, durably; an engine that is coming up is waited for."""
        try:
            async with asyncio.timeout(_OVERDUE_SECS):
                while (life := engine()) is None:
                    await self._outside.wall.sleep(_LOOK_EVERY)
                level = self._switch.file.level()  # it may have been released meanwhile
                if _RANKS[life.kill_level] >= _RANKS[level]:
                    return self._is_served_by(life, level)
                press = KillSet(level, self._switch.file.text(), self._outside.venue.now())
                await life.mailbox.ask(press, urgent=True)
        except (TimeoutError, StorageError, DomainError):
            return False
        return True
