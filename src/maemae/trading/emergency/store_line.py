"""A line to the store that may be down or hang, without waiting for it longer than bearable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from maemae.domain.errors import StorageError
from maemae.ports import Lease, Recovered

PATIENCE_SECS: Final = 2.0
"""How long a store may take to answer before it counts as down [s]."""

T = TypeVar("T")


class GuardedStore(Protocol):
    """The part of `maemae.ports.Store` that a watchdog needs; each call may raise StorageError."""

    def read_lease(self) -> Lease:
        """Return who holds the lease."""

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        """Take the lease if it still is as it was seen."""

    def beat(self, lease: Lease) -> Lease | None:
        """Show that the holder lives."""

    def recover(self) -> Recovered:
        """Return what is durable."""


class StoreLine:
    """
    Asks a store in a thread, one question at a time.

    Args:
        open_store: Opens it; asked again after it failed.
    """

    def __init__(self, open_store: Callable[[], GuardedStore]) -> None:
        self._open = open_store
        self._store: GuardedStore | None = None
        self._asking: asyncio.Task[object] | None = None

    async def ask(
        self, question: Callable[[GuardedStore], T], patience_secs: float = PATIENCE_SECS
    ) -> T:
        """
        Return the store's answer.

        Raises:
            StorageError: It is down, or does not answer in time; what was asked for may be done.
        """
        if self._asking is not None and not self._asking.done():
            raise _no_answer()
        answers: list[T] = []
        self._asking = asyncio.create_task(
            asyncio.to_thread(lambda: answers.append(self._answer(question)))
        )
        self._asking.add_done_callback(_look_at)
        done, _ = await asyncio.wait({self._asking}, timeout=patience_secs)
        if not done:
            raise _no_answer()
        error = self._asking.exception()
        if error is not None:
            self._store = None
            raise error if isinstance(error, StorageError) else _no_answer() from error
        return answers[0]

    def _answer(self, question: Callable[[GuardedStore], T]) -> T:
        if self._store is None:
            self._store = self._open()
        return question(self._store)


def _look_at(asked: asyncio.Task[object]) -> None:
    """Look at what nobody waits for any more, so that nothing complains of it."""
    if not asked.cancelled():
        asked.exception()


def _no_answer() -> StorageError:
    return StorageError(
        "저장소가 답하지 않습니다. 데이터베이스를 확인하세요. 비상 조치는 그와 상관없이 합니다.",
        "The store does not answer. Check the database; emergencies are dealt with without it.",
    )
