"""The surface of a sweep: the Sharpe ratio over two parameters, as a heat map in one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.domain.text import Language
from maemae.research.report import figures
from maemae.research.report.render import environment, policy, resource
from maemae.research.report.words import words_in
from maemae.research.sweep.grid import Grid
from maemae.research.sweep.run import Cell, best_first

_STEPS: Final = (0.25, 0.5, 1.0, 1.5)


class Tile(msgspec.Struct, frozen=True):
    """One tile of the map: its words, its CSS class."""

    value: str
    words: str
    tone: str


class Line(msgspec.Struct, frozen=True):
    """One row of the map."""

    label: str
    tiles: Sequence[Tile]


def render_surface(
    title: str, grid: Grid, cells: Sequence[Cell], language: Language = Language.KO
) -> str:
    """
    Return the surface as one HTML document.

    The first two parameters of the grid are its sides; of any others each tile shows the best.
    """
    css = resource("report.css")
    names = list(grid)
    across = names[1] if len(names) > 1 else None
    return (
        environment(language)
        .get_template("surface.html")
        .render(
            lang="ko" if language is Language.KO else "en",
            t=words_in(language),
            policy=policy(css, ""),
            css=css,
            title=title,
            down=names[0],
            across=across or "",
            heads=[figures.number(value, _digits(value)) for value in grid[across]]
            if across
            else [""],
            lines=_lines(grid, cells, language),
            cells=len(cells),
            best=_best_rows(best_first(cells)[:20], language),
            names=names,
        )
    )


def _lines(grid: Grid, cells: Sequence[Cell], language: Language) -> list[Line]:
    names = list(grid)
    columns = grid[names[1]] if len(names) > 1 else [None]
    lines = []
    for value in grid[names[0]]:
        tiles = []
        for other in columns:
            alike = [
                cell
                for cell in cells
                if cell.values[names[0]] == value
                and (other is None or cell.values[names[1]] == other)
            ]
            tiles.append(_tile(best_first(alike)[0], language))
        lines.append(Line(figures.number(value, _digits(value)), tiles))
    return lines


def _tile(cell: Cell, language: Language) -> Tile:
    ratio = cell.summary.sharpe
    step = sum(abs(ratio or 0.0) >= bound for bound in _STEPS) + 1
    tone = figures.direction(ratio)
    t = words_in(language)
    return Tile(
        figures.number(ratio, 2),
        f"{t['total_return']} {figures.percent(cell.summary.total_return, signed=True)} · "
        f"{t['max_drawdown']} {figures.percent(cell.summary.max_drawdown, 1)} · "
        f"{t['closed_trades']} {figures.number(cell.summary.trades.count)}",
        tone if tone == "flat" else f"{tone} s{step}",
    )


def _best_rows(cells: Sequence[Cell], language: Language) -> list[list[str]]:
    return [
        [
            *(figures.number(value, _digits(value)) for value in cell.values.values()),
            figures.number(cell.summary.sharpe, 2),
            figures.percent(cell.summary.total_return, signed=True),
            figures.percent(cell.summary.max_drawdown, 1),
            figures.number(cell.summary.trades.count),
            figures.won(cell.summary.commission + cell.summary.tax, language),
        ]
        for cell in cells
    ]


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() else 2
