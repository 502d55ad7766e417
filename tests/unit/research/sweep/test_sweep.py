"""A sweep's cells are backtests: the same orders, whatever the number of processes."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.errors import InvalidValueError, ParameterError
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.research.backtest import BacktestPlan, backtest
from maemae.research.sweep.grid import MOST_CELLS, cells_of, grid_from_texts
from maemae.research.sweep.run import Cell, Field, best_first, sweep
from maemae.research.sweep.surface import render_surface
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.mean_reversion import MeanReversion
from tests.bar_frames import a_spec
from tests.unit.research.test_report import Page

SYMBOLS = [Symbol(f"Z{number:04d}0") for number in range(1, 9)]
GRID = {"fast": [3.0, 5.0], "slow": [15.0, 30.0]}


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Field:
    first, last = date(2022, 1, 3), date(2022, 12, 29)
    market = synthetic_market(5, first=first, last=last, symbols=SYMBOLS)
    catalogue = Catalogue(tmp_path_factory.mktemp("home"))
    catalogue.import_frame(market.bars, a_spec(PriceBasis.RAW), "here", market.master)
    plan = BacktestPlan(instruments=catalogue.instruments("sample"))
    return Field("golden_cross", {"fast": 10, "slow": 30}, catalogue.panel("sample"), plan)


@pytest.fixture(scope="module")
def cells(field: Field) -> list[Cell]:
    return list(sweep(field, CELLS))


CELLS = cells_of(grid_from_texts(GoldenCross, {"fast": "3,5", "slow": "15:30:15"}))


def test_every_cell_is_the_backtest_of_its_parameters(field: Field, cells: list[Cell]) -> None:
    for values, cell in zip(CELLS, cells, strict=True):
        alone = backtest(GoldenCross(**values), field.panel, field.plan)
        assert cell.values == values
        assert cell.order_hash == alone.order_hash
        assert cell.summary == alone.summary
    assert len({cell.order_hash for cell in cells}) == len(CELLS)


def test_cells_in_several_processes_are_the_same(field: Field, cells: list[Cell]) -> None:
    seen: list[int] = []

    spread = list(sweep(field, CELLS, 2, seen.append))

    assert [cell.order_hash for cell in spread] == [cell.order_hash for cell in cells]
    assert seen == [0, 1, 2, 3]


def test_best_comes_first(cells: list[Cell]) -> None:
    ratios = [cell.summary.sharpe or 0.0 for cell in best_first(cells)]

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
