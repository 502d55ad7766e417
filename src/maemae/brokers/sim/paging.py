"""Lists that come in pages: every page, or an error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from maemae.brokers.sim.mapping import unavailable
from maemae.brokers.sim.messages import (
    AskExecutions,
    AskInstruments,
    AskOrders,
    ExecutionsPage,
    InstrumentsPage,
    OrdersPage,
    Query,
    Reply,
)

_Page = TypeVar("_Page", OrdersPage, ExecutionsPage, InstrumentsPage)


async def every_page(
    ask: Callable[[Query], Awaitable[Reply]],
    first: AskOrders | AskExecutions | AskInstruments,
    kind: type[_Page],
) -> list[_Page]:
    """
    Return every page of a list.

    Args:
        ask: Asks the broker.
        first: The question of the first page.
        kind: What its pages are.

    Raises:
        BrokerUnavailableError: A page failed, or is another.
    """
    pages: list[_Page] = []
    cursor = 0
    while True:
        page = await ask(msgspec.structs.replace(first, cursor=cursor))
        if not isinstance(page, kind):
            raise unavailable(page)
        pages.append(page)
        cursor = page.next_cursor
        if cursor == 0:
            return pages
