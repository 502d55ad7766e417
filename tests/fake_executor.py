"""An executor that only answers its control socket, from a thread of the test's process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from maemae.trading.control.commands import Ask
from maemae.trading.control.replies import Reply
from maemae.trading.control.server import ControlServer

_PATIENCE = 60.0


@contextmanager
def answering(home: Path, answer: Callable[[Ask], Reply]) -> Iterator[list[Ask]]:
    """Answer on a data folder; yield everything that was asked."""
    home.mkdir(parents=True, exist_ok=True)
    asked: list[Ask] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def handle(ask: Ask) -> Reply:
        asked.append(ask)
        return answer(ask)

    async def serve() -> None:
        async with ControlServer(home, handle):
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(_PATIENCE)
        yield asked
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(_PATIENCE)
        loop.close()
