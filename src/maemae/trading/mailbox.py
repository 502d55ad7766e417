"""Where everything the core takes in waits: in order, except that the kill switch goes first."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec

from maemae.core.actions import Action
from maemae.core.events import Event
from maemae.domain.errors import MaemaeError

Answer = Sequence[Action]
"""What followed from an event, durable by now."""


class Letter(msgspec.Struct, frozen=True, eq=False, gc=False):
    """
    One input on its way to the core.

    Attributes:
        command_id: Key of the command that brought it, None for anything else.
        answer: Done once what followed is durable, or failed with why it was refused; None if
            nobody waits for it.
        still: Asked right before the core takes it in; false withdraws it. None for what holds
            whatever came before it.
        arrived: When it came, by the clock of the mailbox [ns, monotonic].
    """

    event: Event
    command_id: str | None = None
    answer: asyncio.Future[Answer] | None = None
    still: Callable[[], bool] | None = None
    arrived: int = 0


class Mailbox:
    """
    A queue with an urgent lane; used from one event loop only.

    Args:
        monotonic: Tells when a letter came [ns].
    """

    def __init__(self, monotonic: Callable[[], int] = time.monotonic_ns) -> None:
        self._monotonic = monotonic
        self._urgent: deque[Letter] = deque()
        self._letters: deque[Letter] = deque()
        self._arrived = asyncio.Event()
        self._closed: MaemaeError | None = None

    def close(self, error: MaemaeError) -> None:
        """Take nothing more; whoever waits or asks from now on is told why."""
        self._closed = error
        for lane in (self._urgent, self._letters):
            fail(lane, error)
            lane.clear()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._letters)

    def put(self, event: Event) -> None:
        """Hand in an event that nobody waits for."""
        self._letters.append(Letter(event, arrived=self._monotonic()))
        self._arrived.set()

    def put_all(self, events: Sequence[Event]) -> None:
        """Hand in events in order."""
        now = self._monotonic()
        self._letters.extend(Letter(event, arrived=now) for event in events)
        self._arrived.set()

    async def ask(
        self,
        event: Event,
        command_id: str | None = None,
        still: Callable[[], bool] | None = None,
        *,
        urgent: bool = False,
    ) -> Answer:
        """
        Hand in an event and return what followed, once that is durable.

        Raises:
            DomainError: The core refused it, or it did not hold any more.
            StorageError: What followed may or may not be durable.
        """
        if self._closed is not None:
            raise self._closed
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        lane = self._urgent if urgent else self._letters
        lane.append(Letter(event, command_id, answer, still, self._monotonic()))
        self._arrived.set()
        return await answer

    async def take(self, most: int) -> list[Letter]:
        """Return what waits, at least one letter and at most so many, urgent ones first."""
        while not self._urgent and not self._letters:
            self._arrived.clear()
            await self._arrived.wait()
        taken: list[Letter] = []
        for lane in (self._urgent, self._letters):
            while lane and len(taken) < most:
                taken.append(lane.popleft())
        return taken


def fail(letters: Iterable[Letter], error: MaemaeError) -> None:
    """Tell whoever waits for these letters that no answer comes."""
    for letter in letters:
        if letter.answer is not None and not letter.answer.done():
            letter.answer.set_exception(error)
