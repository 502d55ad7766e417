"""Runs each command at most once, whichever way it comes; a repetition gets the first answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from maemae.core.events import Event
from maemae.domain.errors import InvalidValueError
from maemae.ports import Entry
from maemae.trading.mailbox import Answer, Mailbox

MakeEvent = Callable[[int], Event]
"""Makes what the core is told of an instant [ns, UTC]; of the same one always the same."""

_PROBE: Final = 0


class Once:
    """
    Hands commands to the core, and remembers by the journal which were handed in.

    Args:
        find: Returns what a command was taken in as and what followed, None if it was not;
            blocks.
        now: The exchange's time [ns, UTC].
    """

    def __init__(self, find: Callable[[str], Entry | None], now: Callable[[], int]) -> None:
        self._find = find
        self._now = now
        self._under_way: dict[str, tuple[Event, asyncio.Task[Answer]]] = {}

    async def ask(
        self, mailbox: Mailbox, key: str, make: MakeEvent, *, urgent: bool = False
    ) -> Answer:
        """
        Return what followed from a command, now or when it was first asked for.

        An urgent one is not looked up before: it must be harmless when it is done twice.

        Raises:
            InvalidValueError: Another command has its key.
            DomainError: The core refused it.
            StorageError: What followed may or may not be durable, or the journal is out of reach.
        """
        probe = make(_PROBE)
        told, doing = self._under_way.get(key, (probe, None))
        if told != probe:
            raise _of_another(key)
        if doing is None:
            doing = asyncio.create_task(self._do(mailbox, key, make, urgent=urgent))
            self._under_way[key] = probe, doing
            doing.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(doing)

    async def _do(self, mailbox: Mailbox, key: str, make: MakeEvent, *, urgent: bool) -> Answer:
        found = None if urgent else await asyncio.to_thread(self._find, key)
        if found is None:
            return await mailbox.ask(make(self._now()), key, urgent=urgent)
        if found.event != make(found.event.at):
            raise _of_another(key)
        return found.actions


def _of_another(key: str) -> InvalidValueError:
    return InvalidValueError(
        f"명령 번호 {key} 은(는) 다른 명령에 이미 쓰였습니다. 새 번호로 보내세요.",
        f"The key {key} belongs to another command. Use a new one.",
    )
