"""Kernels: functions from whole price series to whole indicator series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from maemae.domain.errors import StrategyError

Floats = npt.NDArray[np.float64]
Argument = float | str

SINGLE: Final = ("value",)


class Kernel:
    """
    A causal function of one instrument's bars, and how many of them its first value needs.

    It may be called with arrays like the function that it wraps, so that kernels compose.

    Attributes:
        name: What it is called in messages.
        inputs: Fields of the bar it reads unless told otherwise.
        outputs: Names of the series that it returns.
    """

    def __init__(
        self,
        function: Callable[..., Floats | tuple[Floats, ...]],
        warmup: Callable[..., int],
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
    ) -> None:
        self._function = function
        self._warmup = warmup
        self.name = function.__name__
        self.inputs = inputs
        self.outputs = outputs
        self.__doc__ = function.__doc__

    def __call__(self, *args: Floats | Argument, **kwargs: Argument) -> Floats | tuple[Floats, ...]:
        """Apply it to arrays: the inputs first, then the arguments."""
        return self._function(*args, **kwargs)

    def warmup(self, *args: Argument, **kwargs: Argument) -> int:
        """
        Return how many bars the first value needs [bars, >= 1].

        Raises:
            StrategyError: The kernel declares less than one bar.
        """
        bars: object = self._warmup(*args, **kwargs)
        if not isinstance(bars, int) or bars < 1:
            raise StrategyError(
                f"지표 {self.name} 의 준비 봉 수가 {bars!r} 입니다. 1 이상의 정수를 돌려주세요.",
                f"Indicator {self.name} declares {bars!r} bars of warm-up. Return an int >= 1.",
            )
        return bars


def kernel(
    *,
    warmup: Callable[..., int],
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...] = SINGLE,
) -> Callable[[Callable[..., Floats | tuple[Floats, ...]]], Kernel]:
    """
    Make a kernel of a function `f(array, *args) -> array`.

    The value at bar i may depend on bars 0 to i only; every run proves it by cutting the
    future off and comparing bits.

    Args:
        warmup: The same arguments to the number of bars the first value needs [bars].
        inputs: Fields of the bar that are passed first, one float64 array each, read-only:
            open, high, low, close, volume, or day for the number of the bar's day.
        outputs: Names of the returned arrays; give more than one for a tuple of arrays.

    Example:
        >>> @kernel(warmup=lambda period: period + 1)
        ... def change(close: Floats, period: int) -> Floats:
        ...     return np.concatenate([np.full(period, np.nan), close[period:] - close[:-period]])
        >>> change.warmup(3)
        4
    """

    def wrap(function: Callable[..., Floats | tuple[Floats, ...]]) -> Kernel:
        return Kernel(function, warmup, inputs, outputs)

    return wrap
