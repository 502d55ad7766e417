"""The surface of a sweep: the Sharpe ratio over two parameters, as heat maps in one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

import msgspec

from maemae.domain.text import Language
from maemae.research.honesty.walk_forward import Values
from maemae.research.report import figures
from maemae.research.report.render import page
from maemae.research.report.words import words_in
from maemae.research.sweep.crew import best_first
from maemae.research.sweep.field import Cell
from maemae.research.sweep.grid import Grid
from maemae.research.sweep.plateau import Ridge, describe_ridge, ridge_of

_STEPS: Final = (0.25, 0.5, 1.0, 1.5)
_MOST_SLICES: Final = 24


class Tile(msgspec.Struct, frozen=True):
    """One tile of a map: its words, its CSS class."""

    value: str
    words: str
    tone: str


class Line(msgspec.Struct, frozen=True):
    """One row of a map."""

    label: str
    tiles: Sequence[Tile]


class Slice(msgspec.Struct, frozen=True):
    """One map: the values of the other parameters, and its rows; no title where none are."""

    title: str
    lines: Sequence[Line]


def render_surface(
    title: str, grid: Grid, cells: Sequence[Cell], language: Language = Language.KO
) -> str:
    """
    Return the surface as one HTML document.

    The first two parameters of the grid are the sides of a map, and each combination of the
    others is a map of its own; beyond `_MOST_SLICES` of them each tile shows the best.
    """
    names = list(grid)
    across = names[1] if len(names) > 1 else None
    ridge = ridge_of(grid, cells)
    return page(
        "surface.html",
        language,
        t=words_in(language),
        title=title,
        down=names[0],
        across=across or "",
        heads=[_number(value) for value in grid[across]] if across else [""],
        slices=_slices(grid, cells, ridge, language),
        verdict="" if ridge is None else describe_ridge(ridge).in_language(language),
        cells=len(cells),
        best=_best_rows(best_first(cells)[:20], names, language),
        names=names,
    )


def _slices(
    grid: Grid, cells: Sequence[Cell], ridge: Ridge | None, language: Language
) -> list[Slice]:
    others = {name: grid[name] for name in list(grid)[2:]}
    fixed: list[Values] = [
        dict(zip(others, chosen, strict=True)) for chosen in product(*others.values())
    ]
    if len(fixed) > _MOST_SLICES:
        fixed = [{}]
    return [
        Slice(
            " · ".join(f"{name} {_number(value)}" for name, value in each.items()),
            _lines(grid, [cell for cell in cells if each.items() <= cell.values.items()], ridge,
                   language),
        )
        for each in fixed
    ]  # fmt: skip


def _lines(
    grid: Grid, cells: Sequence[Cell], ridge: Ridge | None, language: Language
) -> list[Line]:
    names = list(grid)
    columns = grid[names[1]] if len(names) > 1 else [None]
    by_tile: dict[tuple[float, float | None], list[Cell]] = {}
    for cell in cells:
        other = cell.values[names[1]] if len(names) > 1 else None
        by_tile.setdefault((cell.values[names[0]], other), []).append(cell)
    return [
        Line(
            _number(value),
            [_tile(best_first(by_tile[value, other])[0], ridge, language) for other in columns],
        )
        for value in grid[names[0]]
    ]


def _tile(cell: Cell, ridge: Ridge | None, language: Language) -> Tile:
    score = cell.score
    ratio = score.sharpe
    step = sum(abs(ratio or 0.0) >= bound for bound in _STEPS) + 1
    tone = figures.direction(ratio)
    t = words_in(language)
    mark = ""
    if ridge is not None and cell is ridge.peak:
        mark += " ▲"
    if ridge is not None and cell is ridge.plateau:
        mark += " ◆"
    return Tile(
        figures.number(ratio, 2) + mark,
        f"{t['total_return']} {figures.percent(score.total_return, signed=True)} · "
        f"{t['max_drawdown']} {figures.percent(score.max_drawdown, 1)} · "
        f"{t['closed_trades']} {figures.number(score.trades)}",
        tone if tone == "flat" else f"{tone} s{step}",
    )


def _best_rows(cells: Sequence[Cell], names: Sequence[str], language: Language) -> list[list[str]]:
    return [
        [
            *(_number(cell.values[name]) for name in names),
            figures.number(cell.score.sharpe, 2),
            figures.percent(cell.score.total_return, signed=True),
            figures.percent(cell.score.max_drawdown, 1),
            figures.number(cell.score.trades),
            figures.won(cell.score.costs, language),
        ]
        for cell in cells
    ]


def _number(value: float) -> str:
    return figures.number(value, 0 if float(value).is_integer() else 2)
