"""An event loop whose time passes only while everybody waits, so that minutes take no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from typing import Any, TypeVar, TypeVarTuple, Unpack

from maemae.domain.instant import SECOND

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
BEGAN = 1_700_000_000 * SECOND


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits, and nothing will ever happen")
        if not ready and timeout:
            self.elapsed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer; what would run in a thread runs at once."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        self._thread = ThreadPoolExecutor(1)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        done = self._thread.submit(func, *args)
        wait([done])
        return asyncio.wrap_future(done, loop=self)

    def close(self) -> None:
        self._thread.shutdown()
        super().close()


class VirtualWall:
    """The wall clock of a virtual loop (`maemae.ports.WallClock`)."""

    def now(self) -> int:
        return BEGAN + self.monotonic()

    def monotonic(self) -> int:
        return round(asyncio.get_running_loop().time() * SECOND)

    async def sleep(self, nanos: int) -> None:
        await asyncio.sleep(nanos / SECOND)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
