"""What blocks the loop is seen as its lag."""

from __future__ import annotations

import asyncio
import time

from maemae.domain.instant import SECOND
from maemae.trading.loop_lag import LoopLag
from tests.waiting import until_async

BLOCKED_SECS = 0.7


def test_lag_when_something_blocks_the_loop_is_seen_and_the_worst_kept() -> None:
    async def main() -> LoopLag:
        lag = LoopLag()
        watching = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(time.sleep, BLOCKED_SECS)
        await until_async(lambda: lag.worst > 0)
        watching.cancel()
        return lag

    lag = asyncio.run(main())

    assert lag.worst >= (BLOCKED_SECS - 0.5) * SECOND
    assert lag.worst >= lag.newest
