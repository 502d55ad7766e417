"""How an order is divided (분할 매수·매도): in equal or weighted parts, by prices or over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, SupportsFloat, SupportsIndex

import msgspec

from maemae.domain.errors import InvalidValueError, StrategyError
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.parent import Slice
from maemae.strategy.order_pad import ppm, whole

__all__ = ["equal", "ladder", "twap", "weighted"]

MOST_PARTS: Final = 100
"""Parts of one order; more would be a strategy of its own."""


class Split(msgspec.Struct, frozen=True):
    """The parts of an order."""

    slices: tuple[Slice, ...]


def equal(parts: SupportsIndex, *, minutes: SupportsFloat | None = None) -> Split:
    """
    Divide into equal parts; the odd shares go to the first ones.

    Args:
        parts: How many [2 to 100].
        minutes: How long after the one before each leaves; once that one has ended unless given.

    Raises:
        StrategyError: There are too few parts, or too many.
        InvalidValueError: The time is no number above 0.
    """
    return weighted(*[1] * whole("parts", parts), minutes=minutes)


def weighted(*weights: SupportsIndex, minutes: SupportsFloat | None = None) -> Split:
    """Divide in proportion to whole weights: `weighted(1, 2, 3)`; otherwise as `equal`."""
    gap = None if minutes is None else _nanos(minutes)
    return _split(
        [Slice(whole("weight", weight), after=gap or 0, follows=gap is None) for weight in weights]
    )


def twap(parts: SupportsIndex, *, minutes: SupportsFloat) -> Split:
    """
    Divide into equal parts, spread evenly over a time: the first at once (TWAP).

    Parts wait while the market or the instrument stands still, and keep their distance then.

    Args:
        parts: How many [2 to 100].
        minutes: The whole time; each part leaves a part of it after the one before.

    Raises:
        StrategyError: There are too few parts, or too many; or less than a second lies between.
        InvalidValueError: The time is no number above 0.
    """
    count = whole("parts", parts)
    gap = _nanos(minutes) // count
    if gap < SECOND:
        raise StrategyError(
            f"{count}개로 나누면 간격이 1초보다 짧습니다. 시간을 늘리거나 수를 줄이세요.",
            f"{count} parts lie less than a second apart. Take more time or fewer parts.",
        )
    return _split([Slice(after=gap)] * count)


def ladder(*steps: float, weights: Sequence[SupportsIndex] | None = None) -> Split:
    """
    Place limit orders at several prices at once (가격 사다리).

    Args:
        steps: A float is a distance from the last price when the order begins: below it for a
            buy, above it for a sale [ratio]. An int is a price [won].
        weights: Share of each step in proportion to the others; equal unless given.

    Raises:
        StrategyError: There are too few steps or too many, or not as many weights.
        InvalidValueError: A number is out of range.
    """
    shares = [1] * len(steps) if weights is None else [whole("weight", each) for each in weights]
    if len(shares) != len(steps):
        raise StrategyError(
            f"가격은 {len(steps)}개인데 비중은 {len(shares)}개입니다. 수를 맞추세요.",
            f"There are {len(steps)} steps but {len(shares)} weights. Give one for each.",
        )
    return _split([_rung(step, share) for step, share in zip(steps, shares, strict=True)])


def _rung(step: float, weight: int) -> Slice:
    if isinstance(step, int):
        return Slice(weight, price=whole("price", step))
    return Slice(weight, beyond=ppm("step", step))


def _split(slices: list[Slice]) -> Split:
    if not 1 < len(slices) <= MOST_PARTS:
        raise StrategyError(
            f"{len(slices)}개로는 나눌 수 없습니다. 2~{MOST_PARTS}개로 나누세요.",
            f"An order cannot be divided into {len(slices)}; take 2 to {MOST_PARTS} parts.",
        )
    return Split(tuple(slices))


def _nanos(minutes: SupportsFloat) -> int:
    number = float(minutes)
    if not 0 < number <= 24 * 60:
        raise InvalidValueError(
            f"minutes 는 0보다 크고 하루보다 짧아야 합니다: {minutes!r}.",
            f"minutes must be above 0 and within a day, not {minutes!r}.",
        )
    return round(number * MINUTE)
