"""
Indicator series: each instrument's bars folded through a kernel, and proved to be causal.

The proof cuts the future off at a few bars and compares bits: a value that changes when
later bars disappear has looked at them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from maemae.domain.errors import LookAheadError, StrategyError, StrategyRaisedError
from maemae.domain.ids import Symbol
from maemae.strategy.kernel import SINGLE, Argument, Floats, Kernel
from maemae.strategy.panel import Flags
from maemae.strategy.traded_bars import TradedBars

_PROVED_SYMBOLS = 8  # instruments on which a kernel is proved, spread over all
_PROVED_BARS = 2_000  # bars after warm-up within which the future is cut off
_CHEAP_BARS = 20_000  # up to here a cut right before the last bar costs next to nothing


class Spec(msgspec.Struct, frozen=True):
    """
    Which series: a kernel, what it reads, its arguments, and one of its outputs.

    Attributes:
        fields: Fields of the bar, in the order in which the kernel takes them.
        output: Number of the output.
    """

    kernel: Kernel
    fields: tuple[str, ...]
    args: tuple[Argument, ...]
    kwargs: tuple[tuple[str, Argument], ...]
    output: int = 0

    @property
    def label(self) -> str:
        """What messages call it, such as `bbands(20).upper`."""
        named = [f"{name}={value}" for name, value in self.kwargs]
        if self.fields != self.kernel.inputs:
            named.append(f"of={'/'.join(self.fields)}")
        text = f"{self.kernel.name}({', '.join([*map(str, self.args), *named])})"
        outputs = self.kernel.outputs
        return text if outputs == SINGLE else f"{text}.{outputs[self.output]}"

    @property
    def warmup(self) -> int:
        """Bars that the first value needs [bars]."""
        return self.kernel.warmup(*self.args, **dict(self.kwargs))


Operand = Spec | float


class SeriesStore:
    """The series of one run, each computed once, over the bars that traded."""

    def __init__(self, bars: TradedBars) -> None:
        self.bars = bars
        self._values: dict[Spec, Floats] = {}
        self._proved: set[Spec] = set()

    def extend(self, bars: TradedBars) -> None:
        """Go on over bars that begin with those so far; series are computed anew when asked for."""
        self.bars = bars
        self._values.clear()

    @property
    def nbytes(self) -> int:
        """Memory that the series take [bytes]."""
        return sum(values.nbytes for values in self._values.values())

    def forget(self) -> None:
        """Free the series; they are computed anew when asked for, and need no second proof."""
        self._values.clear()

    def values(self, operand: Operand) -> Floats | float:
        """Return a series [float64, shape (N,), NaN before its warm-up], or the number."""
        return self.series(operand) if isinstance(operand, Spec) else operand

    def series(self, spec: Spec) -> Floats:
        """
        Return a series [float64, shape (N,), NaN before its warm-up].

        Raises:
            LookAheadError: Its past changes when the future is cut off.
            StrategyError: The kernel returns something else than it declares.
            StrategyRaisedError: The kernel raised.
        """
        if spec not in self._values:
            for output, values in enumerate(self._folded(spec)):
                self._values[msgspec.structs.replace(spec, output=output)] = values
        return self._values[spec]

    def flags(self, condition: Condition) -> Flags:
        """Return where a condition is so [shape (N,)]."""
        return condition(self)

    def crossed(self, one: Operand, other: Operand, *, above: bool) -> Flags:
        """Return where one is beyond the other, and was not at the bar before [shape (N,)]."""
        left, right = self.values(one), self.values(other)
        if above:
            return np.greater(left, right) & self.before(np.less_equal(left, right))
        return np.less(left, right) & self.before(np.greater_equal(left, right))

    def before(self, flags: Flags) -> Flags:
        """Return what each instrument's bar before said; False for its first [shape (N,)]."""
        return self.bars.before(flags)

    def _folded(self, spec: Spec) -> list[Floats]:
        fields = [self.bars.field(name) for name in spec.fields]
        whole = _room(spec, int(self.bars.starts[-1]))
        for symbol, where in zip(self.bars.panel.symbols, self.bars.slices, strict=True):
            own = [values[where] for values in whole]
            _fold(spec, [values[where] for values in fields], symbol, own)
        if spec not in self._proved:
            self._prove_all(spec, fields, whole)
        return whole

    def _prove_all(self, spec: Spec, fields: list[Floats], whole: list[Floats]) -> None:
        """Prove a series on some instruments; once is enough, the future comes bar by bar."""
        long = np.flatnonzero(np.diff(self.bars.starts) > spec.warmup).tolist()
        for row in long[:: max(1, -(-len(long) // _PROVED_SYMBOLS))]:
            where, symbol = self.bars.slices[row], self.bars.panel.symbols[row]
            own = [values[where] for values in whole]
            _prove(spec, [values[where] for values in fields], own, symbol)
            self._proved.add(spec)


Condition = Callable[[SeriesStore], Flags]
"""The bars that traded on which something is so [shape (N,)]."""


def _room(spec: Spec, length: int) -> list[Floats]:
    """Return room for what a kernel returns of so many bars."""
    return [np.empty(length, np.float64) for _ in spec.kernel.outputs]


def _fold(spec: Spec, inputs: list[Floats], symbol: Symbol, into: list[Floats]) -> None:
    """Write what a kernel makes of the bars of one instrument."""
    length = len(inputs[0])
    warmup = spec.warmup
    if length < warmup:
        for values in into:
            values.fill(np.nan)
        return
    try:
        returned = spec.kernel(*inputs, *spec.args, **dict(spec.kwargs))
    except Exception as error:
        raise StrategyRaisedError(
            f"지표 {spec.label} 을(를) {symbol} 에서 계산하다 오류가 났습니다: "
            f"{type(error).__name__}: {error}",
            f"Indicator {spec.label} failed on {symbol}: {type(error).__name__}: {error}",
        ) from error
    arrays = returned if isinstance(returned, tuple) else (returned,)
    if [np.shape(each) for each in arrays] != [(length,)] * len(spec.kernel.outputs):
        raise StrategyError(
            f"지표 {spec.label} 은(는) 길이 {length} 인 배열 {len(spec.kernel.outputs)}개를 "
            f"돌려주어야 합니다. 받은 모양: {[np.shape(each) for each in arrays]}.",
            f"Indicator {spec.label} must return {len(spec.kernel.outputs)} array(s) of length "
            f"{length}; it returned {[np.shape(each) for each in arrays]}.",
        )
    for values, each in zip(into, arrays, strict=True):
        values[:] = each  # a copy: the kernel may hand back its input
        values[: warmup - 1] = np.nan


def _prove(spec: Spec, inputs: list[Floats], whole: list[Floats], symbol: Symbol) -> None:
    for cut in _cuts(len(inputs[0]), spec.warmup):
        # copies, so that a kernel finds no longer array behind the one it is given
        ahead = _room(spec, cut)
        _fold(spec, [values[:cut].copy() for values in inputs], symbol, ahead)
        for values, blind in zip(whole, ahead, strict=True):
            if not np.array_equal(_bits(values[:cut]), _bits(blind)):
                raise LookAheadError(
                    f"지표 {spec.label} 이(가) 미래를 봅니다: {symbol} 에서 봉 {cut}개까지만 "
                    "주면 과거 값이 달라집니다. 봉 i 의 값을 봉 0~i 로만 계산하세요.",
                    f"Indicator {spec.label} looks ahead: on {symbol} its past changes when the "
                    f"bars after {cut} are cut off. Compute value i from bars 0 to i only.",
                )


def _cuts(length: int, warmup: int) -> list[int]:
    near = min(length, warmup + _PROVED_BARS)
    cuts = {warmup, warmup + 1, (2 * warmup + near) // 3, (warmup + 2 * near) // 3, near - 1}
    if length <= _CHEAP_BARS:
        cuts.add(length - 1)
    return sorted(cut for cut in cuts if warmup <= cut < length)


def _bits(values: Floats) -> bytes:
    return np.where(np.isnan(values), np.nan, values).tobytes()
