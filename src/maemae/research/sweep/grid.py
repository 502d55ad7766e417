"""The grid of a sweep: which values each parameter takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Final

from maemae.domain.errors import InvalidValueError
from maemae.research.honesty.walk_forward import Values
from maemae.strategy.author import Strategy
from maemae.strategy.parameters import AnyParam, find_param

MOST_CELLS: Final = 10_000
"""Largest grid; more is a search, not a sweep."""

Grid = Mapping[str, Sequence[float]]
"""Values by parameter, each rising and once."""


def grid_from_texts(kind: type[Strategy], texts: Mapping[str, str]) -> Grid:
    """
    Return the grid that a person typed: `fast` to `5,10,15` or `5:20:5`, both ends included.

    Raises:
        ParameterError: A name is unknown, or a value is no number or out of range.
        InvalidValueError: Nothing is asked for, a range does not rise, or there are more than
            `MOST_CELLS` combinations.
    """
    if not texts:
        raise InvalidValueError(
            "훑을 매개변수를 주세요: --grid fast=5,10,15 --grid slow=20:60:10",
            "Say what to sweep: --grid fast=5,10,15 --grid slow=20:60:10",
        )
    grid = {name: _values(find_param(kind, name), text) for name, text in texts.items()}
    cells = prod(len(values) for values in grid.values())
    if cells > MOST_CELLS:
        raise InvalidValueError(
            f"조합이 {cells:,}개입니다. {MOST_CELLS:,}개 아래로 줄이세요.",
            f"There are {cells:,} combinations. Bring them below {MOST_CELLS:,}.",
        )
    return grid


def cells_of(grid: Grid) -> list[Values]:
    """Return every combination, the last parameter turning fastest."""
    return [dict(zip(grid, chosen, strict=True)) for chosen in product(*grid.values())]


def _values(param: AnyParam, text: str) -> list[float]:
    if ":" not in text:
        return sorted({param.from_text(each.strip()) for each in text.split(",")})
    first, last, *step = (each.strip() for each in text.split(":"))
    low, high = param.from_text(first), param.from_text(last)
    by = param.kind(step[0]) if step and _is_number(step[0]) else param.kind(1)
    if by <= 0 or high < low or len(step) > 1:
        raise InvalidValueError(
            f"{param.name}={text} 은(는) 범위가 아닙니다. 처음:끝:간격, 예: 5:20:5 로 쓰세요.",
            f"{param.name}={text} is no range. Write first:last:step, such as 5:20:5.",
        )
    count = int((high - low) / by + 1e-9) + 1
    return [param.checked(param.kind(round(low + n * by, 9))) for n in range(count)]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
