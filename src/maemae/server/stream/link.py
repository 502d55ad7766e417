"""Pulses of an executor: from its own socket, as long as somebody wants them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, Protocol

from maemae.domain.errors import MaemaeError
from maemae.trading.control.watch import Pulse

Watch = Callable[[], AsyncGenerator[Pulse, None]]
"""Watches an executor; raises MaemaeError if there is none, ends when it is gone."""

AGAIN_SECS: Final = 0.5
"""Pause before a lost executor is looked for again."""


class Taker(Protocol):
    """Who is told pulses."""

    def take_pulse(self, pulse: Pulse) -> None:
        """Take the pulse that has just been read."""

    def take_silence(self) -> None:
        """Take that no pulse can be read for now: the executor or its tables do not answer."""


class PulseSource(Protocol):
    """Where pulses come from."""

    async def run(self, taker: Taker) -> None:
        """Tell them for ever."""


class OwnLink:
    """
    A line of our own to the executor (`PulseSource`).

    Args:
        watch: Opens it.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def run(self, taker: Taker) -> None:
        """Tell pulses for ever; a line that is lost is opened again."""
        while True:
            await self.run_once(taker)
            taker.take_silence()
            await asyncio.sleep(AGAIN_SECS)

    async def run_once(self, taker: Taker) -> None:
        """Tell pulses until the line is lost."""
        try:
            async with aclosing(self._watch()) as pulses:
                async for pulse in pulses:
                    taker.take_pulse(pulse)
        except MaemaeError:
            return  # it does not run, or does not let us watch
