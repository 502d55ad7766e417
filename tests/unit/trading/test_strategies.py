"""The workers of an executor's strategies: none of them holds up another's end."""

from __future__ import annotations

import asyncio
from typing import Any

from maemae.domain.ids import SleeveId
from maemae.trading.strategies import Strategies
from tests.builders import ACCOUNT
from tests.virtual_time import run


class HangingWorker:
    """Has to be killed, which takes a second."""

    is_stopped = False

    async def stop(self) -> None:
        await asyncio.sleep(1)
        self.is_stopped = True


def test_strategies_when_all_of_them_hang_end_within_the_time_of_one() -> None:
    nothing: Any = None
    workers: Any = {(ACCOUNT, SleeveId(f"hangs-{n}")): HangingWorker() for n in range(9)}

    async def main() -> float:
        strategies = Strategies(None, nothing, nothing, nothing, nothing, nothing)
        strategies._workers = dict(workers)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await strategies.stop()
        return loop.time() - began

    assert run(main()) < 2
    assert all(worker.is_stopped for worker in workers.values())
