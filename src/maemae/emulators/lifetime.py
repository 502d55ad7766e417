"""The life of an emulator's process: its market goes on until somebody stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from maemae.emulators.exchange import Exchange


async def run_market(
    exchange: Exchange,
    *,
    skips_nights: bool,
    before_session: Callable[[], None],
    after_step: Callable[[], int | None],
) -> None:
    """
    Let the market go on as its time comes, session after session, until the last is over.

    Args:
        exchange: It has begun.
        skips_nights: Whether a session follows at once on the one before.
        before_session: Called before the next session is entered.
        after_step: Called whenever everything that is due has happened; returns when it must be
            called again although nothing trades [ns, the exchange's time], None for never.

    Raises:
        MaemaeError: The ledger cannot be written, or the market broke a rule.
    """
    while True:
        exchange.advance()
        wake = after_step()
        due, opening = exchange.next_at, exchange.next_session_at()
        if due is not None:
            await exchange.wait_until(due if wake is None else min(due, wake))
        elif opening is not None and skips_nights:
            before_session()
            exchange.start_session()
        elif opening is not None and (wake is None or opening <= wake):
            await exchange.wait_until(opening)
            before_session()
            exchange.start_session()
        elif wake is not None:
            await exchange.wait_until(wake)
        else:
            return
        await asyncio.sleep(0)  # at a high speed something is always due


@contextmanager
def stopped_by_signal() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set; enter it in the main thread's loop."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopped.set)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
