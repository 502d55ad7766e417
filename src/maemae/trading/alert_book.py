"""Everything that a person must look at: kept in sight, in the store, and told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from maemae.domain.errors import StorageError
from maemae.ports import Alert, Notifier

_PENDING_MOST: Final = 10_000
_STORE_RETRY_SECS: Final = 1.0
_TELL_WITHIN_SECS: Final = 5.0
_TELL_RETRY_SECS: Final = 1.0

Key = tuple[str, str]
"""Code and subject of an alert."""


class _Seen(msgspec.Struct, frozen=True, eq=False):
    """That a person has seen an alert; done once that is durable."""

    code: str
    subject: str
    who: str
    done: asyncio.Future[None]


class AlertBook:
    """
    Open alerts of one executor; equal codes about equal subjects are one.

    Args:
        keep: Writes one into the store; blocks.
        resolve: Closes the one with a code and subject in the store; blocks.
        acknowledge: The same because a person saw it, who is named third; blocks.
        notifier: Tells a person; a critical alert that it fails on is told again.
    """

    def __init__(
        self,
        keep: Callable[[Alert], None],
        resolve: Callable[[str, str], None],
        acknowledge: Callable[[str, str, str], None],
        notifier: Notifier,
    ) -> None:
        self._keep = keep
        self._resolve = resolve
        self._acknowledge = acknowledge
        self._notifier = notifier
        self._open: dict[Key, Alert] = {}
        self._to_keep: asyncio.Queue[Alert | Key | _Seen] = asyncio.Queue(_PENDING_MOST)
        self._to_tell: asyncio.Queue[Alert] = asyncio.Queue(_PENDING_MOST)

    @property
    def open(self) -> Sequence[Alert]:
        """Every open alert, newest last."""
        return sorted(self._open.values(), key=lambda alert: alert.at)

    def raise_(self, alert: Alert) -> None:
        """Take an alert that is in no turn; never blocks, never fails."""
        self.show(alert)
        if not self._to_keep.full():
            self._to_keep.put_nowait(alert)

    def show(self, alert: Alert) -> None:
        """Take an alert that its turn has made durable."""
        key = (alert.code, alert.subject)
        is_new = key not in self._open
        self._open[key] = alert
        if is_new and not self._to_tell.full():
            self._to_tell.put_nowait(alert)

    def close(self, code: str, subject: str) -> None:
        """Take an alert out of sight: it is over."""
        if self._open.pop((code, subject), None) is not None and not self._to_keep.full():
            self._to_keep.put_nowait((code, subject))

    async def acknowledge(self, code: str, subject: str, who: str) -> None:
        """Take an alert out of sight because a person saw it; return once that is durable."""
        self._open.pop((code, subject), None)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._to_keep.put(_Seen(code, subject, who, done))
        await done

    async def run(self) -> None:
        """Write and tell for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_all())
            group.create_task(self._tell_all())

    async def _keep_all(self) -> None:
        while True:
            await self._keep_one(await self._to_keep.get())

    async def _keep_one(self, news: Alert | Key | _Seen) -> None:
        """Write one, however long that takes: what is closed was opened before."""
        while True:
            if await self._is_kept(news):
                return
            await asyncio.sleep(_STORE_RETRY_SECS)

    async def _is_kept(self, news: Alert | Key | _Seen) -> bool:
        try:
            if isinstance(news, Alert):
                await asyncio.to_thread(self._keep, news)
            elif isinstance(news, _Seen):
                await asyncio.to_thread(self._acknowledge, news.code, news.subject, news.who)
                if not news.done.done():
                    news.done.set_result(None)
            else:
                await asyncio.to_thread(self._resolve, *news)
        except StorageError:
            return False
        return True

    async def _tell_all(self) -> None:
        while True:
            alert = await self._to_tell.get()
            telling = asyncio.ensure_future(self._notifier.notify(alert))
            await asyncio.wait((telling,), timeout=_TELL_WITHIN_SECS)
            if not _is_told(telling):
                telling.cancel()
                await asyncio.sleep(_TELL_RETRY_SECS)
                if alert.is_critical and not self._to_tell.full():
                    self._to_tell.put_nowait(alert)


def _is_told(telling: asyncio.Future[None]) -> bool:
    """Whether a person was told; the way of telling may fail in any manner of its own."""
    return telling.done() and not telling.cancelled() and telling.exception() is None
