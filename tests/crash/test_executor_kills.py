"""
The executor against `kill -9`: at named places and at random ones, with a broker that is slow,
loses answers and tells things twice. The broker's own ledger judges.

Every constant of the wall's clock runs twenty times as fast as in earnest, so that a life takes
seconds. The broker shows an order up to 1.5 s after it took it, longer than a restart takes:
with a quicker one, an executor that does not wait would pass for sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from maemae.brokers.sim.messages import Faults, LostReply
from maemae.domain.instant import SECOND
from tests.brokers.sim_rig import SimRig, make_market
from tests.crash.executor_judge import Verdict, judge
from tests.crash.executor_lives import PLACES, live_and_die, note
from tests.crash.executor_rig import ExecutorRig

REPOSITORY: Final = Path(__file__).parents[2]
MUTANT_SEEDS: Final = (7, 8, 9, 10)
"""Where a kill falls is chance: a fault that one street does not show, the next ones do."""

FAULTS: Final = Faults(
    tail=3 * SECOND // 2,
    lose_ppm=60_000,
    lost_reply=LostReply.SILENT,
    duplicate_ppm=200_000,
    late_by=SECOND // 50,
)


@contextmanager
def a_street(folder: Path) -> Iterator[tuple[SimRig, ExecutorRig]]:
    """Give a broker that runs and the executor's folder."""
    broker = SimRig(
        folder, make_market(folder / "catalogue"), speed=30, quiet_period=2 * SECOND, faults=FAULTS
    )
    broker.start()
    executor = ExecutorRig(folder / "home", broker.address.port)
    try:
        yield broker, executor
    finally:
        executor.kill()
        broker.stop()


def run_lives(
    folder: Path,
    kills: int,
    seed: int,
    mutant: str = "",
    within_secs: float = 60.0,
    deaths: Counter[str] | None = None,
) -> Verdict:
    """Kill an executor so many times, let the last one settle and end, and judge."""
    with a_street(folder) as (broker, executor):
        settled = live_and_die(executor, kills, seed, mutant, within_secs, deaths)
        verdict = judge(executor.database, Path(broker.config.ledger))
        assert settled or verdict.faults or mutant, executor.said[-4_000:]
        return verdict


@pytest.mark.parametrize("place", PLACES)
def test_place_where_an_executor_dies_is_there(place: str) -> None:
    sources = (REPOSITORY / "src" / "maemae").rglob("*.py")
    assert any(f'hit("{place}")' in source.read_text() for source in sources)


def test_executor_when_killed_twenty_times_sends_no_order_twice_and_loses_none(
    tmp_path: Path,
) -> None:
    verdict = run_lives(tmp_path, kills=20, seed=20_261_123)
    assert verdict.faults == []
    assert verdict.orders > 40


@pytest.mark.parametrize("mutant", ["send_before_saving", "send_again", "believe_at_once"])
def test_executor_when_it_is_wrong_on_purpose_is_found_out(tmp_path: Path, mutant: str) -> None:
    for seed in MUTANT_SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        if run_lives(folder, kills=6, seed=seed, mutant=mutant, within_secs=8.0).faults:
            return
    raise AssertionError("the harness does not see the fault")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 26))
def test_executor_when_killed_five_hundred_times_sends_no_order_twice_and_loses_none(
    tmp_path: Path, seed: int
) -> None:
    """Twenty kills each; `docs/evidence` keeps what a whole run came to."""
    deaths = Counter[str]()
    verdict = run_lives(tmp_path, kills=20, seed=seed, deaths=deaths)
    counts = (seed, 20, verdict.orders, verdict.doubts, verdict.held, len(verdict.faults))
    note("evidence-executor-kills.tsv", *counts, verdict.faults, dict(deaths))
    assert verdict.faults == []
