"""
The executor at the emulated Kiwoom server against `kill -9`: at named places and at random ones.

The server is slow to show orders, loses answers, tells things twice, and refuses for their rate
orders that it takes all the same. It keeps no number of ours: an order belongs to whoever's book
knows its number. Every constant of the wall's clock runs ten times as fast as in earnest, so the
half second until an order shows stands for five.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import Rate
from maemae.emulators.kiwoom_rest.faults import Faults, LostReply
from tests.crash.executor_judge import Verdict, judge
from tests.crash.executor_lives import live_and_die, note
from tests.crash.kiwoom_street import HURRY, a_kiwoom_street

FAULTS: Final = Faults(
    tail=5 * SECOND // HURRY,
    lose_ppm=60_000,
    lost_reply=LostReply.SILENT,
    ghosts=True,
    duplicate_ppm=200_000,
    drop_ppm=50_000,
    late_by=SECOND // 50,
)
MUTANT_SEEDS: Final = (7, 8, 9, 10)
"""Where a kill falls is chance: a fault that one street does not show, the next ones do."""

SEEDS: Final = (20_261_130, 20_261_131, 20_261_132, 20_261_133)
"""Streets of five kills each."""

ORDER_RATE: Final = Rate(4, 4)
"""Below what the adapter keeps to, so that orders are refused for their rate."""


def run_lives(
    folder: Path, kills: int, seed: int, mutant: str = "", within_secs: float = 60.0
) -> Verdict:
    """Kill an executor so many times, let the last one settle and end, and judge."""
    settings = {"speed": 30, "faults": FAULTS, "order_rate": ORDER_RATE}
    with a_kiwoom_street(folder, **settings) as (server, executor):
        settled = live_and_die(executor, kills, seed, mutant, within_secs)
        verdict = judge(executor.database, Path(server.config.ledger), mode=Mode.PAPER)
        assert settled or verdict.faults or mutant, executor.said[-4_000:]
        return verdict


def test_kiwoom_executor_when_killed_twenty_times_sends_no_order_twice_and_loses_none(
    tmp_path: Path,
) -> None:
    """Two servers and executors at once: most of a life is spent waiting."""

    def live(seed: int) -> Verdict:
        folder = tmp_path / str(SEEDS.index(seed))  # short: a socket's path has an end
        folder.mkdir()
        return run_lives(folder, kills=5, seed=seed)

    with ThreadPoolExecutor(2) as streets:
        verdicts = list(streets.map(live, SEEDS))
    assert [(verdict.faults, verdict.held) for verdict in verdicts] == [([], 0)] * len(SEEDS)
    assert sum(verdict.orders for verdict in verdicts) > 20


@pytest.mark.soak
@pytest.mark.parametrize("mutant", ["send_before_saving", "send_again"])
def test_kiwoom_executor_when_it_is_wrong_on_purpose_is_found_out(
    tmp_path: Path, mutant: str
) -> None:
    for seed in MUTANT_SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        if run_lives(folder, kills=6, seed=seed, mutant=mutant, within_secs=25.0).faults:
            return
    raise AssertionError("the harness does not see the fault")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 11))
def test_kiwoom_executor_when_killed_two_hundred_times_sends_no_order_twice_and_loses_none(
    tmp_path: Path, seed: int
) -> None:
    """Twenty kills each; what a whole run came to is kept beside other evidence."""
    verdict = run_lives(tmp_path, kills=20, seed=seed)
    counts = (seed, 20, verdict.orders, verdict.doubts, verdict.held, len(verdict.faults))
    note("evidence-kiwoom-kills.tsv", *counts, verdict.faults)
    assert (verdict.faults, verdict.held) == ([], 0)
