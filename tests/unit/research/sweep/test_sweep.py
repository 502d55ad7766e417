"""A sweep's cells are backtests: the same orders, whatever the number of processes."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from maemae.domain.errors import InvalidValueError, ParameterError, StrategyError
from maemae.research.backtest import backtest
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.checking import checked_in_engine
from maemae.research.sweep.crew import best_first, local_crew
from maemae.research.sweep.field import Cell, Field, Machine, Runner, in_order
from maemae.research.sweep.grid import MOST_CELLS, Grid, cells_of, grid_from_texts
from maemae.research.sweep.plateau import describe_ridge, ridge_of
from maemae.research.sweep.score import Score, score_of_summary
from maemae.research.sweep.surface import render_surface
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.mean_reversion import MeanReversion
from maemae.strategy.panel import FIELDS, Panel
from tests.strategy_runs import raises
from tests.unit.research.test_report import Page

pytestmark = pytest.mark.thorough

GRID = {"fast": [3.0, 5.0], "slow": [15.0, 30.0]}


@pytest.fixture(scope="module")
def cells(field: Field) -> list[Cell]:
    return list(map(Runner(field).cell, CELLS))


CELLS = cells_of(grid_from_texts(GoldenCross, {"fast": "3,5", "slow": "15:30:15"}))


@pytest.mark.parametrize("machine", list(Machine))
def test_every_cell_is_the_backtest_of_its_parameters(field: Field, machine: Machine) -> None:
    runner = Runner(msgspec.structs.replace(field, machine=machine))

    for values in CELLS:
        cell = runner.cell(values)
        alone = backtest(GoldenCross(**values), field.panel, field.plan)
        assert (cell.values, cell.machine) == (values, machine)
        assert cell.score == score_of_summary(alone.summary)


def test_cells_on_several_cores_are_the_same(field: Field, cells: list[Cell]) -> None:
    with local_crew(Runner(field), field, 2) as crew:
        spread = list(crew(CELLS))

    assert spread == cells
    assert all(cell.machine is Machine.KERNEL for cell in spread)


def test_what_only_the_engine_knows_runs_in_processes_among_the_rest(
    field: Field, cells: list[Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_kernel = Runner.kernel_cell

    def some(runner: Runner, values: Values) -> Cell | None:
        return None if values == CELLS[1] else of_kernel(runner, values)

    monkeypatch.setattr(Runner, "kernel_cell", some)

    with local_crew(Runner(field), field, 2) as crew:
        spread = list(crew(CELLS))

    machines = [Machine.KERNEL, Machine.ENGINE, Machine.KERNEL, Machine.KERNEL]
    assert [cell.machine for cell in spread] == machines
    assert [cell.score for cell in spread] == [cell.score for cell in cells]


def test_a_universe_holds_in_the_kernel_too(field: Field) -> None:
    rng = np.random.default_rng(3)
    members = np.repeat(rng.random((len(field.panel.symbols), 13)) < 0.5, 20, axis=1)
    length = len(field.panel)
    some = field.panel.until(length).among(members[:, :length])
    limited = msgspec.structs.replace(field, panel=some)

    cell = Runner(limited).cell(CELLS[0])

    alone = backtest(GoldenCross(**CELLS[0]), some, field.plan)
    assert alone.turned_away > 0
    assert cell.machine is Machine.KERNEL
    assert cell.score == score_of_summary(alone.summary)


def test_a_strategy_that_the_kernel_does_not_know_runs_in_the_engine(field: Field) -> None:
    runner = Runner(msgspec.structs.replace(field, strategy="momentum", fixed={}))

    assert runner.beyond is not None
    assert "every()" in runner.beyond.en
    assert runner.cell({"hold": 5}).machine is Machine.ENGINE


def test_the_best_cell_is_believed_when_the_engine_agrees(field: Field, cells: list[Cell]) -> None:
    runner = Runner(field)
    false = msgspec.structs.replace(cells[0].score, end_equity=cells[0].score.end_equity + 1)

    assert checked_in_engine(runner, field, cells[0]).size == len(field.panel)
    with raises(StrategyError, "differs"):
        checked_in_engine(runner, field, msgspec.structs.replace(cells[0], score=false))


def test_bars_in_another_order_give_the_same_cells(field: Field, cells: list[Cell]) -> None:
    ranked = in_order(field.panel)
    assert ranked is field.panel
    turned = Panel(
        ranked.symbols[::-1],
        ranked.opened,
        ranked.known,
        {name: getattr(ranked, name)[::-1].copy() for name in FIELDS},
        ranked.basis,
    )

    assert Runner(msgspec.structs.replace(field, panel=turned)).cell(CELLS[0]) == cells[0]


def test_best_comes_first(cells: list[Cell]) -> None:
    ratios = [cell.score.sharpe or 0.0 for cell in best_first(cells)]

    assert ratios == sorted(ratios, reverse=True)


def test_grid_takes_lists_and_ranges_with_both_ends() -> None:
    whole = grid_from_texts(GoldenCross, {"fast": "5:20:5", "slow": "40, 20,20"})
    decimal = grid_from_texts(MeanReversion, {"oversold": "5:6:0.25"})

    assert whole == {"fast": [5, 10, 15, 20], "slow": [20, 40]}
    assert all(type(value) is int for values in whole.values() for value in values)
    assert decimal == {"oversold": [5.0, 5.25, 5.5, 5.75, 6.0]}
    assert len(cells_of(whole)) == 8


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({}, InvalidValueError),
        ({"fast": "20:5:5"}, InvalidValueError),
        ({"fast": "5:20:0"}, InvalidValueError),
        ({"fast": "5:20:5:1"}, InvalidValueError),
        ({"fats": "5"}, ParameterError),
        ({"fast": "5,1000"}, ParameterError),
        ({"fast": "a,b"}, ParameterError),
    ],
)
def test_grid_when_it_cannot_be_is_refused(
    texts: dict[str, str], error: type[InvalidValueError | ParameterError]
) -> None:
    with pytest.raises(error):
        grid_from_texts(GoldenCross, texts)


def test_grid_when_it_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=f"{MOST_CELLS:,}"):
        grid_from_texts(GoldenCross, {"fast": "2:60:1", "slow": "10:240:1"})


def test_surface_shows_a_tile_for_every_pair(cells: list[Cell]) -> None:
    page = Page(render_surface("GoldenCross", GRID, cells))

    assert page.open == []
    assert not page.tags["script"]
    assert len(page.values("td", "title")) == 4
    assert "fast ↓ · slow →" in page.visible


def test_surface_of_one_parameter_has_one_column(cells: list[Cell]) -> None:
    page = Page(render_surface("GoldenCross", {"fast": GRID["fast"]}, cells))

    assert len(page.values("td", "title")) == 2


def test_surface_of_three_parameters_has_a_map_for_each_value_of_the_third() -> None:
    grid: Grid = {"a": [1, 2], "b": [1, 2, 3], "c": [1, 2]}
    cells = [a_cell(values, 0.5) for values in cells_of(grid)]

    page = Page(render_surface("X", grid, cells))

    assert len(page.values("td", "title")) == 12
    assert "c 1" in page.visible
    assert "c 2" in page.visible


def test_tile_that_is_peak_and_plateau_has_both_marks() -> None:
    grid: Grid = {"a": [1, 2, 3], "b": [1, 2, 3]}
    cells = [
        a_cell(values, 2.0 if values == {"a": 1, "b": 1} else 0.1) for values in cells_of(grid)
    ]

    assert "2.00 ▲ ◆" in Page(render_surface("X", grid, cells)).visible


def a_cell(values: Values, sharpe: float | None) -> Cell:
    return Cell(values, Score(sharpe, 0.1, -0.1, 3, 2, 6, 6, 1_000, 11_000_000))


def test_ridge_tells_a_lonely_peak_from_a_plateau() -> None:
    grid: Grid = {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3]}
    heights = {(1, 1): 2.0, (4, 2): 1.2, (5, 2): 1.1, (4, 3): 1.1, (5, 3): 1.1, (4, 1): 1.0}
    cells = [
        a_cell(values, heights.get((int(values["a"]), int(values["b"])), 0.1))
        for values in cells_of(grid)
    ]

    ridge = ridge_of(grid, cells)

    assert ridge is not None
    assert (ridge.peak.values, ridge.is_lonely) == ({"a": 1, "b": 1}, True)
    assert ridge.plateau.values["a"] == 5
    assert "lonely" in describe_ridge(ridge).en


def test_ridge_of_cells_without_a_ratio_is_none() -> None:
    assert ridge_of({"a": [1]}, [a_cell({"a": 1}, None)]) is None
