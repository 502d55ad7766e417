"""Lives of one executor: killed at named places and at random moments, then left in peace."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from tests.crash.executor_rig import Customer, ExecutorRig

PLACES: Final = (
    "send.before",
    "send.answered",
    "turn.durable",
    "store.before_commit",
    "store.after_commit",
    "tape.written",
    "tape.synced",
    "notice.received",
    "reconcile.orders_read",
    "reconcile.holdings_read",
)
"""Where the executor dies; a random moment comes after each round of them."""

LONGEST_LIFE_SECS: Final = 4.0


def live_and_die(
    executor: ExecutorRig, kills: int, seed: int, mutant: str = "", within_secs: float = 60.0
) -> bool:
    """Kill an executor so many times, let the last one end; return whether it settled before."""
    draw = np.random.default_rng(seed)
    executor.start(mutant=mutant)
    executor.open_trading()
    customer = Customer(executor, seed)
    for life in range(kills):
        if life:
            place = PLACES[life % len(PLACES)]
            executor.start(f"{place}=exit@{int(draw.integers(1, 6))}", mutant)
        deadline = time.monotonic() + float(draw.uniform(1.0, LONGEST_LIFE_SECS))
        while not executor.is_dead and time.monotonic() < deadline:
            customer.act()
            time.sleep(0.02)
        executor.kill()
    executor.start(mutant=mutant)
    settled = executor.settles(within_secs)
    customer.insist()
    settled = executor.comes_to_rest(within_secs) and settled
    assert executor.stop() == 0, executor.said[-4_000:]
    return settled
