"""The same strategy on the same bars sends the same orders, however and wherever it is run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from maemae.research.backtest import BacktestResult
from tests.architecture.source_tree import REPOSITORY
from tests.golden.runs import CASES, STRATEGIES, bars, expected, golden, run, sparse

SUBSET = 40


def money(result: BacktestResult) -> tuple[object, ...]:
    """Return what a book owns; the rest of it is of the last session that was visited."""
    (sleeve,) = result.state.sleeves.values()
    return sleeve.cash, sleeve.realized, sleeve.commission, sleeve.tax, sleeve.positions


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_orders_are_those_that_were_kept(strategy: str, dataset: str) -> None:
    found = golden(sparse(strategy, dataset))

    assert found == expected()[f"{strategy}-{dataset}"], "python -m tests.golden.update"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_orders_when_run_again_are_the_same(strategy: str) -> None:
    again = run(strategy, bars("synthetic"))

    assert again.order_hash == sparse(strategy, "synthetic").order_hash
    assert again.book_hash == sparse(strategy, "synthetic").book_hash


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_orders_when_every_bar_is_visited_are_the_same(strategy: str, dataset: str) -> None:
    some = bars(dataset, SUBSET)

    dense, sparse_run = run(strategy, some, dense=True), run(strategy, some)

    assert dense.orders > 0
    assert dense.order_hash == sparse_run.order_hash
    assert money(dense) == money(sparse_run)


@pytest.mark.parametrize(
    ("strategy", "hash_seed"), [*((name, "4242") for name in STRATEGIES), ("golden_cross", "1")]
)
def test_orders_in_another_process_with_another_hash_seed_are_the_same(
    strategy: str, hash_seed: str
) -> None:
    command = [sys.executable, "-m", "tests.golden.runs", strategy, "synthetic"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}

    told = subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert told.stdout == sparse(strategy, "synthetic").order_hash
