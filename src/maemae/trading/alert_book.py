"""Everything that a person must look at: kept in sight, in the store, and told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from maemae.domain.errors import StorageError
from maemae.domain.instant import MINUTE
from maemae.ports import Alert, Notifier, WallClock
from maemae.trading.endings import Ending, ending_of

_PENDING_MOST: Final = 10_000
_STORE_RETRY_SECS: Final = 1.0
_TELL_WITHIN_SECS: Final = 5.0
_TELL_RETRY_SECS: Final = 1.0
_LOOK_EVERY: Final = MINUTE

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

    A critical one is told again and again until a person acknowledges it or what it tells of
    is over. What was acknowledged and goes on is told again only once it was over.

    Args:
        keep: Writes one into the store; blocks.
        resolve: Closes the one with a code and subject in the store; blocks.
        acknowledge: The same because a person saw it, who is named third; blocks.
        notifier: Tells a person; a critical alert that it fails on is told again.
        wall: The machine's clock.
        again_every: Between two tellings of an open critical alert [ns].
    """

    def __init__(
        self,
        keep: Callable[[Alert], None],
        resolve: Callable[[str, str], None],
        acknowledge: Callable[[str, str, str], None],
        notifier: Notifier,
        wall: WallClock,
        again_every: int = 10 * MINUTE,
    ) -> None:
        self._keep = keep
        self._resolve = resolve
        self._acknowledge = acknowledge
        self._notifier = notifier
        self._wall = wall
        self._again_every = again_every
        self._open: dict[Key, Alert] = {}
        self._seen: dict[Key, Alert] = {}  # acknowledged, and not over yet
        self._told_at: dict[Key, int] = {}
        self._words: dict[Key, Alert] = {}  # the newest of what waits to be told
        self._to_keep: asyncio.Queue[Alert | Key | _Seen] = asyncio.Queue(_PENDING_MOST)
        self._to_tell: asyncio.Queue[Key] = asyncio.Queue(_PENDING_MOST)

    @property
    def open(self) -> Sequence[Alert]:
        """Every open alert, newest last."""
        return sorted(self._open.values(), key=lambda alert: alert.at)

    def recall(self, alerts: Iterable[Alert]) -> None:
        """Take in what an earlier life of the executor left open."""
        for alert in alerts:
            self._open.setdefault((alert.code, alert.subject), alert)

    def raise_(self, alert: Alert) -> None:
        """Take an alert that is in no turn; never blocks, never fails."""
        seen = self._seen.get((alert.code, alert.subject))
        if seen is not None and seen.is_critical >= alert.is_critical:
            return
        self.show(alert)
        if not self._to_keep.full():
            self._to_keep.put_nowait(alert)

    def show(self, alert: Alert) -> None:
        """Take an alert that its turn has made durable."""
        key = (alert.code, alert.subject)
        known = self._open.get(key)
        is_worse = known is not None and alert.is_critical and not known.is_critical
        self._open[key] = alert
        if is_worse or key not in self._told_at:
            self._tell(alert)
            self._told_at[key] = self._wall.monotonic()

    def end(self, ending: Ending, subject: str | None = None) -> None:
        """Take out of sight what is over now; without a subject, about whatever it is."""
        for code, about in [*self._open, *self._seen]:
            if ending_of(code) is ending and subject in (None, about):
                self._seen.pop((code, about), None)
                self._close(code, about)

    async def acknowledge(self, code: str, subject: str, who: str) -> None:
        """Take an alert out of sight because a person saw it; return once that is durable."""
        alert = self._open.pop((code, subject), None)
        self._told_at.pop((code, subject), None)
        if alert is not None and ending_of(code) is not Ending.SEEN:
            self._seen[code, subject] = alert
        self._words.pop((code, subject), None)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._to_keep.put(_Seen(code, subject, who, done))
        await done

    async def run(self) -> None:
        """Write and tell for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_all())
            group.create_task(self._tell_all())
            group.create_task(self._tell_again())

    def _close(self, code: str, subject: str) -> None:
        self._told_at.pop((code, subject), None)
        if self._open.pop((code, subject), None) is not None and not self._to_keep.full():
            self._to_keep.put_nowait((code, subject))

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

    def _tell(self, alert: Alert) -> None:
        """Have a person told; what waits to be told already is told once, in its newest words."""
        key = (alert.code, alert.subject)
        if key not in self._words:
            if self._to_tell.full():
                return
            self._to_tell.put_nowait(key)
        self._words[key] = alert

    async def _tell_all(self) -> None:
        while True:
            alert = self._words.pop(await self._to_tell.get(), None)
            if alert is None:
                continue  # a person saw it meanwhile
            telling = asyncio.ensure_future(self._notifier.notify(alert))
            await asyncio.wait((telling,), timeout=_TELL_WITHIN_SECS)
            if not _is_told(telling):
                telling.cancel()
                await asyncio.sleep(_TELL_RETRY_SECS)
                if alert.is_critical:
                    self._tell(alert)

    async def _tell_again(self) -> None:
        """Look at the open critical alerts: a person who slept through one hears the next."""
        began = self._wall.monotonic()
        while True:
            await self._wall.sleep(_LOOK_EVERY)
            now = self._wall.monotonic()
            for key, alert in tuple(self._open.items()):
                told_at = self._told_at.get(key, began)
                if alert.is_critical and now - told_at >= self._again_every:
                    still = msgspec.structs.replace(alert, at=self._wall.now())
                    self._told_at[key] = now
                    self._tell(still)
                    self.raise_(still)  # counted; it stays one


def _is_told(telling: asyncio.Future[None]) -> bool:
    """Whether a person was told; the way of telling may fail in any manner of its own."""
    return telling.done() and not telling.cancelled() and telling.exception() is None
