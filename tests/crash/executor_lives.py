"""Lives of one executor: killed at named places and at random moments, then left in peace."""

from __future__ import annotations

import time
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np

from maemae.domain.terms import TradingState
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
    "snapshot.before",
    "snapshot.after",
)
"""Where the executor dies, in turn; every third life ends at a random moment instead."""

ANY_TIME: Final = "any time"

LONGEST_LIFE_SECS: Final = 4.0
EVIDENCE: Final = Path(__file__).parents[2] / "var"
"""Where a long run leaves what it came to, one line a seed; `docs/evidence` keeps whole runs."""

PLACE_SECS: Final = 6.0
"""How long a life that takes commands may go on until it comes to its place."""

STARTS_WITHIN_SECS: Final = 60.0

UP_WITHIN_SECS: Final = 15.0
"""How long a life that is to trade may take to come up; it is killed then all the same."""


def live_and_die(
    executor: ExecutorRig,
    kills: int,
    seed: int,
    mutant: str = "",
    within_secs: float = 60.0,
    deaths: Counter[str] | None = None,
) -> bool:
    """
    Kill an executor so many times, let the last one end; return whether it settled before.

    Args:
        executor: Not started yet.
        kills: How many.
        seed: Of all that is left to chance.
        mutant: Which of `MUTANTS` it is; empty for a sound one.
        within_secs: How long the last one may take to settle.
        deaths: Where it died is counted here.
    """
    deaths = Counter() if deaths is None else deaths
    draw = np.random.default_rng(seed)
    executor.start(mutant=mutant)
    executor.open_trading()
    customer = Customer(executor, seed)
    places = cycle(PLACES)
    for life in range(kills):
        place = next(places) if life % 3 else ANY_TIME
        if life:
            dies = "" if place is ANY_TIME else f"{place}=exit@{_hit(draw)}"
            executor.start(dies, mutant)
        longest = float(draw.uniform(1.0, LONGEST_LIFE_SECS))
        if place is not ANY_TIME:
            longest = PLACE_SECS
            _wait_for_an_answer(executor)
        elif life % 2:
            _wait_until_it_trades(executor)
        deadline = time.monotonic() + longest
        while not executor.is_dead and time.monotonic() < deadline:
            customer.act()
            time.sleep(0.02)
        deaths[place if executor.is_dead else ANY_TIME] += 1
        executor.kill()
    executor.start(mutant=mutant)
    settled = executor.settles(within_secs)
    customer.insist()
    settled = executor.comes_to_rest(within_secs) and settled
    assert executor.stop() == 0, executor.said[-4_000:]
    return settled


def _hit(draw: np.random.Generator) -> int:
    """Return at which visit of its place it dies: on its way up, or later, while it trades."""
    return int(draw.integers(1, 6) if draw.random() < 0.5 else draw.integers(6, 40))


def _wait_until_it_trades(executor: ExecutorRig) -> None:
    """Return once recovery has ended or has taken long: dying in it proves little else."""
    deadline = time.monotonic() + UP_WITHIN_SECS
    while not executor.is_dead and time.monotonic() < deadline:
        status = executor.status()
        if status is not None and status.trading_state is TradingState.ACTIVE:
            return
        time.sleep(0.05)


def _wait_for_an_answer(executor: ExecutorRig) -> None:
    """Return once an executor takes commands, or is dead."""
    deadline = time.monotonic() + STARTS_WITHIN_SECS
    while executor.status() is None and not executor.is_dead:
        assert time.monotonic() < deadline, executor.said[-4_000:]
        time.sleep(0.05)


def note(name: str, *cells: object) -> None:
    """Add a line to a file of evidence."""
    EVIDENCE.mkdir(exist_ok=True)
    with (EVIDENCE / name).open("a") as log:
        log.write("\t".join(map(str, cells)) + "\n")
