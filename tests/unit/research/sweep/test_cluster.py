"""A sweep on a Dask cluster of real processes, one of which is killed in the midst of it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from distributed import LocalCluster

from maemae.domain.errors import ConfigError
from maemae.research.sweep.cluster import cluster_crew
from maemae.research.sweep.field import Field, Machine, Runner
from maemae.research.sweep.grid import cells_of
from tests.strategy_runs import raises
from tests.waiting import until

pytestmark = pytest.mark.thorough

SOURCE = """
import os
from pathlib import Path
from time import sleep

from maemae import Strategy, param, ta


class Slow(Strategy):
    fast = param(10, low=2, high=60)

    def setup(self):
        with Path({log!r}).open("a") as file:
            file.write(f"{{os.getpid()}} {{self.fast}}\\n")
        sleep(0.05)
        fast = self.indicator(ta.sma, self.fast)
        self.when(self.indicator(ta.last).crosses_above(fast), self.enter)
        self.when(self.indicator(ta.last).crosses_below(fast), self.close)

    def enter(self, symbol):
        self.buy(symbol, weight=0.2)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    made: Any = LocalCluster
    with made(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    field: Field, cluster: LocalCluster, tmp_path: Path
) -> None:
    log, own = tmp_path / "log", tmp_path / "my.py"
    own.write_text(SOURCE.format(log=str(log)), "utf-8")
    ours = msgspec.structs.replace(field, strategy=f"{own}:Slow", fixed={})
    cells = cells_of({"fast": list(range(2, 42))})
    expected = list(map(Runner(ours).cell, cells))
    log.write_text("", "utf-8")

    with cluster_crew(ours, cluster.scheduler_address) as crew:
        coming = crew(cells)
        found = [next(coming)]
        victim = int(log.read_text("utf-8").split()[0])
        os.kill(victim, signal.SIGKILL)
        ran_by_then = log.read_text("utf-8").count("\n")
        found += coming

    assert ran_by_then < len(cells)  # it was in the midst
    assert found == expected
    assert {int(line.split()[0]) for line in log.read_text("utf-8").splitlines()} > {victim}


def test_workers_run_the_kernel_with_a_bundled_strategy(
    field: Field, cluster: LocalCluster
) -> None:
    cells = cells_of({"fast": [3, 5], "slow": [20, 40]})

    with cluster_crew(field, cluster.scheduler_address) as crew:
        found = list(crew(cells))

    assert found == list(map(Runner(field).cell, cells))
    assert {cell.machine for cell in found} == {Machine.KERNEL}


def test_an_address_that_does_not_answer_is_named(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maemae.research.sweep.cluster._PATIENCE", 0.3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"

    for wrong in (address, "nowhere"):
        with raises(ConfigError, wrong, "dask scheduler"), cluster_crew(field, wrong):
            pass


def test_a_cluster_whose_workers_have_gone_says_so(field: Field, cluster: LocalCluster) -> None:
    unknown: Any = cluster.scale  # Dask says nothing of its types
    unknown(0)
    until(lambda: not cluster.scheduler_info["workers"])

    with (
        raises(ConfigError, "no worker"),
        cluster_crew(field, cluster.scheduler_address),
    ):
        pass
