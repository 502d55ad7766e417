"""Signals that press the kill switch of an executor that runs."""

from __future__ import annotations

import asyncio
import signal

from maemae.domain.errors import StorageError
from maemae.trading.emergency.kill_file import KILL_SIGNALS
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.outside import Outside


class KillSignals:
    """
    Presses for who has nothing but a shell.

    Args:
        switch: What is pressed.
        outside: Whom to tell if a press could not be written.
    """

    def __init__(self, switch: KillSwitch, outside: Outside) -> None:
        self._switch = switch
        self._outside = outside
        self._pressing: set[asyncio.Task[None]] = set()

    def listen(self) -> None:
        """Press from now on, in the running loop."""
        loop = asyncio.get_running_loop()
        for number in KILL_SIGNALS:
            loop.add_signal_handler(number, self._begin, number)

    async def press(self, number: signal.Signals) -> None:
        """Press what a signal means; what cannot be written is held until the process ends."""
        try:
            await asyncio.to_thread(self._switch.press, KILL_SIGNALS[number], "signal", number.name)
        except StorageError as error:
            self._outside.warn("KILL_NOT_WRITTEN", "KILL", error.text, is_critical=True)

    def _begin(self, number: signal.Signals) -> None:
        task = asyncio.create_task(self.press(number))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)
