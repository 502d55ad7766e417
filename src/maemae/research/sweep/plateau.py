"""Whether the best cell of a grid is a lonely peak or part of a plateau."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from statistics import fmean

import msgspec

from maemae.domain.text import Text
from maemae.research.sweep.field import Cell
from maemae.research.sweep.grid import Grid

Spot = tuple[int, ...]
"""Place of a cell in its grid, a number a parameter."""


class Ridge(msgspec.Struct, frozen=True):
    """
    The highest cell, and the one whose surroundings are the highest.

    Attributes:
        peak: Cell with the highest Sharpe ratio.
        peak_around: Mean ratio of the peak and its neighbors.
        plateau: Cell with the highest mean ratio of itself and its neighbors.
        plateau_around: That mean.
    """

    peak: Cell
    peak_around: float
    plateau: Cell
    plateau_around: float

    @property
    def is_lonely(self) -> bool:
        """Whether the peak's neighbors reach less than half of it; a plateau's do more."""
        height = self.peak.score.sharpe or 0.0
        return height > 0 and self.peak_around < height / 2


def ridge_of(grid: Grid, cells: Sequence[Cell]) -> Ridge | None:
    """Return peak and plateau of a whole grid; None where no cell has a ratio."""
    spots = {_spot(grid, cell): cell for cell in cells if cell.score.sharpe is not None}
    if not spots:
        return None
    around = {spot: _around(spot, spots) for spot in spots}
    peak = max(spots, key=lambda spot: _ratio(spots[spot]))
    plateau = max(spots, key=lambda spot: around[spot])
    return Ridge(spots[peak], around[peak], spots[plateau], around[plateau])


def describe_ridge(ridge: Ridge) -> Text:
    """Return what peak and plateau say about the best cell."""
    height = ridge.peak.score.sharpe or 0.0
    peak, plateau = _words(ridge.peak), _words(ridge.plateau)
    if ridge.is_lonely:
        return Text(
            f"▲ 가장 높은 곳 {peak}: {height:.2f}, 이웃까지 평균 {ridge.peak_around:.2f}. 외딴 "
            f"봉우리는 우연일 때가 많습니다. ◆ 이웃까지 좋은 곳은 {plateau}: 평균 "
            f"{ridge.plateau_around:.2f}.",
            f"▲ The peak {peak}: {height:.2f}, with its neighbors {ridge.peak_around:.2f}. A "
            f"lonely peak is often luck. ◆ The best plateau is {plateau}: "
            f"{ridge.plateau_around:.2f} on average.",
        )
    return Text(
        f"▲ 가장 높은 곳 {peak}: {height:.2f}, 이웃까지 평균 {ridge.peak_around:.2f}. ◆ 이웃까지 "
        f"가장 좋은 곳 {plateau}: 평균 {ridge.plateau_around:.2f}.",
        f"▲ The peak {peak}: {height:.2f}, with its neighbors {ridge.peak_around:.2f}. ◆ The best "
        f"plateau {plateau}: {ridge.plateau_around:.2f} on average.",
    )


def _words(cell: Cell) -> str:
    return " ".join(f"{name}={value:g}" for name, value in cell.values.items())


def _spot(grid: Grid, cell: Cell) -> Spot:
    return tuple(values.index(cell.values[name]) for name, values in grid.items())


def _around(spot: Spot, spots: dict[Spot, Cell]) -> float:
    near = (
        tuple(place + step for place, step in zip(spot, steps, strict=True))
        for steps in product((-1, 0, 1), repeat=len(spot))
    )
    return fmean(_ratio(spots[each]) for each in near if each in spots)


def _ratio(cell: Cell) -> float:
    return cell.score.sharpe or 0.0
