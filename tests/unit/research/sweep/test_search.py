"""A search that Optuna leads: reproducible, resumable, shared, and every trial counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from maemae import Strategy
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.field import Cell
from maemae.research.sweep.score import Score
from maemae.research.sweep.search import Search, search
from maemae.strategies.golden_cross import GoldenCross
from tests.strategy_runs import raises

pytestmark = pytest.mark.thorough


class Hill:
    """A crew whose cells are the better, the nearer they are to fast 20 and slow 100."""

    def __init__(self) -> None:
        self.ran: list[Values] = []

    def __call__(self, cells: Sequence[Values]) -> Iterator[Cell]:
        for values in cells:
            self.ran.append(values)
            away = abs(values["fast"] - 20) / 20 + abs(values["slow"] - 100) / 100
            yield Cell(values, Score(1 - away, 0.1, -0.1, 3, 2, 6, 6, 1_000, 11_000_000))


def asked(trials: int, storage: str | None = None, seed: int = 1) -> Search:
    return Search(trials, storage, "study", seed, 4)


def test_search_finds_what_is_good_and_keeps_inside_of_the_ranges() -> None:
    hill, seen = Hill(), list[int]()

    found = search(GoldenCross, {}, asked(60), hill, seen.append)

    assert max(cell.score.sharpe or 0.0 for cell in found) > 0.7
    assert all(2 <= cell.values["fast"] <= 60 for cell in found)
    assert seen == list(range(60))
    assert len(found) == len(hill.ran)  # nothing is run twice


def test_search_of_a_grid_chooses_among_its_values() -> None:
    found = search(GoldenCross, {"fast": [5, 10], "slow": [20, 40]}, asked(30), Hill())

    cells = {(cell.values["fast"], cell.values["slow"]) for cell in found}
    assert cells <= {(5, 20), (5, 40), (10, 20), (10, 40)}
    assert len(found) == len(cells)


def test_search_of_one_seed_proposes_the_same() -> None:
    first, second, third = Hill(), Hill(), Hill()
    search(GoldenCross, {}, asked(12), first)
    search(GoldenCross, {}, asked(12), second)
    search(GoldenCross, {}, asked(12, seed=2), third)

    assert first.ran == second.ran
    assert first.ran != third.ran


def test_search_goes_on_where_it_was_and_shares_what_others_found(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'search.db'}"
    first, second = Hill(), Hill()
    before = search(GoldenCross, {}, asked(8, storage), first)

    whole = search(GoldenCross, {}, asked(20, storage, seed=2), second)

    assert len(first.ran) <= 8
    assert len(second.ran) <= 12
    assert len(whole) == len(first.ran) + len(second.ran)
    assert {str(cell.values) for cell in before} < {str(cell.values) for cell in whole}
    assert search(GoldenCross, {}, asked(20, storage), third := Hill()) == whole
    assert third.ran == []


@pytest.mark.parametrize("storage", ["sqlite:////no/such/folder/x.db", "nonsense", "mysql://x/y"])
def test_search_when_its_storage_cannot_be_reached_says_so(storage: str) -> None:
    with raises(StorageError, storage.split(":")[0]):
        search(GoldenCross, {}, asked(2, storage), Hill())


def test_search_of_a_strategy_without_parameters_is_refused() -> None:
    class Nothing(Strategy):
        pass

    with raises(InvalidValueError, "no parameters"):
        search(Nothing, {}, asked(2), Hill())
