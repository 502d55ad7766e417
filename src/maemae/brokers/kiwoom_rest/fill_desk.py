"""
Books fills beside the event loop: whatever waits for the disk, nobody else does.

Frames of the stream and readings of the lists come one after the other, so that a fill that is
told is in every list that is read later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import ParamSpec, TypeVar

from maemae.brokers.kiwoom_rest.fills import FillBook
from maemae.brokers.kiwoom_rest.frames import OrderValues
from maemae.brokers.kiwoom_rest.lists import Listed, book_missing, stated_orders
from maemae.brokers.kiwoom_rest.messages import FillRow
from maemae.brokers.kiwoom_rest.notices import NoticeReader
from maemae.brokers.kiwoom_rest.unread import unread
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, OrderId
from maemae.domain.statement import Notice, StatedExecution, StatedOrder
from maemae.domain.text import Text

P = ParamSpec("P")
T = TypeVar("T")

Booked = Callable[[date], Iterable[StatedExecution]]
"""Returns the fills of a day that the book of orders has; blocks."""


def nothing_booked(_: date) -> Iterable[StatedExecution]:
    """Return that no book is known."""
    return ()


class FillDesk:
    """
    The fills of one account.

    Args:
        folder: Of the journals.
        account_id: Account whose fills are kept.
        tell: Takes a notice once what it tells of is durable.
        skip: Told of a frame that cannot be understood or booked.
        booked: Asked when a day's journal is opened, which may have been lost.
    """

    def __init__(
        self,
        folder: Path,
        account_id: AccountId,
        tell: Callable[[Notice], None],
        skip: Callable[[Text], None],
        booked: Booked = nothing_booked,
    ) -> None:
        self._folder = folder
        self._account_id = account_id
        self._tell = tell
        self._skip = skip
        self._booked = booked
        self._reader = NoticeReader(account_id)
        self._books: dict[date, FillBook] = {}
        self._one_at_a_time = asyncio.Lock()
        self._frames: asyncio.Queue[tuple[OrderValues, date] | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None

    def take(self, values: OrderValues, day: date) -> None:
        """Book what a frame of the stream says, in its turn, then tell it."""
        self._frames.put_nowait((values, day))
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Return once everything that was taken is booked and told."""
        reading, self._reading = self._reading, None
        if reading is not None:
            self._frames.put_nowait(None)
            await reading

    async def orders(
        self, listed: Mapping[OrderId, Listed], day: date, *, is_over: bool
    ) -> tuple[StatedOrder, ...]:
        """Return the orders of a day; raises as `stated_orders`."""
        async with self._one_at_a_time:
            book = await self._book(day)
            return stated_orders(listed, self._account_id, book, is_over=is_over)

    async def lacks(self, listed: Iterable[Listed], day: date) -> bool:
        """Return whether a list shows more filled of an order than is booked."""
        async with self._one_at_a_time:
            book = await self._book(day)
            return any(row.filled > book.filled(row.order_id) for row in listed)

    async def executions(
        self, listed: Mapping[OrderId, Listed], details: Iterable[FillRow], day: date
    ) -> tuple[StatedExecution, ...]:
        """Book what the lists show and nothing covers; return every fill of a day, oldest first."""
        async with self._one_at_a_time:
            book = await self._book(day)
            await _whole(book_missing, listed, details, book)
            return book.executions()

    async def _read(self) -> None:
        while (frame := await self._frames.get()) is not None:
            values, day = frame
            try:
                async with self._one_at_a_time:
                    book = await self._book(day)
                    notice = await _whole(self._reader.notice, values, day, book)
            except (BrokerUnavailableError, ValueError) as error:
                self._skip(unread(error))
                continue
            if notice is not None:
                self._tell(notice)

    async def _book(self, day: date) -> FillBook:
        book = self._books.get(day)
        if book is None:
            book = await _whole(self._open, day)
            self._books[day] = book
        return book

    def _open(self, day: date) -> FillBook:
        booked = [told for told in self._booked(day) if told.account_id == self._account_id]
        return FillBook(self._folder, self._account_id, day, booked)


async def _whole(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Act in a thread to the end, also if nobody waits for it any more: a book has one writer."""
    acting = asyncio.ensure_future(asyncio.to_thread(act, *args, **kwargs))
    try:
        return await asyncio.shield(acting)
    except asyncio.CancelledError:
        await asyncio.wait([acting])
        raise
